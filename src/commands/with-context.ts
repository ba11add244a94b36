/** What commands on the database share: an orderly end, the open context for as long as they run, and counts in words. */
import { loadConfig } from '../config.ts';
import { type Context, openContext } from '../context.ts';
import type { Closer } from '../process.ts';

/** Runs a command on a running Paperboy's database, or on one started for it. Topics are there for any of them to use. */
export async function withContext<T>(run: (ctx: Context, closers: Closer[]) => Promise<T>): Promise<T> {
  return withClosers(async (closers) => {
    const { ctx, close } = await openContext(loadConfig(), {
      mode: 'attach',
      say: (sentence) => console.error(sentence),
    });
    closers.push(close);
    return run(ctx, closers);
  });
}

/**
 * Closes what `run` adds to `closers` at its end, newest first. Ctrl-C does so before the process ends,
 * so that no embedded Postgres is left behind.
 */
export async function withClosers<T>(run: (closers: Closer[]) => Promise<T>): Promise<T> {
  const closers: Closer[] = [];
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
    return await run(closers);
  } finally {
    await end();
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
  }
}

/** "1 paper", "12,345 papers" */
export function countOf(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
