/** Asks again, in jobs of their own, for mails that a job did not send. */
import type { Context } from '../context.ts';
import { enqueueSends } from '../hints.ts';
import type { PendingDelivery } from './claims.repo.ts';
import type { Left } from './claims.ts';
import { postpone } from './pace.repo.ts';

/** While a job speaks of a mail that waits for the rate, `recover` need not; a wiped queue is noticed after this time. */
const ASKED_FOR_MS = 10 * 60_000;
const WAITS_FOR = {
  warmup: 'waits for the next day of the warm-up',
  window: 'waits for the hours in which digests go',
};
/** How much later than others a mail is asked for whose domain is silent: it would only be in their way. */
const SILENT_MS = 30_000;

/** Asks again for what was not claimed. Returns how many of them nobody should wait for. */
export async function putOffRest(ctx: Context, { mails, refusal }: Left): Promise<number> {
  if (mails.length === 0) return 0;
  const now = ctx.now();
  const { until, because } = refusal ?? { until: now, because: null };
  const ids = mails.map(({ id }) => id);
  if (because === 'warmup' || because === 'window') {
    await postpone(ctx.db, ids, { at: until, dueBefore: until, outcome: WAITS_FOR[because] });
    await enqueueAt(ctx, until, mails);
    return mails.length;
  }
  if (because === 'rate') {
    const at = new Date(Math.max(until.getTime(), now.getTime() + ASKED_FOR_MS));
    await postpone(ctx.db, ids, { at, dueBefore: now, outcome: null });
  }
  await enqueueAt(ctx, until, mails);
  return 0;
}

/** Asks for mails at a time: those that a person waits for ahead of the others. */
export async function enqueueAt(ctx: Context, at: Date, mails: readonly PendingDelivery[]): Promise<void> {
  const delayMs = Math.max(0, at.getTime() - ctx.now().getTime());
  for (const urgency of ['waiting', 'bulk'] as const) {
    const ids = mails.filter(({ kind }) => (kind === 'digest') === (urgency === 'bulk')).map(({ id }) => id);
    await enqueueSends(ctx, ids, urgency, delayMs);
  }
}

/** Asks for mails at a time, and later for those whose domains have no room now. */
export async function enqueueAround(
  ctx: Context,
  at: Date,
  mails: readonly PendingDelivery[],
): Promise<void> {
  const hasRoom = ({ domain }: PendingDelivery) => ctx.lanes.room(domain) > 0;
  const later = new Date(at.getTime() + SILENT_MS);
  await enqueueAt(ctx, at, mails.filter(hasRoom));
  await enqueueAt(
    ctx,
    later,
    mails.filter((mail) => !hasRoom(mail)),
  );
}
