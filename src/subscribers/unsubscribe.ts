/** A reader leaves, at once and for good, and may think better of it. */
import type { Context } from '../context.ts';
import { openLink } from './open-link.ts';
import { dueAfter } from './preferences.ts';
import {
  findSubscriber,
  insertConsents,
  isBeingMailed,
  isSuppressed,
  type Subscriber,
  skipWaitingMails,
  updateSubscriber,
} from './subscribers.repo.ts';

export type UnsubscribeResult = { result: 'unsubscribed'; subscriber: Subscriber } | { result: 'invalid' };

/** A mail that is being handed over right now is waited for, but not longer than a person would. */
const SETTLE_WITHIN_MS = 2000;
const POLL_MS = 25;

/** The second time does nothing and answers the same. Once it has answered, nothing more is sent. */
export async function unsubscribe(
  ctx: Context,
  token: string,
  via: 'link' | 'one_click',
): Promise<UnsubscribeResult> {
  const link = await openLink(ctx, token, 'unsubscribe');
  if (link.result !== 'valid') return { result: 'invalid' };
  await leave(ctx, link.subscriber, via);
  return { result: 'unsubscribed', subscriber: link.subscriber };
}

/** By a mail to the address in List-Unsubscribe, whose proof was checked. */
export async function unsubscribeByMail(
  ctx: Context,
  subscriberId: number,
): Promise<'unsubscribed' | 'not_ours'> {
  const subscriber = await findSubscriber(ctx.db, subscriberId);
  if (!subscriber) return 'not_ours';
  await leave(ctx, subscriber, 'mail');
  return 'unsubscribed';
}

async function leave(
  ctx: Context,
  subscriber: Subscriber,
  via: 'link' | 'one_click' | 'mail',
): Promise<void> {
  if (subscriber.status === 'unsubscribed') return;
  const now = ctx.now();
  await ctx.db.transaction(async (tx) => {
    await updateSubscriber(tx, subscriber.id, {
      status: 'unsubscribed',
      unsubscribedAt: now,
      nextDueAt: null,
    });
    // Their rows are locked against a worker that read the subscriber's status a moment ago.
    await skipWaitingMails(tx, subscriber.id, now);
    await insertConsents(tx, [{ subscriberId: subscriber.id, action: 'unsubscribed', via, createdAt: now }]);
  });
  const waitUntil = performance.now() + SETTLE_WITHIN_MS;
  while (performance.now() < waitUntil && (await isBeingMailed(ctx.db, subscriber.id, ctx.now()))) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  ctx.log.info({ event: 'subscriber.unsubscribed', subscriberId: subscriber.id, via });
}

/**
 * Undo: only for someone who had confirmed before, and whose address is not suppressed. A pause goes on.
 * Not for someone who asked anew since: their mail to confirm is the way back.
 */
export async function resubscribe(
  ctx: Context,
  token: string,
): Promise<{ result: 'resubscribed'; subscriber: Subscriber } | { result: 'invalid' }> {
  const link = await openLink(ctx, token, 'unsubscribe');
  if (link.result !== 'valid' || !link.subscriber.confirmedAt) return { result: 'invalid' };
  const { subscriber } = link;
  if (subscriber.status === 'pending' || (await isSuppressed(ctx.db, subscriber.emailHash))) {
    return { result: 'invalid' };
  }
  if (subscriber.status === 'active') return { result: 'resubscribed', subscriber };
  const now = ctx.now();
  const { id, pausedUntil } = subscriber;
  const back = await ctx.db.transaction(async (tx) => {
    await updateSubscriber(tx, id, {
      status: 'active',
      unsubscribedAt: null,
      nextDueAt: dueAfter(subscriber, { status: 'active', pausedUntil }, now),
    });
    await insertConsents(tx, [{ subscriberId: id, action: 'confirmed', via: 'link', createdAt: now }]);
    return findSubscriber(tx, id);
  });
  if (!back) throw new Error('a subscriber vanished inside a transaction');
  ctx.log.info({ event: 'subscriber.resubscribed', subscriberId: id });
  return { result: 'resubscribed', subscriber: back };
}
