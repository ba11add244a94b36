/** Adding jobs after a commit. Postgres is the truth and the queue a hint, so a queue that is down delays work and loses none. */
import type { Context } from './context.ts';
import type { JobData, Urgency } from './jobs.ts';
import { within } from './within.ts';

/** A queue that reconnects takes commands without answering; nobody is kept waiting for it. */
const PATIENCE_MS = 2000;

/** Asks workers to send these deliveries, after `delayMs`. Should the queue not answer, `recover` finds them later. */
export async function enqueueSends(
  ctx: Context,
  deliveryIds: readonly number[],
  urgency: Urgency,
  delayMs = 0,
): Promise<void> {
  if (deliveryIds.length === 0) return;
  await hint(ctx, 'send', ctx.queues.addSends(deliveryIds, urgency, delayMs));
}

/** Asks workers to compose; should the queue not answer, the next round of `due` finds the subscribers. */
export async function enqueueCompose(
  ctx: Context,
  data: JobData<'compose'>,
  urgency: Urgency,
): Promise<void> {
  await hint(ctx, 'compose', ctx.queues.add('compose', data, urgency));
}

async function hint(ctx: Context, queue: string, adding: Promise<unknown>): Promise<void> {
  await within(PATIENCE_MS, adding).catch((error: Error) =>
    ctx.log.warn({ event: 'queue.hint_lost', queue, error: error.message }),
  );
}
