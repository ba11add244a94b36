/** SQL for digests: who is due, what they like, what they were sent, and the writing of an edition. */
import { and, asc, count, desc, eq, gt, inArray, isNull, lte, max, or, sql } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';
import {
  deliveries,
  digestPapers,
  digests,
  feedback,
  profiles,
  profileTopics,
  subscribers,
} from '../db/schema.ts';
import type { Reason } from '../ranking/explain.ts';

/** A subscriber as composing needs it. */
export interface DueReader {
  id: number;
  frequency: 'daily' | 'weekly';
  weekdays: number[];
  hour: number;
  timezone: string;
  paperCount: number;
  pickiness: 'low' | 'medium' | 'high';
  lastDigestAt: Date | null;
  keywords: string[];
  excluded: string[];
  authors: string[];
  topicIds: number[];
  likedPaperIds: number[];
  dislikedPaperIds: number[];
}

export interface NewDigest {
  subscriberId: number;
  edition: string;
  composedAt: Date;
  filled: boolean;
  papers: { paperId: number; score: number; reasons: Reason[] }[];
  /** The most trending first; not counted as sent. */
  alsoTrending: { paperId: number; reason: Reason }[];
}

const isDue = (at: Date) =>
  and(
    eq(subscribers.status, 'active'),
    lte(subscribers.nextDueAt, at),
    or(isNull(subscribers.pausedUntil), lte(subscribers.pausedUntil, at)),
  );

/** The next `limit` due subscribers by id after `afterId`. */
export async function listDueIds(
  db: Sql,
  { at, afterId, limit }: { at: Date; afterId: number; limit: number },
): Promise<number[]> {
  const rows = await db
    .select({ id: subscribers.id })
    .from(subscribers)
    .where(and(isDue(at), gt(subscribers.id, afterId)))
    .orderBy(asc(subscribers.id))
    .limit(limit);
  return rows.map(({ id }) => id);
}

/** Those of `ids` that are due, locked until the transaction ends; rows another worker holds are left to it. */
export async function lockDueReaders(tx: Sql, ids: readonly number[], at: Date): Promise<DueReader[]> {
  const rows = await tx
    .select()
    .from(subscribers)
    .where(and(inArray(subscribers.id, [...ids]), isDue(at)))
    .orderBy(asc(subscribers.id))
    .for('update', { skipLocked: true });
  return withProfiles(tx, rows);
}

/** One subscriber as composing sees them, due or not. */
export async function findReader(db: Sql, id: number): Promise<DueReader | null> {
  const rows = await db.select().from(subscribers).where(eq(subscribers.id, id));
  return (await withProfiles(db, rows))[0] ?? null;
}

async function withProfiles(db: Sql, rows: (typeof subscribers.$inferSelect)[]): Promise<DueReader[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const words = await db.select().from(profiles).where(inArray(profiles.subscriberId, ids));
  const chosen = await db.select().from(profileTopics).where(inArray(profileTopics.subscriberId, ids));
  const verdicts = await db.select().from(feedback).where(inArray(feedback.subscriberId, ids));
  const wordsOf = new Map(words.map((row) => [row.subscriberId, row]));
  const topicsOf = groupBySubscriber(chosen);
  const verdictsOf = groupBySubscriber(verdicts);
  return rows.map((row) => {
    const judged = verdictsOf.get(row.id) ?? [];
    const idsOf = (verdict: string) => judged.filter((v) => v.verdict === verdict).map((v) => v.paperId);
    return {
      ...row,
      keywords: wordsOf.get(row.id)?.keywords ?? [],
      excluded: wordsOf.get(row.id)?.excluded ?? [],
      authors: wordsOf.get(row.id)?.authors ?? [],
      topicIds: (topicsOf.get(row.id) ?? []).map(({ topicId }) => topicId),
      likedPaperIds: idsOf('liked'),
      dislikedPaperIds: idsOf('disliked'),
    };
  });
}

function groupBySubscriber<T extends { subscriberId: number }>(rows: readonly T[]): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const row of rows) {
    const group = groups.get(row.subscriberId);
    if (group) group.push(row);
    else groups.set(row.subscriberId, [row]);
  }
  return groups;
}

/** The papers of the latest `limit` verdicts of readers who get digests, each once. */
export async function listJudgedPaperIds(db: Sql, { limit }: { limit: number }): Promise<number[]> {
  const rows = await db.execute<{ paper_id: string }>(sql`
    select distinct paper_id from (
      select f.paper_id from feedback f join subscribers s on s.id = f.subscriber_id
      where s.status = 'active' order by f.created_at desc limit ${limit}
    ) latest order by paper_id`);
  return rows.map((row) => Number(row.paper_id));
}

/**
 * Which papers were liked together: a list of paper ids for each reader who confirmed and likes two or more, made of the
 * latest `limit` likes of all. Whose list is whose is not told.
 */
