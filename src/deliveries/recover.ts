/** Finds what a dead worker or a wiped queue left behind: Postgres knows it all, the queue only hinted. */
import type { Context } from '../context.ts';
import { enqueueSends } from '../hints.ts';
import { listForgotten, releaseExpiredLeases } from './deliveries.repo.ts';

/** A job that was just added gets this long to start before its deliveries count as forgotten. */
const GRACE_MS = 60_000;
/** One round's worth; the next comes a minute later. */
const LIMIT = 20_000;

/**
 * Puts deliveries whose lease ran out back to pending, and asks workers again for those that wait without a job.
 * While the queue still has work it is left alone, or every minute of a backlog would double it.
 */
export async function recover(ctx: Context): Promise<{ released: number; requeued: number }> {
  const now = ctx.now();
  const released = await releaseExpiredLeases(ctx.db, now);
  if ((await ctx.queues.backlog('send')) > 0) return { released, requeued: 0 };
  const forgotten = await listForgotten(ctx.db, new Date(now.getTime() - GRACE_MS), LIMIT);
  const idsOf = (urgent: boolean) =>
    forgotten.filter(({ kind }) => (kind !== 'digest') === urgent).map(({ id }) => id);
  await enqueueSends(ctx, idsOf(true), 'waiting');
  await enqueueSends(ctx, idsOf(false), 'bulk');
  if (released + forgotten.length > 0) {
    ctx.log.info({ event: 'delivery.recovered', released, requeued: forgotten.length });
  }
  return { released, requeued: forgotten.length };
}
