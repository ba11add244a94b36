/** All workers of one process, and their end. */
import type { Context } from '../src/context.ts';
import { AppError } from '../src/errors.ts';
import { within } from '../src/within.ts';
import { runCompose } from './compose.ts';
import { runIngest } from './ingest.ts';
import { runMailbox } from './mailbox.ts';
import { runRecover } from './recover.ts';
import { keepSchedules } from './schedules.ts';
import { runSend } from './send.ts';
import type { RunningWorker } from './worker.ts';

/** BullMQ waits for running jobs without limit; what is cut off here goes on after its lease. */
const CLOSE_WITHIN_MS = 1500;

/**
 * Starts every queue's worker and the schedules. `close` lets running jobs end, for 1.5 s at most; a source, which may
 * take hours, is left after the page in hand, and a page of mails after those being sent.
 */
export async function startWorkers(ctx: Context): Promise<RunningWorker> {
  const ending = new AbortController();
  const { signal } = ending;
  const workers = [runIngest(ctx, signal), runCompose(ctx), runSend(ctx, signal), runRecover(ctx)];
  if (ctx.config.mail.bounceMailbox) workers.push(runMailbox(ctx, signal));
  await keepSchedules(ctx, signal);
  return { close: () => endAll(workers, ending) };
}

/** Only the senders, for a command that composes by itself and waits for its mails. */
export function startSenders(ctx: Context): RunningWorker {
  const ending = new AbortController();
  const senders = [runSend(ctx, ending.signal)];
  return { close: () => endAll(senders, ending) };
}

async function endAll(workers: readonly RunningWorker[], ending: AbortController): Promise<void> {
  ending.abort(new AppError('INTERRUPTED', 'The workers end.', { retry: true }));
  const closing = Promise.allSettled(workers.map((worker) => worker.close()));
  await within(CLOSE_WITHIN_MS, closing).catch(() => {});
}
