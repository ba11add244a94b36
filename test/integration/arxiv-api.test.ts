/** What the arXiv API says, read over HTTP page after page, and an API that misbehaves. */
import { describe, expect, it } from 'vitest';
import { readArxivQuery } from '../../src/papers/sources/arxiv.ts';
import { atomEntry, atomFeed } from '../support/atom-feed.ts';
import { pagesOf } from '../support/source-pages.ts';
import { papersOf, useUpstream } from '../support/sources.ts';
import type { Upstream } from '../support/upstream-server.ts';

const ERROR_FEED = atomFeed([
  '<entry><id>https://arxiv.org/api/errors#wrong</id><title>Error</title><summary>it is wrong</summary></entry>',
]);

let upstream: Upstream;
let atom: (params: URLSearchParams) => string = () => atomFeed([]);
const { ctx, waits } = useUpstream({ fallbackAtom: (params) => atom(params) }, (started) => {
  upstream = started;
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
