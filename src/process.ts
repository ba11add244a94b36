/** The life of a long-running process: start, a signal, an orderly end within a few seconds. */
import { startedByNpm } from './config.ts';
import { AppError, describeFault, stackOf } from './errors.ts';

export type Closer = () => unknown;

/** Ctrl-C has to end within 5 s whatever hangs; what is cut off is picked up at the next start. */
const END_WITHIN_MS = 4500;

/**
 * Runs `start`, which adds to `closers` whatever must be closed at the end, newest first, and leaves off what takes long
 * once `ending` fires. An AppError ends the process with its sentence alone; anything else with its stack.
 */
export async function runProcess(
  name: string,
  start: (closers: Closer[], ending: AbortSignal) => Promise<void>,
): Promise<void> {
  const closers: Closer[] = [];
  const interruption = new AbortController();
  let ending = false;
  let starting: Promise<void> = Promise.resolve();
  const end = async (exitCode: number) => {
    if (ending) return;
    ending = true;
    interruption.abort(new AppError('INTERRUPTED', `${name} was ended.`));
    setTimeout(() => process.exit(exitCode || 1), END_WITHIN_MS).unref();
    // A signal during the start: what is being opened must be known before it can be closed.
    await starting.catch(() => {});
    for (const closer of closers.reverse()) {
      try {
        await closer();
      } catch (error) {
        console.error(`Closing was not orderly: ${describeFault(error)}`);
      }
    }
    process.exit(exitCode);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!ending) console.log(`\nEnding ${name} …`);
      void end(0);
    });
  }
  if (startedByNpm()) onParentGone(() => end(0));
  starting = start(closers, interruption.signal);
  try {
    await starting;
  } catch (error) {
    if (!ending) console.error(describeError(error));
    await end(1);
  }
}

/**
 * A signal to `npm start` ends npm's shell and is not passed on by it, which would leave this process running
 * with nobody knowing. That the parent is another one is all that can be seen of it.
 */
function onParentGone(act: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, 250);
  timer.unref();
}

/** One sentence for what an operator can mend, the stack for what they can't. */
export function describeError(error: unknown): string {
  if (error instanceof AppError) return error.message;
  return error instanceof Error ? `${describeFault(error)}\n${stackOf(error)}` : String(error);
}
