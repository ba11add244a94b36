/** SQL for what readers said of papers: one verdict a reader and paper. */
import { and, count, desc, eq, inArray, sql } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';
import { feedback, papers } from '../db/schema.ts';

export type Verdict = (typeof feedback.$inferSelect)['verdict'];

/**
 * Gives all these papers one verdict, whatever they had; one that had it keeps its time. Papers that are gone are passed
 * over. Returns the ids of those whose verdict is new.
 */
export async function saveVerdicts(
  db: Sql,
  {
    subscriberId,
    paperIds,
    verdict,
    at,
  }: { subscriberId: number; paperIds: readonly number[]; verdict: Verdict; at: Date },
): Promise<number[]> {
  if (paperIds.length === 0) return [];
  const rows = await db.execute<{ paper_id: string }>(sql`
    insert into feedback as f (subscriber_id, paper_id, verdict, created_at)
    select ${subscriberId}::bigint, p.id, ${verdict}, ${at.toISOString()}::timestamptz
    from papers p where p.id = any(${`{${paperIds.join(',')}}`}::bigint[])
    on conflict (subscriber_id, paper_id) do update
      set verdict = excluded.verdict, created_at = excluded.created_at
      where f.verdict <> excluded.verdict
    returning f.paper_id`);
  return rows.map((row) => Number(row.paper_id));
}

/** Takes back verdicts: of one paper, of one moment, or all. Returns how many there were. */
export async function deleteVerdicts(
  db: Sql,
  subscriberId: number,
  which: { paperId: number } | { givenAt: Date } | 'all',
): Promise<number> {
  const also =
    which === 'all'
      ? undefined
      : 'paperId' in which
        ? eq(feedback.paperId, which.paperId)
        : eq(feedback.createdAt, which.givenAt);
  const rows = await db
    .delete(feedback)
    .where(and(eq(feedback.subscriberId, subscriberId), also))
    .returning({ paperId: feedback.paperId });
  return rows.length;
}

export async function countVerdicts(db: Sql, subscriberId: number): Promise<number> {
  const [row] = await db
    .select({ count: count() })
    .from(feedback)
    .where(eq(feedback.subscriberId, subscriberId));
  return row?.count ?? 0;
}

/** What this reader said of these papers, by paper. */
export async function findVerdicts(
  db: Sql,
  subscriberId: number,
  paperIds: readonly number[],
): Promise<Map<number, Verdict>> {
  if (paperIds.length === 0) return new Map();
  const rows = await db
    .select({ paperId: feedback.paperId, verdict: feedback.verdict })
    .from(feedback)
    .where(and(eq(feedback.subscriberId, subscriberId), inArray(feedback.paperId, [...paperIds])));
  return new Map(rows.map(({ paperId, verdict }) => [paperId, verdict]));
}

export interface JudgedPaper {
  paperId: number;
  title: string;
  arxivId: string | null;
  url: string | null;
}

/** The papers with this verdict, the latest first. */
export async function listJudgedPapers(
  db: Sql,
  { subscriberId, verdict, limit }: { subscriberId: number; verdict: Verdict; limit: number },
): Promise<JudgedPaper[]> {
  return db
    .select({ paperId: papers.id, title: papers.title, arxivId: papers.arxivId, url: papers.url })
    .from(feedback)
    .innerJoin(papers, eq(papers.id, feedback.paperId))
    .where(and(eq(feedback.subscriberId, subscriberId), eq(feedback.verdict, verdict)))
    .orderBy(desc(feedback.createdAt), desc(feedback.paperId))
    .limit(limit);
}
