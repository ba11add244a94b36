/** SQL for subscribers, their profiles and what they consented to. */
import { and, count, eq, gt, inArray, sql } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';
import {
  consents,
  deliveries,
  profiles,
  profileTopics,
  subscribers,
  suppressions,
  topics,
} from '../db/schema.ts';
import { AppError } from '../errors.ts';

export type Subscriber = typeof subscribers.$inferSelect;
export type NewSubscriber = typeof subscribers.$inferInsert;
export type SubscriberChange = Partial<Omit<NewSubscriber, 'id' | 'emailKey' | 'createdAt'>>;
export type LeaveReason = NonNullable<Subscriber['leaveReason']>;
export type ConsentAction = (typeof consents.$inferInsert)['action'];
export type ConsentVia = (typeof consents.$inferInsert)['via'];

export interface ProfileWords {
  keywords: string[];
  excluded?: string[];
  authors?: string[];
}

export interface SubscriberProfile {
  topicSlugs: string[];
  topicNames: string[];
  keywords: string[];
  excluded: string[];
  authors: string[];
}

export async function findSubscriber(db: Sql, id: number): Promise<Subscriber | null> {
  const [row] = await db.select().from(subscribers).where(eq(subscribers.id, id));
  return row ?? null;
}

/** Locks the row until the transaction ends. Throws where it is gone, as whoever holds it was found a moment ago. */
export async function lockSubscriber(tx: Sql, id: number): Promise<Subscriber> {
  const [row] = await tx.select().from(subscribers).where(eq(subscribers.id, id)).for('update');
  if (!row) throw new AppError('NOT_FOUND', 'This link leads to nothing any more.');
  return row;
}

/** Locks the row until the transaction ends, so that two requests for one address take turns. */
export async function findSubscriberByEmail(db: Sql, emailKey: string): Promise<Subscriber | null> {
  const [row] = await db.select().from(subscribers).where(eq(subscribers.emailKey, emailKey)).for('update');
  return row ?? null;
}

/** Inserts those whose address is new and returns their ids by address key. */
export async function insertSubscribers(
  db: Sql,
  rows: readonly NewSubscriber[],
): Promise<Map<string, number>> {
  if (rows.length === 0) return new Map();
  const inserted = await db
    .insert(subscribers)
    .values([...rows])
    .onConflictDoNothing()
    .returning({ id: subscribers.id, emailKey: subscribers.emailKey });
  return new Map(inserted.map(({ id, emailKey }) => [emailKey, id]));
}

export async function updateSubscriber(db: Sql, id: number, change: SubscriberChange): Promise<void> {
  await db.update(subscribers).set(change).where(eq(subscribers.id, id));
}

/** Of someone who left and has not come back; false for anyone else, of whom nothing is changed. */
export async function saveLeaveReason(db: Sql, id: number, reason: LeaveReason): Promise<boolean> {
  const rows = await db
    .update(subscribers)
    .set({ leaveReason: reason })
    .where(and(eq(subscribers.id, id), eq(subscribers.status, 'unsubscribed')))
    .returning({ id: subscribers.id });
  return rows.length > 0;
}

/** How many have left and not come back, by what they gave as the reason; null is nothing. */
export async function countLeft(db: Sql): Promise<{ reason: LeaveReason | null; count: number }[]> {
  return db
    .select({ reason: subscribers.leaveReason, count: count() })
    .from(subscribers)
    .where(eq(subscribers.status, 'unsubscribed'))
    .groupBy(subscribers.leaveReason);
}