export async function listLikedTogether(db: Sql, { limit }: { limit: number }): Promise<number[][]> {
  const rows = await db.execute<{ paper_ids: string[] }>(sql`
    select array_agg(paper_id order by paper_id) as paper_ids from (
      select f.subscriber_id, f.paper_id from feedback f join subscribers s on s.id = f.subscriber_id
      where f.verdict = 'liked' and s.confirmed_at is not null order by f.created_at desc limit ${limit}
    ) latest
    group by subscriber_id having count(*) > 1
    order by subscriber_id`);
  return rows.map((row) => row.paper_ids.map(Number));
}

/** When this reader last liked or disliked a paper; null where they never did. */
export async function findLatestVerdictAt(db: Sql, subscriberId: number): Promise<Date | null> {
  const [row] = await db
    .select({ at: max(feedback.createdAt) })
    .from(feedback)
    .where(eq(feedback.subscriberId, subscriberId));
  return row?.at ?? null;
}

/** Digests that were composed for this subscriber, newest first. */
export async function listDigestIds(
  db: Sql,
  { subscriberId, limit, offset }: { subscriberId: number; limit: number; offset: number },
): Promise<number[]> {
  const rows = await db
    .select({ id: digests.id })
    .from(digests)
    .where(eq(digests.subscriberId, subscriberId))
    .orderBy(desc(digests.composedAt), desc(digests.id))
    .limit(limit)
    .offset(offset);
  return rows.map(({ id }) => id);
}

export async function countDigests(db: Sql, subscriberId: number): Promise<number> {
  const [row] = await db
    .select({ count: count() })
    .from(digests)
    .where(eq(digests.subscriberId, subscriberId));
  return row?.count ?? 0;
}

/** What each of these subscribers was sent before, of papers with an id of at least `fromPaperId`. */
export async function listSentPapers(
  db: Sql,
  subscriberIds: readonly number[],
  fromPaperId: number,
): Promise<Map<number, Set<number>>> {
  const rows = await db
    .select({ subscriberId: digestPapers.subscriberId, paperId: digestPapers.paperId })
    .from(digestPapers)
    .where(
      and(
        inArray(digestPapers.subscriberId, [...subscriberIds]),
        sql`${digestPapers.paperId} >= ${fromPaperId}`,
      ),
    );
  const sent = new Map<number, Set<number>>();
  for (const { subscriberId, paperId } of rows) {
    const papers = sent.get(subscriberId) ?? new Set();
    sent.set(subscriberId, papers.add(paperId));
  }
  return sent;
}

/** Writes digests with their papers and one pending delivery each; an edition that exists is left alone. Returns the deliveries' ids. */
export async function insertDigests(tx: Sql, rows: readonly NewDigest[], now: Date): Promise<number[]> {
  if (rows.length === 0) return [];
  const written = await tx
    .insert(digests)
    .values(rows.map(({ papers, ...digest }) => digest))
    .onConflictDoNothing()
    .returning({ id: digests.id, subscriberId: digests.subscriberId });
  const idOf = new Map(written.map(({ id, subscriberId }) => [subscriberId, id]));
  const created = rows.flatMap((row) => {
    const digestId = idOf.get(row.subscriberId);
    return digestId === undefined ? [] : [{ ...row, digestId }];
  });
  if (created.length === 0) return [];
  await tx
    .insert(digestPapers)
    .values(
      created.flatMap(({ digestId, subscriberId, papers }) =>
        papers.map((paper, position) => ({ digestId, subscriberId, position: position + 1, ...paper })),
      ),
    );
  const added = await tx
    .insert(deliveries)
    .values(
      created.map(({ digestId, subscriberId }) => ({
        kind: 'digest' as const,
        digestId,
        subscriberId,
        nextAttemptAt: now,
        createdAt: now,
      })),
    )
    .returning({ id: deliveries.id });
  return added.map(({ id }) => id);
}

/** Moves everyone's next due time, and the last digest's time of those who got one. One statement a page. */
export async function updateDueTimes(
  tx: Sql,
  rows: readonly { id: number; nextDueAt: Date; lastDigestAt: Date | null }[],
): Promise<void> {
  if (rows.length === 0) return;
  const values = sql.join(
    rows.map(
      ({ id, nextDueAt, lastDigestAt }) =>
        sql`(${id}::bigint, ${nextDueAt.toISOString()}::timestamptz, ${lastDigestAt?.toISOString() ?? null}::timestamptz)`,
    ),
    sql`, `,
  );
  await tx.execute(sql`
    update subscribers s set next_due_at = v.next_due_at, last_digest_at = coalesce(v.last_digest_at, s.last_digest_at)
    from (values ${values}) as v(id, next_due_at, last_digest_at)
    where s.id = v.id`);
}
