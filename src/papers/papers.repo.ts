/** SQL for papers: store what sources told, find what an edition may use. */
import { type SQL, sql } from 'drizzle-orm';
import type { Database, Sql } from '../db/client.ts';
import { paperObservations, paperSources, papers } from '../db/schema.ts';
import { canonicalKey, type Paper } from './paper.ts';

/** A stored paper with what was last counted for it. */
export interface StoredPaper {
  id: number;
  arxivId: string | null;
  title: string;
  abstract: string;
  authors: string[];
  categories: string[];
  publishedAt: Date | null;
  url: string | null;
  codeUrl: string | null;
  /** When it became news: first seen here, or first listed by a source that counts votes. */
  newsAt: Date;
  trend: {
    upvotes: number | null;
    comments: number | null;
    githubStars: number | null;
    listedAt: Date;
    observedAt: Date;
  } | null;
}

/**
 * Stores one batch in one transaction and says how many rows were new and how many changed.
 * A newer version replaces title and abstract, an older answer never does; what a source doesn't know
 * (categories, DOI, code) never wipes what another told. `seenAt` is when a new paper became known here.
 */
export async function upsertPapers(
  db: Database,
  batch: readonly Paper[],
  seenAt: (paper: Paper) => Date,
): Promise<{ inserted: number; updated: number }> {
  const byKey = new Map<string, Paper>();
  for (const paper of batch) {
    const key = canonicalKey(paper);
    const earlier = byKey.get(key);
    if (!earlier || earlier.version <= paper.version) byKey.set(key, paper);
  }
  if (byKey.size === 0) return { inserted: 0, updated: 0 };

  return db.transaction(async (tx) => {
    const changed = await tx
      .insert(papers)
      .values(
        [...byKey].map(([key, paper]) => ({
          canonicalKey: key,
          arxivId: paper.arxivId,
          doi: paper.doi,
          version: paper.version,
          title: paper.title,
          abstract: paper.abstract,
          authors: paper.authors,
          categories: paper.categories,
          publishedAt: paper.publishedAt,
          url: paper.url,
          codeUrl: paper.codeUrl,
          firstSeenAt: seenAt(paper),
          updatedAt: seenAt(paper),
        })),
      )
      .onConflictDoUpdate({
        target: papers.canonicalKey,
        set: MERGE,
        setWhere: sql`(papers.version, papers.title, papers.abstract, papers.authors, papers.categories, papers.doi, papers.url, papers.code_url)
          is distinct from (${MERGE.version}, ${MERGE.title}, ${MERGE.abstract}, ${MERGE.authors}, ${MERGE.categories}, ${MERGE.doi}, ${MERGE.url}, ${MERGE.codeUrl})`,
      })
      // A row that this statement made has no earlier version of itself.
      .returning({ inserted: sql<boolean>`xmax = 0` });

    const keys = [...byKey.keys()];
    const ids = new Map(
      (
        await tx
          .select({ id: papers.id, key: papers.canonicalKey })
          .from(papers)
          .where(sql`${papers.canonicalKey} = any(${sql.param(keys)}::text[])`)
      ).map(({ id, key }) => [key, id]),
    );
    await storeSightings(tx, batch, (paper) => ids.get(canonicalKey(paper)) ?? 0, seenAt);
    const inserted = changed.filter((row) => row.inserted).length;
    return { inserted, updated: changed.length - inserted };
  });
}

/** What a row becomes when a source tells of it again. */
const newer = sql`excluded.version >= papers.version`;
const MERGE = {
  version: sql`greatest(papers.version, excluded.version)`,
  title: sql`case when ${newer} then excluded.title else papers.title end`,
  abstract: sql`case when ${newer} and excluded.abstract <> '' then excluded.abstract else papers.abstract end`,
  authors: sql`case when ${newer} and cardinality(excluded.authors) > 0 then excluded.authors else papers.authors end`,
  categories: sql`case when cardinality(excluded.categories) > 0 then excluded.categories else papers.categories end`,
  doi: sql`coalesce(excluded.doi, papers.doi)`,
  url: sql`coalesce(excluded.url, papers.url)`,
  codeUrl: sql`coalesce(excluded.code_url, papers.code_url)`,
  updatedAt: sql`excluded.updated_at`,
} satisfies Record<string, SQL>;

