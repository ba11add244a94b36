/** What Hugging Face, the arXiv API and files of papers say, read over HTTP and from disk, and how every source is asked. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readArxivQuery } from '../../src/papers/sources/arxiv.ts';
import { getText } from '../../src/papers/sources/get-text.ts';
import { readHuggingFaceDays } from '../../src/papers/sources/hugging-face.ts';
import { readJsonLines } from '../../src/papers/sources/jsonl.ts';
import type { SourceContext, SourcePage } from '../../src/papers/sources/source.ts';
import { atomEntry, atomFeed } from '../support/atom-feed.ts';
import { findDataDir } from '../support/recordings.ts';
import { startUpstream, type Upstream } from '../support/upstream-server.ts';

const NOW = new Date('2025-07-01T06:00:00Z');
const waits: number[] = [];
const ctx: SourceContext = {
  fetch: globalThis.fetch,
  now: () => NOW,
  userAgent: 'Paperboy/1.0 (+https://paperboy.test)',
  sleep: async (ms) => void waits.push(ms),
};

async function pagesOf(pages: AsyncIterable<SourcePage>): Promise<SourcePage[]> {
  const all: SourcePage[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

const papersOf = async (pages: AsyncIterable<SourcePage>) =>
  (await pagesOf(pages)).flatMap(({ papers }) => papers);
const skippedOf = async (pages: AsyncIterable<SourcePage>) =>
  (await pagesOf(pages)).flatMap(({ skipped }) => skipped);

/** Writes a record of the daily page as we know it, with some of it changed. */
function dailyRecord(id: string, paper: Record<string, unknown> = {}, record: Record<string, unknown> = {}) {
  return {
    paper: {
      id,
      authors: [{ name: 'Ada Example', hidden: false }, { name: 'Ben  Other' }],
      publishedAt: '2025-06-11T08:00:00.000Z',
      title: 'A Title\n  in two lines',
      summary: 'It is 45\\% better.',
      upvotes: 7,
      ...paper,
    },
    publishedAt: '2025-06-11T04:00:00.000Z',
    numComments: 2,
    ...record,
  };
}

const ERROR_FEED = atomFeed([
  '<entry><id>https://arxiv.org/api/errors#wrong</id><title>Error</title><summary>it is wrong</summary></entry>',
]);

let upstream: Upstream;
const days: Record<string, unknown> = {};
let atom: (params: URLSearchParams) => string = () => atomFeed([]);

beforeAll(async () => {
  upstream = await startUpstream({ days, fallbackAtom: (params) => atom(params) });
});
afterEach(() => {
  waits.length = 0;
  upstream.reset();
});
afterAll(() => upstream.close());

describe('getText', () => {
  const limits = { timeoutMs: 2_000, maxBytes: 1_000, accept: 'application/json' };
  const get = (signal?: AbortSignal) =>
    getText({ ...ctx, signal }, `${upstream.url}/api/daily_papers`, limits);

  it('says who is asking', async () => {
    await expect(get()).resolves.toBe('[]');
    expect(upstream.requests[0]?.userAgent).toBe(ctx.userAgent);
  });

  it('understands a date in Retry-After', async () => {
    upstream.failNext({
      kind: 'status',
      status: 503,
      retryAfter: new Date(NOW.getTime() + 9_000).toUTCString(),
    });
    await expect(get()).resolves.toBe('[]');
    expect(waits).toEqual([9_000]);
  });

  it('names the host and the status, and knows what a retry can not help', async () => {
    upstream.failNext({ kind: 'status', status: 403 });
    const host = new URL(upstream.url).host;
    await expect(get()).rejects.toMatchObject({ message: `${host} answered 403.`, retry: false });
  });

  it('does not try again where there is no way to the source, or only silence', async () => {
    const unreachable = { code: 'SOURCE_UNREACHABLE', retry: true };
    await expect(getText(ctx, 'http://127.0.0.1:1/', limits)).rejects.toMatchObject(unreachable);
    await expect(getText(ctx, 'http://nowhere.invalid/', limits)).rejects.toMatchObject(unreachable);
    upstream.failNext({ kind: 'silent' });
    const impatient = { ...limits, timeoutMs: 50 };
    await expect(getText(ctx, `${upstream.url}/x`, impatient)).rejects.toMatchObject(unreachable);
    expect(upstream.requests).toHaveLength(1);
    expect(waits).toEqual([]);
  });

  it('stops when the run is called off, and does not blame the source', async () => {
    upstream.failNext({ kind: 'silent' });
    const reason = new Error('stopping');
    const run = new AbortController();
    const answer = get(run.signal);
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(1));
    run.abort(reason);
    await expect(answer).rejects.toBe(reason);
  });
});

