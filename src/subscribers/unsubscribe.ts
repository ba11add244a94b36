/** A reader leaves, at once and for good, and may think better of it. */
import type { Context } from '../context.ts';
import { openLink } from './open-link.ts';
import { nextDueAt } from './schedule.ts';
import { insertConsents, isSuppressed, type Subscriber, updateSubscriber } from './subscribers.repo.ts';

export type UnsubscribeResult = { result: 'unsubscribed'; subscriber: Subscriber } | { result: 'invalid' };

/** The second time does nothing and answers the same. Digests already waiting are dropped at their claim. */
export async function unsubscribe(
  ctx: Context,
  token: string,
  via: 'link' | 'one_click',
): Promise<UnsubscribeResult> {
  const link = await openLink(ctx, token, 'unsubscribe');
  if (link.result !== 'valid') return { result: 'invalid' };
  const { subscriber } = link;
  if (subscriber.status !== 'unsubscribed') {
    const now = ctx.now();
    await ctx.db.transaction(async (tx) => {
      await updateSubscriber(tx, subscriber.id, {
        status: 'unsubscribed',
        unsubscribedAt: now,
        nextDueAt: null,
      });
      await insertConsents(tx, [
        { subscriberId: subscriber.id, action: 'unsubscribed', via, createdAt: now },
      ]);
    });
    ctx.log.info({ event: 'subscriber.unsubscribed', subscriberId: subscriber.id, via });
  }
  return { result: 'unsubscribed', subscriber };
}

/** Undo: only for someone who had confirmed before, and whose address is not suppressed. */
export async function resubscribe(
  ctx: Context,
  token: string,
): Promise<{ result: 'resubscribed'; subscriber: Subscriber } | { result: 'invalid' }> {
  const link = await openLink(ctx, token, 'unsubscribe');
  if (link.result !== 'valid' || !link.subscriber.confirmedAt) return { result: 'invalid' };
  const { subscriber } = link;
  if (await isSuppressed(ctx.db, subscriber.emailHash)) return { result: 'invalid' };
  const now = ctx.now();
  if (subscriber.status === 'unsubscribed') {
    await ctx.db.transaction(async (tx) => {
      await updateSubscriber(tx, subscriber.id, {
        status: 'active',
        unsubscribedAt: null,
        nextDueAt: nextDueAt(subscriber, now),
      });
      await insertConsents(tx, [
        { subscriberId: subscriber.id, action: 'confirmed', via: 'link', createdAt: now },
      ]);
    });
    ctx.log.info({ event: 'subscriber.resubscribed', subscriberId: subscriber.id });
  }
  return { result: 'resubscribed', subscriber };
}