async function storeSightings(
  tx: Sql,
  batch: readonly Paper[],
  idOf: (paper: Paper) => number,
  seenAt: (paper: Paper) => Date,
): Promise<void> {
  const sightings = new Map(batch.map((paper) => [`${paper.source}\n${paper.externalId}`, paper]));
  await tx
    .insert(paperSources)
    .values(
      [...sightings.values()].map((paper) => ({
        source: paper.source,
        externalId: paper.externalId,
        paperId: idOf(paper),
        firstSeenAt: seenAt(paper),
        lastSeenAt: seenAt(paper),
      })),
    )
    .onConflictDoUpdate({
      target: [paperSources.source, paperSources.externalId],
      set: { lastSeenAt: sql`excluded.last_seen_at`, paperId: sql`excluded.paper_id` },
    });
  const observations = [...sightings.values()].flatMap((paper) =>
    paper.trend ? [{ paperId: idOf(paper), source: paper.source, ...paper.trend }] : [],
  );
  if (observations.length > 0) {
    await tx.insert(paperObservations).values(observations).onConflictDoNothing();
  }
}

/** The newest papers known at `at`, newest first, with what was last counted for each. */
export async function listNewestPapers(
  db: Sql,
  { at, limit }: { at: Date; limit: number },
): Promise<StoredPaper[]> {
  return listWithTrend(
    db,
    at,
    sql`where p.first_seen_at <= ${at.toISOString()} order by p.first_seen_at desc, p.id desc limit ${limit}`,
  );
}

/** Papers that a source which counts votes listed in the `days` before `at`. */
export async function listListedPapers(
  db: Sql,
  { at, days, limit }: { at: Date; days: number; limit: number },
): Promise<StoredPaper[]> {
  const from = new Date(at.getTime() - days * 24 * 3600_000);
  return listWithTrend(
    db,
    at,
    sql`where p.id in (
        select paper_id from paper_observations
        where listed_at > ${from.toISOString()} and observed_at <= ${at.toISOString()})
      order by o.listed_at desc, o.upvotes desc nulls last, p.id desc limit ${limit}`,
  );
}

export async function countPapers(db: Sql): Promise<number> {
  const [row] = await db.select({ count: sql<number>`count(*)::int` }).from(papers);
  return row?.count ?? 0;
}

async function listWithTrend(db: Sql, at: Date, rest: SQL): Promise<StoredPaper[]> {
  const rows = await db.execute<Record<string, unknown>>(sql`
    select p.id, p.arxiv_id, p.title, p.abstract, p.authors, p.categories, p.published_at, p.url, p.code_url,
      p.first_seen_at, o.upvotes, o.comments, o.github_stars, o.listed_at, o.observed_at
    from papers p
    left join lateral (
      select * from paper_observations
      where paper_id = p.id and observed_at <= ${at.toISOString()}
      order by observed_at desc, upvotes desc nulls last limit 1
    ) o on true
    ${rest}`);
  return rows.map(toStoredPaper);
}

/** Raw statements answer with timestamps as text and bigints as text. */
function toStoredPaper(row: Record<string, unknown>): StoredPaper {
  const text = (name: string) => (row[name] ?? null) as string | null;
  const count = (name: string) => (row[name] ?? null) as number | null;
  const date = (name: string) => new Date(row[name] as string);
  const listedAt = row.listed_at ? date('listed_at') : null;
  const firstSeenAt = date('first_seen_at');
  return {
    id: Number(row.id),
    arxivId: text('arxiv_id'),
    title: row.title as string,
    abstract: row.abstract as string,
    authors: row.authors as string[],
    categories: row.categories as string[],
    publishedAt: row.published_at ? date('published_at') : null,
    url: text('url'),
    codeUrl: text('code_url'),
    newsAt: listedAt && listedAt > firstSeenAt ? listedAt : firstSeenAt,
    trend: listedAt
      ? {
          upvotes: count('upvotes'),
          comments: count('comments'),
          githubStars: count('github_stars'),
          listedAt,
          observedAt: date('observed_at'),
        }
      : null,
  };
}
