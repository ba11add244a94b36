/** SQL for reading papers: what an edition may use, what a page shows. Storing them is `store.repo.ts`. */
import { type SQL, sql } from 'drizzle-orm';
import { type Database, executePrepared, type Sql } from '../db/client.ts';
import { papers } from '../db/schema.ts';
import { NEVER_NEWS } from './paper.ts';
import { latestCitations, type PaperTrend, summarizeTrend, TREND_INTERVAL_MS } from './trend.ts';

/** A stored paper with what was last counted for it. */
export interface StoredPaper {
  id: number;
  arxivId: string | null;
  doi: string | null;
  title: string;
  abstract: string;
  authors: string[];
  categories: string[];
  publishedAt: Date | null;
  withdrawn: boolean;
  url: string | null;
  codeUrl: string | null;
  venue: string | null;
  openAccessUrl: string | null;
  fieldsOfStudy: string[];
  /** When it became news: first seen here, or first listed by a source that counts votes. */
  newsAt: Date;
  trend: PaperTrend | null;
  /** Null where none were counted. */
  citations: number | null;
}

/** The newest papers known at `at`, newest first, with what was last counted for each; those first seen after `since`. */
export async function listNewestPapers(
  db: Sql,
  { at, since = NEVER_NEWS, limit }: { at: Date; since?: Date; limit: number },
): Promise<StoredPaper[]> {
  return listWithTrend(
    db,
    at,
    sql`where not p.withdrawn and p.first_seen_at <= ${at.toISOString()} and p.first_seen_at > ${since.toISOString()}
      order by p.first_seen_at desc, p.id desc limit ${limit}`,
  );
}

/** Papers that a source which counts votes listed from `from` on, and before `before` where given, as they were known at `at`. */
export async function listListedPapers(
  db: Sql,
  { at, from, before, limit }: { at: Date; from: Date; before?: Date; limit: number },
): Promise<StoredPaper[]> {
  return listWithTrend(
    db,
    at,
    sql`where not p.withdrawn and p.id in (
        select paper_id from paper_observations
        where listed_at >= ${from.toISOString()} ${before ? sql`and listed_at < ${before.toISOString()}` : sql``}
          and observed_at <= ${at.toISOString()} and citations is null)
      order by p.first_seen_at desc, p.id desc limit ${limit}`,
  );
}

/** The papers of these ids in this order, withdrawn ones too; papers that only readers' lists tell of are left out. */
export async function listPapersById(db: Database, at: Date, ids: readonly number[]): Promise<StoredPaper[]> {
  if (ids.length === 0) return [];
  // Whatever the ids, the statement is one, and planning it takes as long as the answer.
  const rows = await executePrepared(
    db,
    selectWithTrend(
      at,
      sql`where p.id = any(${`{${ids.join(',')}}`}::bigint[]) and p.first_seen_at > ${NEVER_NEWS.toISOString()}
        order by array_position(${`{${ids.join(',')}}`}::bigint[], p.id)`,
    ),
  );
  return rows.map((row) => toStoredPaper(row, at));
}

/** When the nearest paper was listed or first seen before that time, or from it on; null where none was. */
export async function findNeighbourTime(
  db: Sql,
  bound: { before: Date } | { from: Date },
): Promise<Date | null> {
  const [nearest, beyond] =
    'before' in bound
      ? [sql`max`, sql`< ${bound.before.toISOString()}`]
      : [sql`min`, sql`>= ${bound.from.toISOString()}`];
  const [row] = await db.execute<{ at: string | null }>(sql`
    select ${nearest}(at) as at from (
      select ${nearest}(first_seen_at) as at from papers
      where first_seen_at ${beyond} and first_seen_at > ${NEVER_NEWS.toISOString()} and not withdrawn
      union all
      select ${nearest}(listed_at) from paper_observations where listed_at ${beyond} and citations is null
    ) nearest`);
  return row?.at ? new Date(row.at) : null;
}

