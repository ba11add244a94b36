/** SQL for readers who move to another address. */
import { and, count, eq, gt, sql } from 'drizzle-orm';
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

/** Adds the mail that asks the new address, one that is never sent where it is not to be asked; returns its id. */
export async function insertAsking(
  tx: Sql,
  { subscriberId, now, isSent }: { subscriberId: number; now: Date; isSent: boolean },
): Promise<number | null> {
  const [row] = await tx
    .insert(deliveries)
    .values({
      kind: 'new_address',
      subscriberId,
      nextAttemptAt: now,
      createdAt: now,
      ...(isSent ? {} : { status: 'skipped', outcome: 'the address has a digest already', finishedAt: now }),
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
