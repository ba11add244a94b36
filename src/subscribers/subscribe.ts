/** A stranger asks for the digest: remember what they chose and send the mail that asks them to confirm. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import type { Sql } from '../db/client.ts';
import { enqueueSends } from '../hints.ts';
import { hashAddress } from '../mail/address.ts';
import { deleteVerdicts, saveVerdicts } from './feedback.repo.ts';
import { findLikedPapers } from './feedback.ts';
import {
  type ConsentVia,
  findSubscriberByEmail,
  insertConsents,
  insertServiceDelivery,
  insertSubscribers,
  isSuppressed,
  replaceProfiles,
  type SubscriberChange,
  updateSubscriber,
} from './subscribers.repo.ts';
import { type Subscription, scheduledWeekdays } from './subscription-input.ts';
import { getTopicIds } from './topics.ts';

/** Someone else can type an address again and again; its owner gets at most one mail in this time. */
export const CONFIRM_EVERY_MS = 10 * 60_000;
export const ALREADY_SUBSCRIBED_EVERY_MS = 24 * 3600_000;

/** More is written for an address that is new than for a known one; all are answered after this time, so that it tells neither. */
const ANSWER_AFTER_MS = 25;

/** `alsoLiked`: papers by their ids here, as from a bibliography. */
export type SubscriptionRequest = Subscription & { alsoLiked?: readonly number[] };

/**
 * Does the same for a known and an unknown address as far as the caller can see.
 * Throws AppError `INPUT_INVALID` for an unknown topic.
 */
export async function subscribe(
  ctx: Context,
  input: SubscriptionRequest,
  via: ConsentVia,
): Promise<{ notKnown: string[] }> {
  const now = ctx.now();
  const answerTime = sleep(ANSWER_AFTER_MS);
  const { paperIds, notKnown } = await findLikedPapers(ctx.db, input.liked);
  const deliveryId = await ctx.db.transaction(async (tx) => {
    const { subscriberId, stored } = await store(tx, input, paperIds, via, now);
    if (await isSuppressed(tx, hashAddress(input.email.key))) return null;
    const [kind, every] = stored
      ? (['confirm', CONFIRM_EVERY_MS] as const)
      : (['already_subscribed', ALREADY_SUBSCRIBED_EVERY_MS] as const);
    const unlessAfter = new Date(now.getTime() - every);
    ctx.log.info({ event: 'subscriber.requested', subscriberId, via });
    return insertServiceDelivery(tx, { kind, subscriberId, now, unlessAfter });
  });
  if (deliveryId !== null) await enqueueSends(ctx, [deliveryId], 'waiting');
  await answerTime;
  return { notKnown };
}

/** Stores the request without a mail; the subscriber's id, or null where they are active already or suppressed. */
export async function storeRequest(
  ctx: Context,
  input: SubscriptionRequest,
  via: ConsentVia,
): Promise<number | null> {
  const { paperIds } = await findLikedPapers(ctx.db, input.liked);
  return ctx.db.transaction(async (tx) => {
    if (await isSuppressed(tx, hashAddress(input.email.key))) return null;
    const { subscriberId, stored } = await store(tx, input, paperIds, via, ctx.now());
    return stored ? subscriberId : null;
  });
}

/** `stored` is false for an active subscriber, whose choices stay: whoever typed the address may not be its owner. */
async function store(
  tx: Sql,
  input: SubscriptionRequest,
  likedPaperIds: readonly number[],
  via: ConsentVia,
  now: Date,
): Promise<{ subscriberId: number; stored: boolean }> {
  const topicIds = await getTopicIds(tx, input.topics);
  const wishes = {
    email: input.email.address,
    frequency: input.frequency,
    weekdays: scheduledWeekdays(input),
    hour: input.hour,
    timezone: input.timezone,
    language: input.language,
  };
  const { key } = input.email;
  const inserted = await insertSubscribers(tx, [
    { ...wishes, emailKey: key, emailHash: hashAddress(key), status: 'pending', createdAt: now },
  ]);
  const newId = inserted.get(key);
  const taken = newId === undefined ? await renew(tx, key, wishes) : { subscriberId: newId, stored: true };
  if (!taken.stored) return taken;
  const { subscriberId } = taken;
  await replaceProfiles(tx, [{ subscriberId, words: { keywords: input.keywords }, topicIds }]);
  await saveVerdicts(tx, {
    subscriberId,
    paperIds: [...likedPaperIds, ...(input.alsoLiked ?? [])],
    verdict: 'liked',
    at: now,
  });
  await insertConsents(tx, [{ subscriberId, action: 'requested', via, createdAt: now }]);
  return taken;
}

/** Puts the wishes of a new request in place of the last one's, but for an active subscriber. */
async function renew(
  tx: Sql,
  emailKey: string,
  wishes: SubscriberChange,
): Promise<{ subscriberId: number; stored: boolean }> {
  const subscriber = await findSubscriberByEmail(tx, emailKey);
  if (!subscriber) throw new Error('a subscriber vanished inside a transaction');
  const { id, status, confirmedAt } = subscriber;
  if (status === 'active') return { subscriberId: id, stored: false };
  await updateSubscriber(tx, id, { ...wishes, status: 'pending', nextDueAt: null });
  // Before anyone has confirmed, all there is may be a stranger's, and the last request stands alone.
  if (!confirmedAt) await deleteVerdicts(tx, id, 'all');
  return { subscriberId: id, stored: true };
}
