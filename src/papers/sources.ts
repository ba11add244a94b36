/** The live sources an operator has switched on, each as something that can be read from where it stopped. */
import type { Config } from '../config.ts';
import { readArxivQuery } from './sources/arxiv.ts';
import { readArxivOai } from './sources/arxiv-oai.ts';
import { readArxivRss } from './sources/arxiv-rss.ts';
import { feedSource, readFeed } from './sources/feed.ts';
import { readHuggingFaceDays } from './sources/hugging-face.ts';
import { type KnownPaper, type KnownPapersAsk, readSemanticScholar } from './sources/semantic-scholar.ts';
import type { SourceContext, SourcePage } from './sources/source.ts';

export interface SourceRun {
  /** Where the last run stopped, in the source's own words. */
  cursor: string | null;
  /** Days `YYYY-MM-DD`, both included, in place of the cursor. Sources that only tell what is new have no use for them. */
  from?: string;
  to?: string;
  /** Pages of the papers stored so far, for a source that is asked about these. */
  listKnown: (ask: KnownPapersAsk) => Promise<KnownPaper[]>;
}

export interface LiveSource {
  name: string;
  everyMs: number;
  /** Set by the operator, so its address is not trusted to be a public one. */
  isFeed: boolean;
  read(ctx: SourceContext, run: SourceRun): AsyncGenerator<SourcePage>;
}

const DAY_MS = 24 * 3600_000;
/** Between requests to one host, the polite fetch waits: for all workers, where a reader could only speak for itself. */
const pauseMs = 0;
/** What the arXiv API answers well in one request, and the last result of a search that it gives out at all. */
const ARXIV = { pageSize: 500, maxResults: 30_000, pauseMs };
/**
 * The API searches by the day of submission, and has a paper only once it is announced: of Friday evening on Tuesday,
 * over a long weekend on Wednesday.
 */
const ANNOUNCED_WITHIN_DAYS = 7;
/** On Hugging Face, votes still come in on the third day; later ones hardly move. */
const LOOK_BACK_DAYS = 3;
/** After a long pause no more than this is caught up with by itself; `ingest --from` reads the rest. */
const CATCH_UP_DAYS = 30;
/** New papers take days to become known at Semantic Scholar, and few are read after a month. */
const LOOK_UP_DAYS = 30;

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
    'semantic-scholar': (ctx, { cursor, from, to, listKnown }) =>
      readSemanticScholar(ctx, {
        ...sources.semanticScholar,
        listKnown,
        cursor,
        since: new Date(from ?? ctx.now().getTime() - LOOK_UP_DAYS * DAY_MS),
        until: new Date((to ? Date.parse(to) : ctx.now().getTime()) + DAY_MS),
      }),
  };
  return [
    ...sources.enabled.map((name) => ({
      name,
      everyMs: sources.everyMs[name],
      isFeed: false,
      read: readers[name],
    })),
    ...sources.feeds.map(({ name, url }) => ({
      name: feedSource(name),
      everyMs: sources.everyMs.feed,
      isFeed: true,
      read: (ctx: SourceContext, { cursor }: SourceRun) =>
        readFeed(ctx, { name, url, cursor: cursor ?? undefined }),
    })),
  ];
}

/** What the queue knows a source's schedule by. */
export const sourceScheduleId = (name: string) => `ingest-${name}`;

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
  const cursor = run.cursor && dayOf(new Date(run.cursor), -ANNOUNCED_WITHIN_DAYS);
  const days = daysOf(ctx, { ...run, cursor: cursor ?? dayOf(ctx.now(), -ANNOUNCED_WITHIN_DAYS) });
  yield* read(days);
  yield { papers: [], skipped: [], cursor: days.to };
}
