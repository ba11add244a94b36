/** What all commands share: the open context for as long as they run, and a progress bar. */
import { Presets, SingleBar } from 'cli-progress';
import { loadConfig } from '../config.ts';
import { type Context, openContext } from '../context.ts';
import type { Closer } from '../process.ts';

/**
 * Runs a command on a running Paperboy's database, or on one started for it. Topics are there for any of them to use.
 * Ctrl-C closes what is open before the process ends, so that no embedded Postgres is left behind.
 */
export async function withContext<T>(run: (ctx: Context, closers: Closer[]) => Promise<T>): Promise<T> {
  const { ctx, close } = await openContext(loadConfig(), {
    mode: 'attach',
    say: (sentence) => console.error(sentence),
  });
  const closers: Closer[] = [close];
  const end = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  const interrupted = () => {
    console.error('\nInterrupted. What was done so far is kept.');
    void end().finally(() => process.exit(130));
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    return await run(ctx, closers);
  } finally {
    await end();
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
  }
}

export interface Progress {
  update(done: number, total?: number): void;
  stop(): void;
}

/** A bar on a terminal, nothing where standard error goes to a file. */
export function showProgress(what: string, total: number): Progress {
  const bar = new SingleBar(
    {
      format: `${what} {bar} {percentage}% · {value}/{total} · {eta_formatted} left`,
      hideCursor: true,
      clearOnComplete: false,
      stream: process.stderr,
    },
    Presets.shades_classic,
  );
  if (!process.stderr.isTTY) return { update() {}, stop() {} };
  bar.start(total, 0);
  return {
    update(done, newTotal) {
      if (newTotal !== undefined) bar.setTotal(newTotal);
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}

/** "1 paper", "12,345 papers" */
export function countOf(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
