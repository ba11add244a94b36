/** SQL for going through the papers that are known, for a source that can only be asked about these. */
import { sql } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';
import type { KnownPaper, KnownPapersAsk } from './sources/semantic-scholar.ts';

/**
 * Papers with an arXiv id or a DOI first seen from `since` on, newest first, beginning behind the place `before`.
 * By time and not by id alone, as that is what the index has: a few of a million cost as little as a few of a thousand.
 */
export async function listKnownPapers(
  db: Sql,
  source: string,
  { since, before, limit }: KnownPapersAsk,
): Promise<KnownPaper[]> {
  const rows = await db.execute<Record<string, unknown>>(sql`
    select p.id, p.arxiv_id, p.doi, p.title, p.authors, p.published_at, p.first_seen_at, o.citations
    from papers p
    left join lateral (
      select citations from paper_observations
      where paper_id = p.id and source = ${source} order by observed_at desc limit 1
    ) o on true
    where p.first_seen_at >= ${since.toISOString()}::timestamptz
      and (p.first_seen_at, p.id) < (${before.firstSeenAt.toISOString()}::timestamptz, ${before.id}::bigint)
      and not p.withdrawn and (p.arxiv_id is not null or p.doi is not null)
    order by p.first_seen_at desc, p.id desc
    limit ${limit}`);
  return rows.map((row) => ({
    id: Number(row.id),
    arxivId: row.arxiv_id as string | null,
    doi: row.doi as string | null,
    title: row.title as string,
    authors: row.authors as string[],
    publishedAt: row.published_at ? new Date(row.published_at as string) : null,
    firstSeenAt: new Date(row.first_seen_at as string),
    citations: row.citations as number | null,
  }));
}