describe('readHuggingFaceDays', () => {
  const read = (day: string, to = day) => readHuggingFaceDays(ctx, { baseUrl: upstream.url, from: day, to });

  it('reads a record with its votes', async () => {
    days['2025-06-13'] = [
      dailyRecord('2506.00001', {
        submittedOnDailyAt: '2025-06-13T01:06:46.741Z',
        githubRepo: 'https://code.test/x',
        githubStars: 12,
      }),
    ];
    expect(await papersOf(read('2025-06-13'))).toMatchObject([
      {
        source: 'hf',
        externalId: '2506.00001',
        arxivId: '2506.00001',
        version: 1,
        doi: null,
        title: 'A Title in two lines',
        abstract: 'It is 45% better.',
        authors: ['Ada Example', 'Ben Other'],
        categories: [],
        publishedAt: new Date('2025-06-11T08:00:00Z'),
        withdrawn: false,
        url: 'https://arxiv.org/abs/2506.00001',
        codeUrl: 'https://code.test/x',
        trend: {
          observedAt: NOW,
          listedAt: new Date('2025-06-13T01:06:46.741Z'),
          upvotes: 7,
          comments: 2,
          githubStars: 12,
        },
      },
    ]);
  });

  it('takes the hour of listing from older records, and the start of the day where none is told', async () => {
    days['2025-06-14'] = [
      dailyRecord('2506.00002', {}, { publishedAt: '2025-06-13T22:35:45Z' }),
      dailyRecord('2506.00003'),
      dailyRecord('2506.00004', {}, { publishedAt: null }),
    ];
    const papers = await papersOf(read('2025-06-14'));
    expect(papers.map(({ trend }) => trend?.listedAt.toISOString())).toEqual([
      '2025-06-13T22:35:45.000Z',
      '2025-06-14T00:00:00.000Z',
      '2025-06-14T00:00:00.000Z',
    ]);
  });

  it('reads records that come as text, in an envelope, and counts those it can not read', async () => {
    const python = String.raw`{'paper': {'id': '2506.00005', 'authors': [{'name': "Conan O'Neil", 'hidden': False, 'user': None}],
      'publishedAt': '2025-06-11T08:00:00.000Z', 'title': 'It\'s "here"', 'summary': 'One\ntwo \xe9', 'upvotes': 3}, 'numComments': 1}`;
    days['2025-06-15'] = {
      status: 'success',
      data: [
        python,
        JSON.stringify(dailyRecord('2506.00006')),
        "{'paper': {'id': __import__('os')}}",
        'oops',
        5,
        null,
      ],
    };
    const [page] = await pagesOf(read('2025-06-15'));
    expect(page?.papers.map(({ title, authors, abstract }) => ({ title, authors, abstract }))[0]).toEqual({
      title: 'It\'s "here"',
      authors: ["Conan O'Neil"],
      abstract: 'One two é',
    });
    expect(page?.papers).toHaveLength(2);
    expect(page?.skipped).toHaveLength(4);
  });

  it('drops a damaged extra but keeps the paper, and skips a paper without title, date or arXiv id', async () => {
    days['2025-06-16'] = [
      dailyRecord(
        '2506.00007',
        {
          upvotes: 'many',
          githubRepo: 'javascript:alert(1)',
          authors: [{ hidden: true, name: 'Hid Den' }, {}, 'x'],
        },
        { numComments: -1 },
      ),
      dailyRecord('2506.00008', { title: undefined }),
      dailyRecord('2506.00009', { publishedAt: 'yesterday' }),
      dailyRecord('not-an-id'),
    ];
    const [page] = await pagesOf(read('2025-06-16'));
    expect(page?.papers).toMatchObject([
      { externalId: '2506.00007', authors: [], codeUrl: null, trend: { upvotes: null, comments: null } },
    ]);
    expect(page?.skipped.map(({ reason }) => reason.split(':').slice(0, 2).join(':'))).toEqual([
      '2025-06-16: paper.title',
      '2025-06-16: paper.publishedAt',
      '2025-06-16: not an arXiv id',
    ]);
  });

  it('yields one page a day, empty days and answers without a list included', async () => {
    days['2025-06-29'] = { error: 'no such day' };
    days['2025-07-01'] = [dailyRecord('2506.00010')];
    const pages = await pagesOf(read('2025-06-29', '2025-07-01'));
    expect(pages.map(({ papers, skipped }) => [papers.length, skipped.length])).toEqual([
      [0, 1],
      [0, 0],
      [1, 0],
    ]);
  });

  it('takes neither a web page nor half an answer for the papers of a day', async () => {
    const whole = JSON.stringify([dailyRecord('2506.00011'), dailyRecord('2506.00012')]);
    for (const body of ['<html>busy</html>', '', whole.slice(0, -30)]) {
      days['2025-06-28'] = body;
      await expect(pagesOf(read('2025-06-28'))).rejects.toMatchObject({
        code: 'SOURCE_BAD_ANSWER',
        retry: true,
      });
    }
  });
});

