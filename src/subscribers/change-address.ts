/** A reader moves to another address, once whoever reads its mail agrees. Until then all stays as it is. */
import type { Context } from '../context.ts';
import type { AppError } from '../errors.ts';
import { enqueueSends } from '../hints.ts';
import type { Language } from '../languages.ts';
import { hashAddress } from '../mail/address.ts';
import { addressVersion } from '../mail/links.ts';
import type { MessageKey } from '../messages.ts';
import { readerError } from '../reader-error.ts';
import {
  countAsked,
  insertAsking,
  isSubscribed,
  listAskings,
  moveSubscriber,
  reviveAsking,
} from './change-address.repo.ts';
import { deleteSubscriber } from './erase.repo.ts';
import { listAskedAt } from './export-data.repo.ts';
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
 * Remembers the wish and asks the new address, which gets one such mail in ten minutes, whoever wishes it; to wish it again
 * makes the link in that mail good again. Does the same for an address that gets a digest already as far as the caller can
 * see; its reader is told, at most once a day. Throws AppError `INPUT_INVALID` and `TOO_MANY_REQUESTS`.
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
    const addressHash = hashAddress(key);
    const askings = await listAskings(tx, addressHash, before(CONFIRM_EVERY_MS));
    const isSent = !isTaken && askings.every(({ status }) => status === 'skipped');
    const own = askings.find((asking) => asking.subscriberId === subscriberId);
    if (own) {
      const wish = { newEmail: address, newEmailAt: own.createdAt };
      await updateSubscriber(tx, subscriberId, wish);
      if (isSent) await reviveAsking(tx, own.id, now);
      return { subscriber: { ...reader, ...wish }, deliveryId: isSent ? own.id : null };
    }
    if ((await countAsked(tx, subscriberId, before(ASKED_WITHIN_MS))) >= ASKED_AT_MOST) {
      const args = { n: ASKED_AT_MOST };
      throw readerError('TOO_MANY_REQUESTS', 'error.tooManyAddresses', args, { field: 'email' });
    }
    const wish = { newEmail: address, newEmailAt: now };
    await updateSubscriber(tx, subscriberId, wish);
    const added = await insertAsking(tx, { subscriberId, addressHash, now, isSent });
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

export type ClosedAddressLink =
  | { result: 'already_changed'; subscriber: Subscriber }
  | { result: 'expired' | 'invalid' };

/** Who wants to move where, by the link in the mail to the new address. Changes nothing. */
export async function openAddressLink(
  ctx: Context,
  token: string,
): Promise<{ result: 'valid'; newEmail: string; language: Language } | ClosedAddressLink> {
  const link = await openLink(ctx, token, 'address');
  if (link.result !== 'valid') return whyClosed(ctx, token);
  const { newEmail, status, language } = link.subscriber;
  return newEmail && status === 'active' ? { result: 'valid', newEmail, language } : { result: 'invalid' };
}

/**
 * A link that was pressed before says so: one that asked the very address that digests go to now, and that no other of
 * the reader's links has outlived. Of all else it tells nothing.
 */
async function whyClosed(ctx: Context, token: string): Promise<ClosedAddressLink> {
  const link = ctx.links.check(token, 'address', ctx.now());
  if (link.result !== 'valid') return link;
  const subscriber = await findSubscriber(ctx.db, link.id);
  if (!subscriber?.movedAt || subscriber.status !== 'active') return { result: 'invalid' };
  // The move ended the links of the version before.
  const before = { tokenVersion: subscriber.tokenVersion - 1, newEmail: subscriber.email };
  const askedAt = await listAskedAt(ctx.db, subscriber.id);
  return askedAt.some((at) => addressVersion({ ...before, newEmailAt: at }) === link.version)
    ? { result: 'already_changed', subscriber }
    : { result: 'invalid' };
}

/**
 * The move. All earlier links end, as the old mailbox may be someone else's by now. Of someone who has left with the new
 * address, or never confirmed it, nothing is kept. Throws AppError `INPUT_INVALID` where the address has a digest by now.
 */
export async function changeAddress(
  ctx: Context,
  token: string,
): Promise<{ result: 'changed'; subscriber: Subscriber } | ClosedAddressLink> {
  const link = await openLink(ctx, token, 'address');
  if (link.result !== 'valid') return whyClosed(ctx, token);
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
  // Pressed twice at once, the other may have been first.
  if (!subscriber) return whyClosed(ctx, token);
  ctx.log.info({ event: 'subscriber.address_changed', subscriberId: id });
  return { result: 'changed', subscriber };
}

function refused(key: MessageKey): AppError {
  return readerError('INPUT_INVALID', key, {}, { field: 'email' });
}
