/** What files of papers say, plain or packed, read from disk line by line. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readJsonLines } from '../../src/papers/sources/jsonl.ts';
import type { SourcePage } from '../../src/papers/sources/source.ts';
import { findDataDir } from '../support/recordings.ts';
import { pagesOf } from '../support/source-pages.ts';
import { NOW } from '../support/sources.ts';

const skippedOf = async (pages: AsyncIterable<SourcePage>) =>
  (await pagesOf(pages)).flatMap(({ skipped }) => skipped);

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
