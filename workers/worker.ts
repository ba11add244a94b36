/** Runs one queue's jobs: translates what use cases throw into what BullMQ does about it, and logs one line a job. */
import type { Context } from '../src/context.ts';
import { AppError, describeFault } from '../src/errors.ts';
import type { JobData, QueueName } from '../src/jobs.ts';
import { unretryable } from '../src/queues.ts';

export interface RunningWorker {
  close(): Promise<void>;
}

/** `run` is a use case; `concurrency` is how many of its jobs this process takes at once. */
export function runQueue<N extends QueueName>(
  ctx: Context,
  queue: N,
  concurrency: number,
  run: (data: JobData<N>) => Promise<unknown>,
): RunningWorker {
  return ctx.queues.startWorker(
    queue,
    async (data, job) => {
      const startedAt = performance.now();
      const line = { queue, jobId: job.id, attempt: job.attemptsMade + 1 };
      try {
        await run(data);
      } catch (error) {
        const code = error instanceof AppError ? error.code : 'UNEXPECTED';
        const fault = describeFault(error);
        ctx.log.warn({ event: 'job.failed', ...line, code, error: fault });
        // An error of ours says whether trying again helps; of any other kind nobody knows, so it is tried.
        // The queue keeps what it is thrown, so it gets the words that are fit for it.
        throw error instanceof AppError && !error.retry ? unretryable(fault) : new Error(fault);
      }
      ctx.log.debug({ event: 'job.done', ...line, ms: Math.round(performance.now() - startedAt) });
    },
    { concurrency, onError: (error) => ctx.log.warn({ event: 'queue.error', queue, error: error.message }) },
  );
}
