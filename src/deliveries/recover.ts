/** Finds what a dead worker or a wiped queue left behind: Postgres knows it all, the queue only hinted. */
import type { Context } from '../context.ts';
import { enqueueSends } from '../hints.ts';
import { listForgotten } from './deliveries.repo.ts';
import { releaseExpiredLeases, reviveUnknown } from './unknown-fate.repo.ts';

/** A job that was just added gets this long to start before its deliveries count as forgotten. */
const GRACE_MS = 60_000;
/** One round's worth; the next comes a minute later. */
const LIMIT = 20_000;

/**
 * Puts deliveries whose lease ran out back to pending, or holds them where UNKNOWN_DELIVERY says so, and asks workers
 * again for those that wait without a job. While the queue still has work it is left alone, or every minute of a backlog
 * would double it. What a pause of sending holds back is left alone, too.
 */
export async function recover(ctx: Context): Promise<{ released: number; requeued: number }> {
  const now = ctx.now();
  const released = await releaseExpiredLeases(ctx.db, now, ctx.config.mail.unknownDelivery);
  if ((await ctx.queues.backlog('send')) > 0) return { released, requeued: 0 };
  const requeued = await requeueDue(ctx, new Date(now.getTime() - GRACE_MS));
  if (released + requeued > 0) ctx.log.info({ event: 'delivery.recovered', released, requeued });
  return { released, requeued };
}

/** Asks workers for pending deliveries whose time came before `before`. Returns how many. */
export async function requeueDue(ctx: Context, before: Date): Promise<number> {
  return requeue(ctx, await listForgotten(ctx.db, before, LIMIT));
}

/** Puts back mails that were held because nobody knew their fate, if that was after `since`. Returns how many. */
export async function retryUnknown(ctx: Context, since: Date): Promise<number> {
  return requeue(ctx, await reviveUnknown(ctx.db, since, ctx.now()));
}

async function requeue(ctx: Context, rows: readonly { id: number; kind: string }[]): Promise<number> {
  const idsOf = (urgent: boolean) =>
    rows.filter(({ kind }) => (kind !== 'digest') === urgent).map(({ id }) => id);
  await enqueueSends(ctx, idsOf(true), 'waiting');
  await enqueueSends(ctx, idsOf(false), 'bulk');
  return rows.length;
}
