/** SQL for what comes back of deliveries, and for the addresses that get no more mail because of it. */
import { and, count, desc, eq, gt, ne, sql } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';
import { bounces, consents, deliveries, subscribers, suppressions } from '../db/schema.ts';
import { hashAddress } from '../mail/address.ts';
import type { DeliveryStatus } from './deliveries.repo.ts';
import { UNKNOWN_PREFIX } from './unknown-fate.repo.ts';

export type BounceKind = (typeof bounces.$inferSelect)['kind'];
export type SuppressionReason = (typeof suppressions.$inferSelect)['reason'];

export interface ReturnedDelivery {
  id: number;
  status: DeliveryStatus;
  /** It was given up because nobody knew whether it was sent: what comes back of it proves that it was. */
  isUnknown: boolean;
  /** When the mail server took it; null while that is not known. */
  finishedAt: Date | null;
  createdAt: Date;
  /** `wish`: it asked the address that the subscriber wants to move to, which is no word on their own. */
  about: 'subscriber' | 'wish';
  subscriberId: number;
  /** Of the address it went to; null where the subscriber has moved away from it, or given up the wish. */
  emailHash: string | null;
}

/** The delivery that a report speaks of, held until the end of the transaction: reports of one come one by one. */
export async function findReturnedDelivery(tx: Sql, id: number): Promise<ReturnedDelivery | null> {
  const [row] = await tx
    .select({
      id: deliveries.id,
      status: deliveries.status,
      isUnknown: sql<boolean>`${deliveries.status} = 'failed' and starts_with(${deliveries.outcome}, ${UNKNOWN_PREFIX})`,
      finishedAt: deliveries.finishedAt,
      createdAt: deliveries.createdAt,
      kind: deliveries.kind,
      subscriberId: subscribers.id,
      emailHash: subscribers.emailHash,
      newEmail: subscribers.newEmail,
      newEmailAt: subscribers.newEmailAt,
      movedAt: subscribers.movedAt,
    })
    .from(deliveries)
    .innerJoin(subscribers, eq(subscribers.id, deliveries.subscriberId))
    .where(eq(deliveries.id, id))
    .for('update', { of: subscribers });
  if (!row) return null;
  const { kind, newEmail, newEmailAt, movedAt, ...delivery } = row;
  if (kind === 'new_address') {
    const isLatest = newEmail !== null && newEmailAt?.getTime() === delivery.createdAt.getTime();
    return {
      ...delivery,
      about: 'wish',
      emailHash: isLatest ? hashAddress(newEmail.toLowerCase()) : null,
    };
  }
  const hasMoved = movedAt !== null && (delivery.finishedAt ?? delivery.createdAt) < movedAt;
  return { ...delivery, about: 'subscriber', emailHash: hasMoved ? null : delivery.emailHash };
}

/** Nobody agrees to a move to an address that gets no mail. */
export async function endWish(tx: Sql, subscriberId: number): Promise<void> {
  await tx
    .update(subscribers)
    .set({ newEmail: null, newEmailAt: null })
    .where(eq(subscribers.id, subscriberId));
}

/** False where this delivery has such a report already. */
export async function insertBounce(tx: Sql, row: typeof bounces.$inferInsert): Promise<boolean> {
  const inserted = await tx
    .insert(bounces)
    .values(row)
    .onConflictDoNothing()
    .returning({ deliveryId: bounces.deliveryId });
  return inserted.length > 0;
}

/** How many of each kind came back after `since`; a kind without any is missing. */
export async function countBounces(db: Sql, since: Date): Promise<{ kind: BounceKind; count: number }[]> {
  return db
    .select({ kind: bounces.kind, count: count() })
    .from(bounces)
    .where(gt(bounces.createdAt, since))
    .groupBy(bounces.kind);
}

/** What was sent to a subscriber at their address of now, newest first, and whether it came back as undeliverable for now. */
export async function listSentWithBounces(
  tx: Sql,
  subscriberId: number,
  limit: number,
): Promise<{ sentAt: Date; soft: boolean }[]> {
  const rows = await tx
    .select({
      sentAt: sql<Date | string>`coalesce(${deliveries.finishedAt}, ${deliveries.createdAt})`,
      soft: sql<boolean>`exists (select 1 from ${bounces} b where b.delivery_id = ${deliveries.id} and b.kind = 'soft')`,
    })
    .from(deliveries)
    .innerJoin(subscribers, eq(subscribers.id, deliveries.subscriberId))
    .where(
      and(
        eq(deliveries.subscriberId, subscriberId),
        ne(deliveries.kind, 'new_address'),
        sql`coalesce(${deliveries.finishedAt}, ${deliveries.createdAt}) >= coalesce(${subscribers.movedAt}, '-infinity')`,
        sql`(${deliveries.status} = 'sent' or exists (select 1 from ${bounces} b where b.delivery_id = ${deliveries.id}))`,
      ),
    )
    .orderBy(desc(deliveries.id))
    .limit(limit);
  return rows.map(({ sentAt, soft }) => ({ sentAt: new Date(sentAt), soft }));
}

/** The first reason stays; only a complaint stands above a bounce. */
export async function insertSuppression(
  tx: Sql,
  row: { emailHash: string; reason: SuppressionReason; detail: string; createdAt: Date },
): Promise<void> {
  await tx
    .insert(suppressions)
    .values(row)
    .onConflictDoUpdate({
      target: suppressions.emailHash,
      set: { reason: row.reason, detail: row.detail },
      setWhere: sql`${row.reason} = 'complaint' and ${suppressions.reason} <> 'complaint'`,
    });
}

/** Someone who complained has left. */
export async function unsubscribeComplainer(tx: Sql, subscriberId: number, now: Date): Promise<void> {
  const left = await tx
    .update(subscribers)
    .set({ status: 'unsubscribed', unsubscribedAt: now, nextDueAt: null })
    .where(and(eq(subscribers.id, subscriberId), ne(subscribers.status, 'unsubscribed')))
    .returning({ id: subscribers.id });
  if (left.length === 0) return;
  await tx.insert(consents).values({ subscriberId, action: 'unsubscribed', via: 'bounce', createdAt: now });
}
