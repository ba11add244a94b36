/** Every adapter under every way in which a source goes wrong, at each of its requests. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readArxivIds, readArxivQuery } from '../../src/papers/sources/arxiv.ts';
import { readArxivOai } from '../../src/papers/sources/arxiv-oai.ts';
import { readArxivRss } from '../../src/papers/sources/arxiv-rss.ts';
import { readFeed } from '../../src/papers/sources/feed.ts';
import { readHuggingFaceDays } from '../../src/papers/sources/hugging-face.ts';
import { createPoliteFetch } from '../../src/papers/sources/polite-fetch.ts';
import type { SourceContext, SourcePage } from '../../src/papers/sources/source.ts';
import { PLAYED_IDS, PLAYED_NOW, PLAYED_SETS, playedSources } from '../support/played-sources.ts';
import { findDataDir } from '../support/recordings.ts';
import { pagesOf } from '../support/source-pages.ts';
import { type Failure, startUpstream, type Upstream } from '../support/upstream-server.ts';

const dataDir = findDataDir();
let upstream: Upstream;
let waits: number[] = [];

const ctx: SourceContext = {
  fetch: createPoliteFetch({ fetch: globalThis.fetch, reserve: async () => 0 }),
  now: () => new Date(PLAYED_NOW),
  userAgent: 'Paperboy/1.0 (+https://paperboy.test)',
  sleep: async (ms) => void waits.push(ms),
  random: () => 0.5,
};

interface Adapter {
  read: (cursor?: string) => AsyncIterable<SourcePage>;
  requests: number;
  papers: number;
  skipped: string[];
  /** Asks only whether anything changed, where it has a cursor. */
  conditional: boolean;
}

const feed = (path: string): Adapter => ({
  read: (cursor) => readFeed(ctx, { name: 'journal', url: upstream.url + path, cursor }),
  requests: 1,
  papers: 9,
  skipped: [expect.stringMatching(/^(title|externalId): /)],
  conditional: true,
});

const adapters: Record<string, Adapter> = {
  'hugging-face': {
    read: () => readHuggingFaceDays(ctx, { baseUrl: upstream.url, from: '2025-01-08', to: '2025-01-10' }),
    requests: 3,
    papers: 23,
    skipped: [expect.stringMatching(/^2025-01-08: paper\.title: /)],
    conditional: false,
  },
  'arxiv query': {
    read: () =>
      readArxivQuery(ctx, {
        baseUrl: upstream.url,
        query: 'testing',
        pageSize: 10,
        maxResults: 32,
        pauseMs: 0,
      }),
    requests: 4,
    papers: 31,
    skipped: [expect.stringMatching(/^title: /)],
    conditional: false,
  },
  'arxiv ids': {
    read: () => readArxivIds(ctx, { baseUrl: upstream.url, ids: PLAYED_IDS, pauseMs: 0 }),
    requests: 2,
    papers: 109,
    skipped: [expect.stringMatching(/^title: /)],
    conditional: false,
  },
  'arxiv-oai': {
    read: (cursor) =>
      readArxivOai(ctx, {
        baseUrl: upstream.oaiUrl,
        sets: PLAYED_SETS,
        from: '2025-01-01',
        cursor,
        pauseMs: 0,
      }),
    requests: 4,
    papers: 25,
    skipped: ['deleted', expect.stringMatching(/^title: /)],
    conditional: false,
  },
  'arxiv-rss': {
    read: (cursor) => readArxivRss(ctx, { baseUrl: upstream.url, archives: ['cs'], cursor }),
    requests: 1,
    papers: 9,
    skipped: ['guid: not an arXiv id'],
    conditional: true,
  },
  'feed in RSS': feed('/journal.rss'),
  'feed in Atom': feed('/journal.atom'),
  'feed in JSON': feed('/journal.json'),
};

/** What is there to get before the fault, and the fault. */
async function untilFault(
  pages: AsyncIterable<SourcePage>,
): Promise<{ pages: SourcePage[]; fault: unknown }> {
  const all: SourcePage[] = [];
  try {
    for await (const page of pages) all.push(page);
  } catch (fault) {
    return { pages: all, fault };
  }
  return { pages: all, fault: null };
}

