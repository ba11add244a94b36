/** SQL for readers who move to another address. */
import { and, count, desc, eq, gt, inArray, or, sql } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';
import { deliveries, subscribers } from '../db/schema.ts';

/** Whether digests go to this address already. */
export async function isSubscribed(db: Sql, emailKey: string): Promise<boolean> {
  const rows = await db
    .select({ id: subscribers.id })
    .from(subscribers)
    .where(and(eq(subscribers.emailKey, emailKey), eq(subscribers.status, 'active')));
  return rows.length > 0;
}

/** How many times this subscriber had an address asked after `since`. */
export async function countAsked(db: Sql, subscriberId: number, since: Date): Promise<number> {
  const [row] = await db
    .select({ count: count() })
    .from(deliveries)
    .where(
      and(
        eq(deliveries.subscriberId, subscriberId),
        eq(deliveries.kind, 'new_address'),
        gt(deliveries.createdAt, since),
      ),
    );
  return row?.count ?? 0;
}

/**
 * The mails that asked this address after `since` or are still to ask it, whoever wished it; the latest first. Until the
 * transaction ends, nobody else is told of the same address.
 */
export async function listAskings(
  tx: Sql,
  addressHash: string,
  since: Date,
): Promise<Pick<typeof deliveries.$inferSelect, 'id' | 'subscriberId' | 'status' | 'createdAt'>[]> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${addressHash}, 0))`);
  return tx
    .select({
      id: deliveries.id,
      subscriberId: deliveries.subscriberId,
      status: deliveries.status,
      createdAt: deliveries.createdAt,
    })
    .from(deliveries)
    .where(
      and(
        eq(deliveries.addressHash, addressHash),
        or(
          gt(deliveries.createdAt, since),
          gt(deliveries.finishedAt, since),
          inArray(deliveries.status, ['pending', 'sending']),
        ),
      ),
    )
    .orderBy(desc(deliveries.id));
}

/** A mail that was not to be sent is to be sent after all. */
export async function reviveAsking(tx: Sql, id: number, now: Date): Promise<void> {
  await tx
    .update(deliveries)
    .set({ status: 'pending', outcome: null, finishedAt: null, nextAttemptAt: now })
    .where(and(eq(deliveries.id, id), eq(deliveries.status, 'skipped')));
}

/** Adds the mail that asks the new address, one that is never sent where it is not to be asked; returns its id. */
export async function insertAsking(
  tx: Sql,
  {
    subscriberId,
    addressHash,
    now,
    isSent,
  }: { subscriberId: number; addressHash: string; now: Date; isSent: boolean },
): Promise<number | null> {
  const [row] = await tx
    .insert(deliveries)
    .values({
      kind: 'new_address',
      subscriberId,
      addressHash,
      nextAttemptAt: now,
      createdAt: now,
      ...(isSent ? {} : { status: 'skipped', outcome: 'the address is not to be asked', finishedAt: now }),
    })
    .returning({ id: deliveries.id });
  return isSent ? (row?.id ?? null) : null;
}

/** Mail goes to the new address from now on, and all links given out before have ended. */
export async function moveSubscriber(
  tx: Sql,
  id: number,
  to: { email: string; emailKey: string; emailHash: string; movedAt: Date },
): Promise<void> {
  await tx
    .update(subscribers)
    .set({ ...to, newEmail: null, newEmailAt: null, tokenVersion: sql`${subscribers.tokenVersion} + 1` })
    .where(eq(subscribers.id, id));
}