describe('readArxivQuery', () => {
  const read = (options: Partial<Parameters<typeof readArxivQuery>[1]> = {}) =>
    readArxivQuery(ctx, {
      baseUrl: upstream.url,
      query: 'cat:cs.CL',
      pageSize: 2,
      maxResults: 10,
      pauseMs: 3_000,
      ...options,
    });

  it('reads an entry', async () => {
    atom = () => atomFeed([atomEntry('2501.00001v3', '<arxiv:doi>10.1/abc</arxiv:doi>')]);
    expect(await papersOf(read())).toMatchObject([
      {
        source: 'arxiv',
        externalId: '2501.00001',
        arxivId: '2501.00001',
        version: 3,
        doi: '10.1/abc',
        title: 'Steps & Walks',
        abstract: 'A sentence of our own on O(n²).',
        authors: ['Zoë Example'],
        categories: ['cs.CL', 'cs.LG'],
        publishedAt: new Date('2025-01-02T03:04:05Z'),
        withdrawn: false,
        url: 'https://arxiv.org/abs/2501.00001',
        codeUrl: null,
        trend: null,
      },
    ]);
  });

  it('asks page after page, newest first, with a pause between, until there are no more', async () => {
    const ids = ['2501.00001v1', '2501.00002v1', '2501.00003v1'];
    atom = (params) => {
      const start = Number(params.get('start'));
      return atomFeed(
        ids.slice(start, start + Number(params.get('max_results'))).map((id) => atomEntry(id)),
        3,
      );
    };
    const pages = await pagesOf(read({ from: '2025-01-01', to: '2025-01-31' }));
    expect(pages.map(({ papers }) => papers.length)).toEqual([2, 1]);
    expect(waits).toEqual([3_000]);
    const { params } = upstream.requests[0] ?? { params: new URLSearchParams() };
    expect(Object.fromEntries(params)).toMatchObject({
      search_query: '(cat:cs.CL) AND submittedDate:[202501010000 TO 202501312359]',
      sortBy: 'submittedDate',
      sortOrder: 'descending',
    });
  });

  it('ends at maxResults', async () => {
    atom = (params) => atomFeed([atomEntry(`2501.0000${Number(params.get('start')) + 1}v1`)], 1_000);
    expect(await papersOf(read({ pageSize: 1, maxResults: 3 }))).toHaveLength(3);
    expect(upstream.requests).toHaveLength(3);
  });

  it('asks again for a page that comes back empty too early, once', async () => {
    let asked = 0;
    atom = (params) => {
      asked += 1;
      const empty = asked === 2;
      return atomFeed(empty ? [] : [atomEntry(`2501.0000${Number(params.get('start')) + 1}v1`)], 2);
    };
    expect(await papersOf(read({ pageSize: 1 }))).toHaveLength(2);
    atom = () => atomFeed([], 2);
    await expect(pagesOf(read())).rejects.toMatchObject({ code: 'SOURCE_BAD_ANSWER', retry: true });
  });

  it('reports a search that arXiv rejects, whichever way it says so', async () => {
    atom = () => ERROR_FEED;
    await expect(pagesOf(read())).rejects.toMatchObject({
      code: 'SOURCE_BAD_QUERY',
      message: 'arXiv rejects the search: it is wrong.',
      retry: false,
    });
    upstream.failNext({ kind: 'status', status: 400, body: ERROR_FEED });
    await expect(pagesOf(read())).rejects.toMatchObject({ code: 'SOURCE_BAD_QUERY' });
  });

  it('skips an entry it can not read and keeps the rest', async () => {
    atom = () => atomFeed(['<entry><id>http://arxiv.org/abs/x</id></entry>', atomEntry('2501.00001v1')]);
    const [page] = await pagesOf(read());
    expect(page?.papers).toHaveLength(1);
    expect(page?.skipped).toMatchObject([{ externalId: 'http://arxiv.org/abs/x' }]);
  });

  it('refuses what is no feed, and feeds that bring entities of their own', async () => {
    const bomb = `<!DOCTYPE feed [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${atomFeed([atomEntry('2501.00001v1')])}`;
    for (const body of ['<html><body>busy</body></html>', 'no xml', '<feed><entry>', bomb]) {
      atom = () => body;
      await expect(pagesOf(read())).rejects.toMatchObject({ code: 'SOURCE_BAD_ANSWER', retry: true });
    }
  });
});

