/** Several worker processes on one machine: one core each, and one that dies is started again. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { RunningWorker } from './worker.ts';

/** Says to `main.ts` that it is one of several. */
export const ONE_OF_SEVERAL = '--one-of-several';

/**
 * Room for what is young, in MB: a mail is some 40 KB of text that nobody needs a moment later, and with the 16 that Node
 * gives, a fifth of a worker's time goes into looking through it. And what is old is looked through once it has doubled:
 * left to itself, V8 lets it grow fourfold while there is much to do, which takes 100 MB more and no less time.
 */
export const WORKER_FLAGS = ['--max-semi-space-size=32', '--heap-growing-percent=100'];

/** A process that dies again and again is given time; it may be the database that is away. */
const RESTART_AFTER_MS = { first: 500, longest: 30_000 };
/** One that ran for so long was well. */
const WELL_AFTER_MS = 60_000;

/** `say` hears of each that dies. `close` lets all of them end as on Ctrl-C. */
export function startProcesses(count: number, say: (sentence: string) => void): RunningWorker {
  const running = new Set<ChildProcess>();
  const restarts = new Set<NodeJS.Timeout>();
  let closing = false;

  function start(afterMs: number): void {
    const startedAt = performance.now();
    const child = fork(join(import.meta.dirname, `main${extension}`), [ONE_OF_SEVERAL], {
      execArgv: [...process.execArgv, ...WORKER_FLAGS],
    });
    running.add(child);
    child.once('exit', (code, signal) => {
      running.delete(child);
      if (closing) return;
      const isWell = performance.now() - startedAt > WELL_AFTER_MS;
      const waitMs = isWell ? RESTART_AFTER_MS.first : afterMs;
      say(`A worker process ended (${signal ?? `code ${code}`}); another starts in ${waitMs / 1000} s.`);
      const timer = setTimeout(() => {
        restarts.delete(timer);
        start(Math.min(waitMs * 2, RESTART_AFTER_MS.longest));
      }, waitMs);
      restarts.add(timer);
    });
  }

  for (let at = 0; at < count; at++) start(RESTART_AFTER_MS.first);
  return {
    async close() {
      closing = true;
      for (const timer of restarts) clearTimeout(timer);
      const ends = [...running].map((child) => once(child, 'exit'));
      for (const child of running) child.kill('SIGTERM');
      await Promise.all(ends);
    },
  };
}

/** The same file is TypeScript from a clone and JavaScript once built. */
const extension = import.meta.filename.slice(import.meta.filename.lastIndexOf('.'));
