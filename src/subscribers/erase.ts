/** A reader has everything about them erased: no more mail at once, a day to think better of it, and then they are gone. */
import type { Context } from '../context.ts';
import { deleteDue } from './erase.repo.ts';
import { dueAfter } from './preferences.ts';
import { awaitMailInHand } from './settle.ts';
import {
  findSubscriber,
  insertConsents,
  lockSubscriber,
  type Subscriber,
  skipWaitingMails,
  updateSubscriber,
} from './subscribers.repo.ts';

const GRACE_MS = 24 * 3600_000;
/** Of readers at once: each may have thousands of rows. */
const BATCH = 20;

/** The second time does nothing: the time stays. Once it has answered, nothing more is sent. */
export async function requestErasure(ctx: Context, { id }: Subscriber): Promise<Subscriber> {
  const now = ctx.now();
  const subscriber = await ctx.db.transaction(async (tx) => {
    const reader = await lockSubscriber(tx, id);
    if (reader.eraseAt) return reader;
    const leaves = reader.status === 'active';
    await updateSubscriber(tx, id, {
      eraseAt: new Date(now.getTime() + GRACE_MS),
      newEmail: null,
      newEmailAt: null,
      ...(leaves ? { status: 'unsubscribed', unsubscribedAt: now, nextDueAt: null } : {}),
    });
    await skipWaitingMails(tx, id, now);
    if (leaves) {
      await insertConsents(tx, [{ subscriberId: id, action: 'unsubscribed', via: 'link', createdAt: now }]);
    }
    return (await findSubscriber(tx, id)) ?? reader;
  });
  await awaitMailInHand(ctx, id);
  ctx.log.info({ event: 'subscriber.erasure_requested', subscriberId: id });
  return subscriber;
}

/** Who got digests before gets them again; who did not, does not. */
export async function undoErasure(ctx: Context, { id }: Subscriber): Promise<Subscriber> {
  const now = ctx.now();
  const subscriber = await ctx.db.transaction(async (tx) => {
    const reader = await lockSubscriber(tx, id);
    const { eraseAt, unsubscribedAt, pausedUntil } = reader;
    if (!eraseAt) return reader;
    const leftByIt = unsubscribedAt?.getTime() === eraseAt.getTime() - GRACE_MS;
    await updateSubscriber(tx, id, {
      eraseAt: null,
      ...(leftByIt
        ? {
            status: 'active',
            unsubscribedAt: null,
            nextDueAt: dueAfter(reader, { status: 'active', pausedUntil }, now),
          }
        : {}),
    });
    if (leftByIt) {
      await insertConsents(tx, [{ subscriberId: id, action: 'confirmed', via: 'link', createdAt: now }]);
    }
    return (await findSubscriber(tx, id)) ?? reader;
  });
  ctx.log.info({ event: 'subscriber.erasure_undone', subscriberId: id });
  return subscriber;
}

/** Erases all whose time has come. Of an address that must get no mail, its hash alone stays. */
export async function eraseDue(ctx: Context): Promise<number> {
  let erased = 0;
  for (;;) {
    const count = await deleteDue(ctx.db, ctx.now(), BATCH);
    erased += count;
    if (count < BATCH) break;
  }
  if (erased > 0) ctx.log.info({ event: 'subscriber.erased', count: erased });
  return erased;
}