describe('readJsonLines', () => {
  const lines = [
    '{"id":"2501.00001v2","title":"One $x_1$","abstract":"Text.","authors":["A B","C D"],"categories":["cs.CL"],"published":"2025-01-02"}',
    '{"arxiv_id":"2501.00002","title":"Two","summary":"Text.","authors":"A B, C D and E F","date":"2025-01-03","day":"2025-01-05","upvotes":4,"comments":1,"github_stars":9}',
    '',
    '{"id":"my-1","title":"Three","publishedAt":"2025-01-04T10:00:00","url":"https://a.test/3","doi":"10.1/x"}',
    'not json',
    '{"id":"2","title":"No day","abstract":"","authors":[],"categories":[],"published":null}',
    '{"id":"my-2","title":"Bad date","date":"someday"}',
    '{"id":"my-3","title":"Bad link","date":"2025-01-04","url":"javascript:alert(1)"}',
  ];

  it('reads the field names in use, and names the lines it can not read', async () => {
    const [page] = await pagesOf(readJsonLines(lines, NOW));
    expect(page?.papers).toMatchObject([
      {
        source: 'file',
        externalId: '2501.00001',
        version: 2,
        title: 'One x₁',
        categories: ['cs.CL'],
        trend: null,
      },
      {
        arxivId: '2501.00002',
        url: 'https://arxiv.org/abs/2501.00002',
        authors: ['A B', 'C D', 'E F'],
        trend: { observedAt: NOW, listedAt: new Date('2025-01-05'), upvotes: 4, comments: 1, githubStars: 9 },
      },
      { externalId: '10.1/x', arxivId: null, doi: '10.1/x', publishedAt: new Date('2025-01-04T10:00:00Z') },
      { title: 'No day', abstract: '', publishedAt: null, trend: null },
    ]);
    expect(page?.skipped.map(({ reason }) => reason.split(':')[0])).toEqual(['line 5', 'line 7', 'line 8']);
  });

  it('keeps papers apart that two files number alike', async () => {
    const numbered = (title: string) => [JSON.stringify({ id: '1', title, authors: ['Ada Example'] })];
    const [one] = await pagesOf(readJsonLines(numbered('On Walking'), NOW));
    const [other] = await pagesOf(readJsonLines(numbered('On Running'), NOW));
    expect(one?.papers[0]?.externalId).not.toBe(other?.papers[0]?.externalId);
    const [again] = await pagesOf(readJsonLines(numbered('On walking'), NOW));
    expect(again?.papers[0]?.externalId).toBe(one?.papers[0]?.externalId);
  });

  it('reads plain and packed files alike, in pages of 500', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'paperboy-'));
    const text = Array.from(
      { length: 1_201 },
      (_, at) => `{"id":"n${at}","title":"É ${at}","date":"2025-01-02"}`,
    ).join('\n');
    await writeFile(join(dir, 'papers.jsonl'), text);
    await writeFile(join(dir, 'papers.jsonl.gz'), gzipSync(text));
    for (const name of ['papers.jsonl', 'papers.jsonl.gz']) {
      const pages = await pagesOf(readJsonLines(join(dir, name), NOW));
      expect(pages.map(({ papers }) => papers.length)).toEqual([500, 500, 201]);
      expect(pages[2]?.papers.at(-1)?.title).toBe('É 1200');
    }
    await writeFile(join(dir, 'cut.jsonl.gz'), gzipSync(text).subarray(0, 200));
    await expect(pagesOf(readJsonLines(join(dir, 'cut.jsonl.gz'), NOW))).rejects.toThrow();
    await expect(pagesOf(readJsonLines(join(dir, 'none.jsonl.gz'), NOW))).rejects.toThrow('ENOENT');
    await rm(dir, { recursive: true });
  });
});

const dataDir = findDataDir();

it.skipIf(!dataDir)(
  `reads every line of the files of papers${dataDir ? '' : ' (skipped: no data)'}`,
  async () => {
    for (const name of ['recent-papers-facts.jsonl', 'hf-daily-2024-05_2025-06.jsonl.gz']) {
      expect(await skippedOf(readJsonLines(join(dataDir ?? '', name), NOW))).toEqual([]);
    }
  },
);
