/** A reader moves to another address, once whoever reads its mail agrees. Until then all stays as it is. */
import type { Context } from '../context.ts';
import type { AppError } from '../errors.ts';
import { enqueueSends } from '../hints.ts';
import type { Language } from '../languages.ts';
import { hashAddress } from '../mail/address.ts';
import type { MessageKey } from '../messages.ts';
import { readerError } from '../reader-error.ts';
import { countAsked, insertAsking, isSubscribed, moveSubscriber } from './change-address.repo.ts';
import { deleteSubscriber } from './erase.repo.ts';
import { openLink, wishVersion } from './open-link.ts';
import { ALREADY_SUBSCRIBED_EVERY_MS, CONFIRM_EVERY_MS } from './subscribe.ts';
import {
  findSubscriber,
  findSubscriberByEmail,
  insertConsents,
  insertServiceDelivery,
  isSuppressed,
  lockSubscriber,
  type Subscriber,
  updateSubscriber,
} from './subscribers.repo.ts';
import type { Subscription } from './subscription-input.ts';

/** A slip of the pen can be mended at once, and still nobody's mailbox is filled. */
const ASKED_AT_MOST = 3;
const ASKED_WITHIN_MS = 3600_000;

/**
 * Remembers the wish and asks the new address. Does the same for an address that gets a digest already as far as the
 * caller can see; its reader is told, at most once a day. Throws AppError `INPUT_INVALID` and `TOO_MANY_REQUESTS`.
 */
export async function requestAddressChange(
  ctx: Context,
  { id: subscriberId }: Subscriber,
  { address, key }: Subscription['email'],
): Promise<Subscriber> {
  const now = ctx.now();
  const before = (ms: number) => new Date(now.getTime() - ms);
  const isTaken = await isSubscribed(ctx.db, key);
  const { subscriber, deliveryId } = await ctx.db.transaction(async (tx) => {
    const reader = await lockSubscriber(tx, subscriberId);
    if (reader.status !== 'active') throw refused('error.noDigestToMove');
    if (reader.emailKey === key) throw refused('error.sameAddress');
    const { newEmail, newEmailAt } = reader;
    const isSame = newEmail?.toLowerCase() === key;
    if (isSame && newEmailAt && newEmailAt > before(CONFIRM_EVERY_MS)) {
      return { subscriber: reader, deliveryId: null };
    }
    if ((await countAsked(tx, subscriberId, before(ASKED_WITHIN_MS))) >= ASKED_AT_MOST) {
      const args = { n: ASKED_AT_MOST };
      throw readerError('TOO_MANY_REQUESTS', 'error.tooManyAddresses', args, { field: 'email' });
    }
    const wish = { newEmail: address, newEmailAt: now };
    await updateSubscriber(tx, subscriberId, wish);
    const added = await insertAsking(tx, { subscriberId, now, isSent: !isTaken });
    return { subscriber: { ...reader, ...wish }, deliveryId: added };
  });
  const tellId = isTaken ? await tellOwner(ctx, key, now) : null;
  await enqueueSends(
    ctx,
    [deliveryId, tellId].filter((id) => id !== null),
    'waiting',
  );
  ctx.log.info({ event: 'subscriber.address_requested', subscriberId });
  return subscriber;
}

/** The mail that says that this address has a digest already. */
async function tellOwner(ctx: Context, key: string, now: Date): Promise<number | null> {
  return ctx.db.transaction(async (tx) => {
    const owner = await findSubscriberByEmail(tx, key);
    if (!owner || (await isSuppressed(tx, owner.emailHash))) return null;
    return insertServiceDelivery(tx, {
      kind: 'already_subscribed',
      subscriberId: owner.id,
      now,
      unlessAfter: new Date(now.getTime() - ALREADY_SUBSCRIBED_EVERY_MS),
    });
  });
}

/** The link in the mail that asked opens nothing any more. */
export async function cancelAddressChange(ctx: Context, { id }: Subscriber): Promise<Subscriber> {
  return ctx.db.transaction(async (tx) => {
    const reader = await lockSubscriber(tx, id);
    const none = { newEmail: null, newEmailAt: null };
    await updateSubscriber(tx, id, none);
    return { ...reader, ...none };
  });
}

/** Who wants to move where, by the link in the mail to the new address. Changes nothing. */
export async function openAddressLink(
  ctx: Context,
  token: string,
): Promise<{ result: 'valid'; newEmail: string; language: Language } | { result: 'expired' | 'invalid' }> {
  const link = await openLink(ctx, token, 'address');
  if (link.result !== 'valid') return link;
  const { newEmail, status, language } = link.subscriber;
  return newEmail && status === 'active' ? { result: 'valid', newEmail, language } : { result: 'invalid' };
}

/**
 * The move. All earlier links end, as the old mailbox may be someone else's by now. Of someone who has left with the new
 * address, or never confirmed it, nothing is kept. Throws AppError `INPUT_INVALID` where the address has a digest by now.
 */
export async function changeAddress(
  ctx: Context,
  token: string,
): Promise<{ result: 'changed'; subscriber: Subscriber } | { result: 'expired' | 'invalid' }> {
  const link = await openLink(ctx, token, 'address');
  if (link.result !== 'valid') return link;
  const { id } = link.subscriber;
  const now = ctx.now();
  const subscriber = await ctx.db.transaction(async (tx) => {
    const reader = await lockSubscriber(tx, id);
    const { newEmail, status } = reader;
    const isSame = wishVersion(reader) === wishVersion(link.subscriber);
    if (!newEmail || !isSame || status !== 'active') return null;
    const emailKey = newEmail.toLowerCase();
    const emailHash = hashAddress(emailKey);
    if (await isSuppressed(tx, emailHash)) return null;
    const former = await findSubscriberByEmail(tx, emailKey);
    if (former?.status === 'active') throw refused('error.addressTaken');
    if (former) await deleteSubscriber(tx, former.id);
    await moveSubscriber(tx, id, { email: newEmail, emailKey, emailHash, movedAt: now });
    await insertConsents(tx, [{ subscriberId: id, action: 'changed', via: 'link', createdAt: now }]);
    return findSubscriber(tx, id);
  });
  if (!subscriber) return { result: 'invalid' };
  ctx.log.info({ event: 'subscriber.address_changed', subscriberId: id });
  return { result: 'changed', subscriber };
}

function refused(key: MessageKey): AppError {
  return readerError('INPUT_INVALID', key, {}, { field: 'email' });
}
