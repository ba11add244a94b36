/** A reader leaves, at once and for good, and may think better of it. */
import type { Context } from '../context.ts';
import { type LessMail, lessMailChange } from './less-mail.ts';
import { canReturn, findMailState } from './mail-state.ts';
import { openLink } from './open-link.ts';
import { dueAfter } from './preferences.ts';
import { awaitMailInHand } from './settle.ts';
import {
  findSubscriber,
  insertConsents,
  type Subscriber,
  skipWaitingMails,
  updateSubscriber,
} from './subscribers.repo.ts';

export type UnsubscribeResult =
  | { result: 'unsubscribed'; subscriber: Subscriber; isCurrent: boolean }
  | { result: 'invalid' };

/** The second time does nothing and answers the same. Once it has answered, nothing more is sent. */
export async function unsubscribe(
  ctx: Context,
  token: string,
  via: 'link' | 'one_click',
): Promise<UnsubscribeResult> {
  const link = await openLink(ctx, token, 'unsubscribe');
  if (link.result !== 'valid') return { result: 'invalid' };
  await leave(ctx, link.subscriber, via);
  return {
    result: 'unsubscribed',
    subscriber: { ...link.subscriber, status: 'unsubscribed' },
    isCurrent: link.isCurrent,
  };
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
  await awaitMailInHand(ctx, subscriber.id);
  ctx.log.info({ event: 'subscriber.unsubscribed', subscriberId: subscriber.id, via });
}

/**
 * Undo: only for someone who had confirmed before, and whose address is not suppressed. A pause goes on.
 * Not for someone who asked anew since: their mail to confirm is the way back. `wish` changes their choices on the way;
 * of someone who is back already nothing changes.
 */
export async function resubscribe(
  ctx: Context,
  token: string,
  wish: LessMail | null = null,
): Promise<{ result: 'resubscribed'; subscriber: Subscriber } | { result: 'invalid' }> {
  const link = await openLink(ctx, token, 'unsubscribe');
  if (link.result !== 'valid' || !link.isCurrent) return { result: 'invalid' };
  const { subscriber } = link;
  const state = await findMailState(ctx, subscriber);
  if (state === 'flowing' || state === 'paused') return { result: 'resubscribed', subscriber };
  if (!canReturn(subscriber, state)) return { result: 'invalid' };
  const now = ctx.now();
  const { id } = subscriber;
  const change = wish ? lessMailChange(wish, subscriber, now) : {};
  const chosen = { ...subscriber, ...change, status: 'active' as const };
  const back = await ctx.db.transaction(async (tx) => {
    await updateSubscriber(tx, id, {
      ...change,
      status: 'active',
      unsubscribedAt: null,
      leaveReason: null,
      // Whoever comes back wants to be kept.
      eraseAt: null,
      nextDueAt: dueAfter(chosen, chosen, now),
    });
    const consent = { subscriberId: id, via: 'link' as const, createdAt: now };
    await insertConsents(tx, [
      { ...consent, action: 'confirmed' },
      ...(wish
        ? [{ ...consent, action: wish === 'month' ? ('paused' as const) : ('changed' as const) }]
        : []),
    ]);
    return findSubscriber(tx, id);
  });
  if (!back) throw new Error('a subscriber vanished inside a transaction');
  ctx.log.info({ event: 'subscriber.resubscribed', subscriberId: id, ...(wish ? { wish } : {}) });
  return { result: 'resubscribed', subscriber: back };
}