/** Replaces the words and topics of a profile; words not given stay. Unknown slugs are left out: callers check first. */
export async function replaceProfiles(
  db: Sql,
  rows: readonly { subscriberId: number; words: ProfileWords; topicIds: readonly number[] }[],
): Promise<void> {
  if (rows.length === 0) return;
  const ids = rows.map(({ subscriberId }) => subscriberId);
  await db
    .insert(profiles)
    .values(rows.map(({ subscriberId, words }) => ({ subscriberId, excluded: [], authors: [], ...words })))
    .onConflictDoUpdate({
      target: profiles.subscriberId,
      set: {
        keywords: sql`excluded.keywords`,
        ...(rows.some(({ words }) => words.excluded) ? { excluded: sql`excluded.excluded` } : {}),
        ...(rows.some(({ words }) => words.authors) ? { authors: sql`excluded.authors` } : {}),
      },
    });
  await db.delete(profileTopics).where(inArray(profileTopics.subscriberId, ids));
  const chosen = rows.flatMap(({ subscriberId, topicIds }) =>
    topicIds.map((topicId) => ({ subscriberId, topicId })),
  );
  if (chosen.length > 0) await db.insert(profileTopics).values(chosen).onConflictDoNothing();
}

export async function getProfile(db: Sql, subscriberId: number): Promise<SubscriberProfile> {
  const [words] = await db.select().from(profiles).where(eq(profiles.subscriberId, subscriberId));
  const chosen = await db
    .select({ slug: topics.slug, name: topics.name })
    .from(profileTopics)
    .innerJoin(topics, eq(topics.id, profileTopics.topicId))
    .where(eq(profileTopics.subscriberId, subscriberId))
    .orderBy(topics.position);
  return {
    topicSlugs: chosen.map(({ slug }) => slug),
    topicNames: chosen.map(({ name }) => name),
    keywords: words?.keywords ?? [],
    excluded: words?.excluded ?? [],
    authors: words?.authors ?? [],
  };
}

export async function insertConsents(
  db: Sql,
  rows: readonly { subscriberId: number; action: ConsentAction; via: ConsentVia; createdAt: Date }[],
): Promise<void> {
  if (rows.length > 0) await db.insert(consents).values([...rows]);
}

export async function isSuppressed(db: Sql, emailHash: string): Promise<boolean> {
  return (await listSuppressed(db, [emailHash])).has(emailHash);
}

/** Those of the hashes that get no mail. */
export async function listSuppressed(db: Sql, emailHashes: readonly string[]): Promise<Set<string>> {
  if (emailHashes.length === 0) return new Set();
  const rows = await db
    .select({ hash: suppressions.emailHash })
    .from(suppressions)
    .where(inArray(suppressions.emailHash, [...emailHashes]));
  return new Set(rows.map(({ hash }) => hash));
}

/** Adds a mail of the service (not a digest) unless one of the kind was added after `unlessAfter`; returns its id. */
export async function insertServiceDelivery(
  db: Sql,
  row: { kind: 'confirm' | 'already_subscribed'; subscriberId: number; now: Date; unlessAfter: Date },
): Promise<number | null> {
  const recent = await db
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(
      and(
        eq(deliveries.subscriberId, row.subscriberId),
        eq(deliveries.kind, row.kind),
        gt(deliveries.createdAt, row.unlessAfter),
      ),
    );
  if (recent.length > 0) return null;
  const [inserted] = await db
    .insert(deliveries)
    .values({ kind: row.kind, subscriberId: row.subscriberId, nextAttemptAt: row.now, createdAt: row.now })
    .returning({ id: deliveries.id });
  return inserted?.id ?? null;
}

/** Marks what waits to be sent to a subscriber as not wanted; what is being sent stays. */
export async function skipWaitingMails(tx: Sql, subscriberId: number, now: Date): Promise<void> {
  await tx
    .update(deliveries)
    .set({ status: 'skipped', outcome: 'not wanted any more', finishedAt: now })
    .where(and(eq(deliveries.subscriberId, subscriberId), eq(deliveries.status, 'pending')));
}

/** Whether a worker that is alive has a mail to this subscriber in hand. */
export async function isBeingMailed(db: Sql, subscriberId: number, now: Date): Promise<boolean> {
  const held = await db
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(
      and(
        eq(deliveries.subscriberId, subscriberId),
        eq(deliveries.status, 'sending'),
        gt(deliveries.leaseUntil, now),
      ),
    );
  return held.length > 0;
}
