/** From sources to stored papers: page by page, so that whatever happens later, what was read is kept. */
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import { upsertPapers } from './papers.repo.ts';
import { readArxivQuery } from './sources/arxiv.ts';
import { readHuggingFaceDays } from './sources/hugging-face.ts';
import type { SourceContext, SourcePage } from './sources/source.ts';

export type LiveSource = 'hf' | 'arxiv';
export const LIVE_SOURCES: readonly LiveSource[] = ['hf', 'arxiv'];

export interface IngestCounts {
  seen: number;
  inserted: number;
  updated: number;
  skipped: number;
}

/** Both days `YYYY-MM-DD` in UTC, both included. */
export interface IngestRange {
  from: string;
  to: string;
  /** Gives up on the source when it fires; pages stored before stay. */
  signal?: AbortSignal;
}

/** What the arXiv API answers well in one request, and how long it asks to be left alone after it. */
const ARXIV = { pageSize: 500, maxResults: 5000, pauseMs: 3000 };
/** Votes still come in on the third day; older listings hardly move. */
const RECENT_DAYS = 3;

/** The pages of one live source for a range of days. */
export function readLiveSource(
  ctx: Context,
  source: LiveSource,
  { from, to, signal }: IngestRange,
): AsyncIterable<SourcePage> {
  const { userAgent, huggingFaceUrl, arxivUrl, arxivQuery } = ctx.config.sources;
  const sourceContext: SourceContext = { fetch: ctx.fetch, now: ctx.now, userAgent, signal };
  switch (source) {
    case 'hf':
      return readHuggingFaceDays(sourceContext, { baseUrl: huggingFaceUrl, from, to });
    case 'arxiv':
      return readArxivQuery(sourceContext, { baseUrl: arxivUrl, query: arxivQuery, from, to, ...ARXIV });
  }
}

/** Stores page after page; `onPage` hears the counts so far. Throws what the source throws, after what it gave is stored. */
export async function ingestPages(
  ctx: Context,
  pages: AsyncIterable<SourcePage>,
  onPage: (counts: IngestCounts) => void = () => {},
): Promise<IngestCounts> {
  const counts = { seen: 0, inserted: 0, updated: 0, skipped: 0 };
  for await (const { papers, skipped } of pages) {
    const now = ctx.now();
    const { inserted, updated } = await upsertPapers(ctx.db, papers, () => now);
    counts.seen += papers.length + skipped.length;
    counts.inserted += inserted;
    counts.updated += updated;
    counts.skipped += skipped.length;
    for (const { reason, externalId } of skipped)
      ctx.log.debug({ event: 'ingest.skipped', reason, externalId });
    onPage(counts);
  }
  return counts;
}

export type SourceResults = Record<LiveSource, IngestCounts | { failed: string }>;

/** Reads the last days of every live source, with one log line for all; a source that failed is asked again next time. */
export async function ingestRecent(ctx: Context): Promise<SourceResults> {
  const results = await readRecent(ctx);
  const failed = Object.values(results).some((result) => 'failed' in result);
  ctx.log[failed ? 'warn' : 'info']({ event: 'ingest.done', ...results });
  return results;
}

/** The same without a word. A source that fails is in the result and stops no other; `signal` ends them all. */
export async function readRecent(ctx: Context, signal?: AbortSignal): Promise<SourceResults> {
  const now = ctx.now();
  const range = { from: dayOf(now, 1 - RECENT_DAYS), to: dayOf(now, 0), signal };
  const results = await Promise.all(
    LIVE_SOURCES.map(async (source) => {
      try {
        return [source, await ingestPages(ctx, readLiveSource(ctx, source, range))] as const;
      } catch (error) {
        if (!(error instanceof AppError) && !signal?.aborted) throw error;
        const failed = error instanceof AppError ? error.message : 'It did not answer in time.';
        return [source, { failed }] as const;
      }
    }),
  );
  return Object.fromEntries(results) as SourceResults;
}

/** The UTC day `days` away from `date`, `YYYY-MM-DD`. */
export function dayOf(date: Date, days: number): string {
  return new Date(date.getTime() + days * 24 * 3600_000).toISOString().slice(0, 10);
}
