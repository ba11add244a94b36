/** SQL for the papers that readers point at: found by what names them, and read without what only news has. */
import { inArray, sql } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';
import { paperKeys, papers } from '../db/schema.ts';

export interface KeyedPaper {
  id: number;
  arxivId: string | null;
  doi: string | null;
}

/** The papers that own these keys, by key. */
export async function findPapersByKey(db: Sql, keys: readonly string[]): Promise<Map<string, KeyedPaper>> {
  if (keys.length === 0) return new Map();
  const rows = await db
    .select({ key: paperKeys.key, id: papers.id, arxivId: papers.arxivId, doi: papers.doi })
    .from(paperKeys)
    .innerJoin(papers, sql`${papers.id} = ${paperKeys.paperId}`)
    .where(inArray(paperKeys.key, [...new Set(keys)]));
  return new Map(rows.map(({ key, ...paper }) => [key, paper]));
}

/** What a page says of a paper. */
export interface NamedPaper {
  id: number;
  title: string;
  authors: string[];
  arxivId: string | null;
  url: string | null;
}

export async function findNamedPaper(db: Sql, id: number): Promise<NamedPaper | null> {
  const { title, authors, arxivId, url } = papers;
  const [row] = await db
    .select({ id: papers.id, title, authors, arxivId, url })
    .from(papers)
    .where(sql`${papers.id} = ${id}`);
  return row ?? null;
}

/** A paper's text as the ranking compares it; no votes, since it is not a candidate. */
export interface ComparedPaper {
  id: number;
  title: string;
  abstract: string;
  authors: string[];
  categories: string[];
  publishedAt: Date | null;
  trend: null;
}

export async function listComparedPapers(db: Sql, ids: readonly number[]): Promise<ComparedPaper[]> {
  if (ids.length === 0) return [];
  const { id, title, abstract, authors, categories, publishedAt } = papers;
  const rows = await db
    .select({ id, title, abstract, authors, categories, publishedAt })
    .from(papers)
    // As one value: there are thousands.
    .where(sql`${papers.id} = any(${`{${ids.join(',')}}`}::bigint[])`);
  return rows.map((row) => ({ ...row, trend: null }));
}
