/** The live sources an operator has switched on, each as something that can be read from where it stopped. */
import type { Config } from '../config.ts';
import { readArxivQuery } from './sources/arxiv.ts';
import { readArxivOai } from './sources/arxiv-oai.ts';
import { readArxivRss } from './sources/arxiv-rss.ts';
import { feedSource, readFeed } from './sources/feed.ts';
import { readHuggingFaceDays } from './sources/hugging-face.ts';
import type { SourceContext, SourcePage } from './sources/source.ts';

export interface SourceRun {
  /** Where the last run stopped, in the source's own words. */
  cursor: string | null;
  /** Days `YYYY-MM-DD`, both included, in place of the cursor. Sources that only tell what is new have no use for them. */
  from?: string;
  to?: string;
}

export interface LiveSource {
  name: string;
  everyMs: number;
  /** Set by the operator, so its address is not trusted to be a public one. */
  isFeed: boolean;
  read(ctx: SourceContext, run: SourceRun): AsyncGenerator<SourcePage>;
}

const MINUTE_MS = 60_000;
/** Votes come in all day; the archive announces once a day, and asks to be left alone for the rest of it. */
const EVERY_MS = {
  hf: 30 * MINUTE_MS,
  arxiv: 6 * 60 * MINUTE_MS,
  'arxiv-oai': 24 * 60 * MINUTE_MS,
  'arxiv-rss': 3 * 60 * MINUTE_MS,
  feed: 60 * MINUTE_MS,
} as const;

/** Between requests to one host, the polite fetch waits: for all workers, where a reader could only speak for itself. */
const pauseMs = 0;
/** What the arXiv API answers well in one request, and in one run. */
const ARXIV = { pageSize: 500, maxResults: 5000, pauseMs };
/** On Hugging Face, votes still come in on the third day; later ones hardly move. */
const LOOK_BACK_DAYS = 3;
/** After a long pause no more than this is caught up with by itself; `ingest --from` reads the rest. */
const CATCH_UP_DAYS = 30;

/** In the order of the setting; feeds last. */
export function listLiveSources({ sources }: Pick<Config, 'sources'>): LiveSource[] {
  const readers: Record<Config['sources']['enabled'][number], LiveSource['read']> = {
    hf: (ctx, run) =>
      readDays(ctx, run, (days) =>
        readHuggingFaceDays(ctx, { baseUrl: sources.huggingFaceUrl, pauseMs, ...days }),
      ),
    arxiv: (ctx, run) =>
      readWhole(ctx, run, (days) =>
        readArxivQuery(ctx, { baseUrl: sources.arxivUrl, query: sources.arxivQuery, ...days, ...ARXIV }),
      ),
    'arxiv-oai': (ctx, { cursor, from, to }) =>
      readArxivOai(ctx, {
        baseUrl: sources.oaiUrl,
        sets: sources.oaiSets,
        pauseMs,
        // Without a cursor the archive would tell all it has.
        from: from ?? (cursor === null ? dayOf(ctx.now(), 1 - LOOK_BACK_DAYS) : undefined),
        to,
        cursor: cursor ?? undefined,
      }),
    'arxiv-rss': (ctx, { cursor }) =>
      readArxivRss(ctx, {
        baseUrl: sources.rssUrl,
        archives: sources.rssArchives,
        cursor: cursor ?? undefined,
      }),
  };
  return [
    ...sources.enabled.map((name) => ({ name, everyMs: EVERY_MS[name], isFeed: false, read: readers[name] })),
    ...sources.feeds.map(({ name, url }) => ({
      name: feedSource(name),
      everyMs: EVERY_MS.feed,
      isFeed: true,
      read: (ctx: SourceContext, { cursor }: SourceRun) =>
        readFeed(ctx, { name, url, cursor: cursor ?? undefined }),
    })),
  ];
}

/** The UTC day `days` away from `date`, `YYYY-MM-DD`. */
export function dayOf(date: Date, days: number): string {
  return new Date(date.getTime() + days * 24 * 3600_000).toISOString().slice(0, 10);
}

interface Days {
  from: string;
  to: string;
}

function daysOf(ctx: SourceContext, { cursor, from, to }: SourceRun): Days {
  const recent = dayOf(ctx.now(), 1 - LOOK_BACK_DAYS);
  const earliest = dayOf(ctx.now(), -CATCH_UP_DAYS);
  // Days sort as text. From the cursor or the look-back, whichever is longer ago, but no further than the catch-up.
  const [since = recent] = [recent, cursor ?? recent].sort();
  const [, start = since] = [since, earliest].sort();
  return { from: from ?? start, to: to ?? dayOf(ctx.now(), 0) };
}

/** A source that gives one page a day: each day that is stored is done with. */
async function* readDays(
  ctx: SourceContext,
  run: SourceRun,
  read: (days: Days) => AsyncGenerator<SourcePage>,
): AsyncGenerator<SourcePage> {
  const days = daysOf(ctx, run);
  let day = 0;
  for await (const page of read(days)) yield { ...page, cursor: dayOf(new Date(days.from), day++) };
}

/** A source that gives the newest first: only the whole of it is a step forward. */
async function* readWhole(
  ctx: SourceContext,
  run: SourceRun,
  read: (days: Days) => AsyncGenerator<SourcePage>,
): AsyncGenerator<SourcePage> {
  const days = daysOf(ctx, run);
  yield* read(days);
  yield { papers: [], skipped: [], cursor: days.to };
}