beforeAll(async () => {
  upstream = await startUpstream(playedSources(dataDir));
});
afterEach(() => {
  waits = [];
  upstream.reset();
});
afterAll(() => upstream.close());

const passing: [string, Failure, number, number[]][] = [
  ['a 429 that says when to come back', { kind: 'status', status: 429, retryAfter: '7' }, 2, [7_000, 7_000]],
  ['a 503', { kind: 'status', status: 503 }, 2, [500, 1_000]],
  ['a connection cut before the answer', { kind: 'cut' }, 1, [500]],
  ['a connection cut in the middle of the answer', { kind: 'half' }, 2, [500, 1_000]],
  ['a 301', { kind: 'moved' }, 1, []],
];

const lasting: [string, Failure, number, string][] = [
  [
    'asked to come back in an hour',
    { kind: 'status', status: 429, retryAfter: '3600' },
    1,
    'SOURCE_HTTP_ERROR',
  ],
  ['busy again and again', { kind: 'status', status: 503 }, 3, 'SOURCE_HTTP_ERROR'],
  ['cut off again and again', { kind: 'half' }, 3, 'SOURCE_UNREACHABLE'],
  ['sent 50 MB', { kind: 'oversized', bytes: 50_000_000 }, 1, 'SOURCE_TOO_LARGE'],
  ['sent 50 MB, packed', { kind: 'oversized', bytes: 50_000_000, packed: true }, 1, 'SOURCE_TOO_LARGE'],
  [
    'replaced by a web page',
    { kind: 'status', status: 200, body: '<html>busy</html>' },
    1,
    'SOURCE_BAD_ANSWER',
  ],
  ['told “not modified” without having asked', { kind: 'status', status: 304 }, 1, 'SOURCE_HTTP_ERROR'],
];

describe.each(Object.entries(adapters))('%s', (_name, adapter) => {
  const { read, requests, papers, skipped, conditional } = adapter;
  /** Each position at which its requests can go wrong. */
  const boundaries = Array.from({ length: requests }, (_, at) => at);

  it('gets all that is there, and counts what it skipped and why', async () => {
    const pages = await pagesOf(read());
    expect(pages.flatMap((page) => page.papers)).toHaveLength(papers);
    expect(pages.flatMap((page) => page.skipped.map(({ reason }) => reason))).toEqual(skipped);
    expect(upstream.requests).toHaveLength(requests);
  });

  it.each(passing)(`gets no less for %s, at any request`, async (_what, failure, times, waited) => {
    const undisturbed = await pagesOf(read());
    for (const boundary of boundaries) {
      waits = [];
      upstream.failNext(failure, times, boundary);
      expect(await pagesOf(read())).toEqual(undisturbed);
      expect(waits.filter((ms) => ms > 0)).toEqual(waited);
    }
    expect(upstream.requests).toHaveLength(requests * (requests + 1) + requests * times);
  });

  it.each(lasting)(
    `keeps what came before it was %s, and then gets all`,
    async (_what, failure, times, code) => {
      const undisturbed = await pagesOf(read());
      for (const boundary of boundaries) {
        upstream.failNext(failure, times, boundary);
        const { pages, fault } = await untilFault(read());
        expect(fault).toMatchObject({ code });
        expect(pages).toEqual(undisturbed.slice(0, boundary));
      }
      expect(await pagesOf(read())).toEqual(undisturbed);
    },
  );

  it(`takes “nothing has changed” for an answer only where it has asked so`, async () => {
    const undisturbed = await pagesOf(read());
    upstream.requests.length = 0;
    const again = await pagesOf(read(conditional ? undisturbed.at(-1)?.cursor : undefined));
    expect(again).toEqual(conditional ? [] : undisturbed);
    expect(upstream.requests.map(({ status }) => status)).toEqual(
      boundaries.map(() => (conditional ? 304 : 200)),
    );
  });
});
