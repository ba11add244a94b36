/** What the daily pages of Hugging Face say, in every shape they have had, read over HTTP. */
import { describe, expect, it } from 'vitest';
import { readHuggingFaceDays } from '../../src/papers/sources/hugging-face.ts';
import { pagesOf } from '../support/source-pages.ts';
import { NOW, papersOf, useUpstream } from '../support/sources.ts';
import type { Upstream } from '../support/upstream-server.ts';

let upstream: Upstream;
const days: Record<string, unknown> = {};
const { ctx } = useUpstream({ days }, (started) => {
  upstream = started;
});

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
