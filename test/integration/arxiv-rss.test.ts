/** The daily announcements of arXiv over HTTP: what they say of papers, what has not changed, and what is no announcement. */
import { describe, expect, it } from 'vitest';
import { readArxivRss } from '../../src/papers/sources/arxiv-rss.ts';
import { ARXIV_NEW, arxivItem, arxivRss, ctx, useFeedServer } from '../support/feed-server.ts';
import { pagesOf } from '../support/source-pages.ts';

const server = useFeedServer();

describe('readArxivRss', () => {
  const readAll = (archives = ['cs', 'stat.ML'], cursor?: string) =>
    pagesOf(readArxivRss(ctx, { baseUrl: server.url, archives, cursor }));

  it('reads an announcement', async () => {
    server.body = arxivRss([ARXIV_NEW]);
    const [page] = await readAll();
    expect(server.requests[0]?.url).toBe('/rss/cs+stat.ML');
    expect(page?.papers).toMatchObject([
      {
        source: 'arxiv',
        externalId: '2506.00001',
        arxivId: '2506.00001',
        version: 1,
        doi: null,
        title: 'Steps & Walks',
        abstract: 'A sentence of our own on O(n²), where a < b.',
        authors: ['Zoë Example', 'Ben Other'],
        categories: ['cs.CL', 'cs.LG'],
        publishedAt: new Date('2025-06-30T00:00:00Z'),
        url: 'https://arxiv.org/abs/2506.00001',
        codeUrl: null,
        trend: null,
      },
    ]);
  });

  it('dates nothing by the announcement of a replacement or a cross-listing', async () => {
    server.body = arxivRss([
      arxivItem('2506.00002v3', 'replace', { extra: '<arxiv:DOI>10.1/abc</arxiv:DOI><arxiv:DOI/>' }),
      arxivItem('math/0601001v2', 'replace-cross', { extra: '<arxiv:DOI>10.1234/abc</arxiv:DOI>' }),
      arxivItem('2506.00003v1', 'cross', { extra: '<category>stat.ML</category>' }),
    ]);
    const [page] = await readAll();
    expect(page?.papers).toMatchObject([
      { externalId: '2506.00002', version: 3, publishedAt: null },
      { externalId: 'math/0601001', version: 2, publishedAt: null, doi: '10.1234/abc' },
      { externalId: '2506.00003', version: 1, publishedAt: null, categories: ['cs.CL', 'cs.LG', 'stat.ML'] },
    ]);
  });

  it('reads a weekend as a page without papers', async () => {
    server.body = arxivRss([]);
    expect(await readAll()).toMatchObject([{ papers: [], skipped: [] }]);
  });

  it('asks whether anything changed, and not with the cursor of other archives', async () => {
    server.answer = (request, response) => {
      const same = request.headers['if-modified-since'] !== undefined;
      response.writeHead(same ? 304 : 200, { 'last-modified': 'Mon, 30 Jun 2025 04:00:00 GMT' });
      response.end(same ? undefined : arxivRss([ARXIV_NEW]));
    };
    const [page] = await readAll(['cs']);
    expect(await readAll(['cs'], page?.cursor)).toEqual([]);
    expect(await readAll(['math'], page?.cursor)).toHaveLength(1);
  });

  it('skips an item it can not read and keeps the rest', async () => {
    server.body = arxivRss([
      '<item><title>x</title><guid>oai:else:1</guid></item>',
      '<item><link>https://arxiv.org/abs/2506.00009</link></item>',
      ARXIV_NEW,
    ]);
    const [page] = await readAll();
    expect(page?.papers).toHaveLength(1);
    expect(page?.skipped).toMatchObject([
      { externalId: 'oai:else:1' },
      { reason: expect.stringMatching('title') },
    ]);
  });

  it('refuses what is no RSS or ends early, and names that are no archive’s', async () => {
    const whole = arxivRss([ARXIV_NEW]);
    for (const text of [
      '',
      '<html></html>',
      '<rss></rss>',
      whole.slice(0, -30),
      whole.replace('<rss', '<!DOCTYPE x><rss'),
    ]) {
      server.body = text;
      await expect(readAll(), text.slice(0, 40)).rejects.toMatchObject({
        code: 'SOURCE_BAD_ANSWER',
        retry: true,
      });
    }
    for (const archives of [[], ['../etc'], ['cs', 'x?y=1']]) {
      await expect(readAll(archives)).rejects.toMatchObject({ code: 'SOURCE_BAD_QUERY' });
    }
  });
});
