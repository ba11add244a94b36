/** The owner of an address confirms: mail may flow, and the first digest goes out at once. */
import type { Context } from '../context.ts';
import { enqueueCompose } from '../hints.ts';
import { openLink } from './open-link.ts';
import { type SubscriptionRequest, storeRequest } from './subscribe.ts';
import {
  type ConsentVia,
  findSubscriber,
  insertConsents,
  type Subscriber,
  updateSubscriber,
} from './subscribers.repo.ts';

export type ConfirmResult =
  | { result: 'confirmed' | 'already_confirmed'; subscriber: Subscriber }
  | { result: 'expired' | 'invalid' };

export async function confirm(ctx: Context, token: string): Promise<ConfirmResult> {
  const link = await openLink(ctx, token, 'confirm');
  if (link.result !== 'valid') return link;
  switch (link.subscriber.status) {
    case 'active':
      return { result: 'already_confirmed', subscriber: link.subscriber };
    case 'unsubscribed':
      // They left after this link was sent; coming back takes a new request.
      return { result: 'invalid' };
    case 'pending':
      return { result: 'confirmed', subscriber: await activate(ctx, link.subscriber.id, 'link') };
  }
}

/** For an operator whose reader has agreed already: no mail to confirm. Known and suppressed addresses are left alone. */
export async function subscribeConfirmed(
  ctx: Context,
  input: SubscriptionRequest,
): Promise<'subscribed' | 'unchanged'> {
  const id = await storeRequest(ctx, input, 'cli');
  if (id === null) return 'unchanged';
  await activate(ctx, id, 'cli');
  return 'subscribed';
}

/** Makes a pending subscriber active and due now. */
async function activate(ctx: Context, subscriberId: number, via: ConsentVia): Promise<Subscriber> {
  const now = ctx.now();
  const subscriber = await ctx.db.transaction(async (tx) => {
    await updateSubscriber(tx, subscriberId, {
      status: 'active',
      confirmedAt: now,
      unsubscribedAt: null,
      leaveReason: null,
      // Whoever comes back wants to be kept.
      eraseAt: null,
      pausedUntil: null,
      nextDueAt: now,
    });
    await insertConsents(tx, [{ subscriberId, action: 'confirmed', via, createdAt: now }]);
    return findSubscriber(tx, subscriberId);
  });
  if (!subscriber) throw new Error('a subscriber vanished inside a transaction');
  await enqueueCompose(
    ctx,
    { task: 'page', at: now.toISOString(), subscriberIds: [subscriberId] },
    'waiting',
  );
  ctx.log.info({ event: 'subscriber.confirmed', subscriberId, via });
  return subscriber;
}