/** Addresses are made of these: the `limit` papers that came last, and when each last changed. */
export async function listPaperAddresses(
  db: Sql,
  limit: number,
): Promise<{ id: number; arxivId: string | null; updatedAt: Date }[]> {
  return db
    .select({ id: papers.id, arxivId: papers.arxivId, updatedAt: papers.updatedAt })
    .from(papers)
    .where(sql`not ${papers.withdrawn} and ${papers.firstSeenAt} > ${NEVER_NEWS.toISOString()}`)
    .orderBy(sql`${papers.firstSeenAt} desc, ${papers.id} desc`)
    .limit(limit);
}

export async function hasPapers(db: Sql): Promise<boolean> {
  return (await db.select({ id: papers.id }).from(papers).limit(1)).length > 0;
}

async function listWithTrend(db: Sql, at: Date, rest: SQL): Promise<StoredPaper[]> {
  const rows = await db.execute<Record<string, unknown>>(selectWithTrend(at, rest));
  return rows.map((row) => toStoredPaper(row, at));
}

/** The last line of each source's time series, and the last that is at least `TREND_INTERVAL_MS` old: all that a trend needs. */
function selectWithTrend(at: Date, rest: SQL): SQL {
  const before = new Date(at.getTime() - TREND_INTERVAL_MS);
  return sql`
    select p.id, p.arxiv_id, p.doi, p.title, p.abstract, p.authors, p.categories, p.published_at, p.withdrawn, p.url, p.code_url,
      p.venue, p.open_access_url, p.fields_of_study,
      p.first_seen_at, o.observations
    from papers p
    left join lateral (
      select json_agg(latest) as observations from (
        select distinct on (source, is_earlier) *
        from (
          select source, listed_at, observed_at, upvotes, comments, github_stars, citations,
            observed_at <= ${before.toISOString()} as is_earlier
          from paper_observations
          where paper_id = p.id and observed_at <= ${at.toISOString()}
        ) series
        order by source, is_earlier, observed_at desc
      ) latest
    ) o on true
    ${rest}`;
}

interface ObservationRow {
  source: string;
  listed_at: string;
  observed_at: string;
  upvotes: number | null;
  comments: number | null;
  github_stars: number | null;
  citations: number | null;
}

/** Raw statements answer with timestamps as text and bigints as text. */
function toStoredPaper(row: Record<string, unknown>, at: Date): StoredPaper {
  const text = (name: string) => (row[name] ?? null) as string | null;
  const observations = ((row.observations ?? []) as ObservationRow[]).map((observation) => ({
    source: observation.source,
    listedAt: new Date(observation.listed_at),
    observedAt: new Date(observation.observed_at),
    upvotes: observation.upvotes,
    comments: observation.comments,
    githubStars: observation.github_stars,
    citations: observation.citations,
  }));
  const firstSeenAt = new Date(row.first_seen_at as string);
  // Who counts citations goes through all papers and lists none.
  const listings = observations.filter(({ citations }) => citations === null);
  const listedAt = Math.max(...listings.map((listing) => listing.listedAt.getTime()));
  return {
    id: Number(row.id),
    arxivId: text('arxiv_id'),
    doi: text('doi'),
    title: row.title as string,
    abstract: row.abstract as string,
    authors: row.authors as string[],
    categories: row.categories as string[],
    publishedAt: row.published_at ? new Date(row.published_at as string) : null,
    withdrawn: row.withdrawn as boolean,
    url: text('url'),
    codeUrl: text('code_url'),
    venue: text('venue'),
    openAccessUrl: text('open_access_url'),
    fieldsOfStudy: row.fields_of_study as string[],
    newsAt: listedAt > firstSeenAt.getTime() ? new Date(listedAt) : firstSeenAt,
    trend: summarizeTrend(observations, at),
    citations: latestCitations(observations, at),
  };
}
