/** Guards the reading of papers and tasks to rank: what is accepted, and that a bad line is named by file and number. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPaperFile, readTaskFile, taskSchema } from '../../../src/commands/ranking-files.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paperboy-files-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function papersOf(content: string | Buffer, name = 'papers.jsonl') {
  const file = join(folder, name);
  await writeFile(file, content);
  return readPaperFile(file);
}

async function tasksOf(content: string) {
  const file = join(folder, 'tasks.jsonl');
  await writeFile(file, content);
  return readTaskFile(file, taskSchema);
}

describe('a file of papers', () => {
  it('is read plain or gzipped, with empty lines, a byte order mark and Windows line ends', async () => {
    const text =
      '\uFEFF{"id":"a","title":"One"}\r\n\r\n{"id":"b","title":"Two","published":"2025-03-24","upvotes":3}';
    const papers = await papersOf(text);
    expect(papers.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(papers[1]).toMatchObject({
      publishedAt: new Date('2025-03-24T00:00:00Z'),
      upvotes: 3,
      abstract: '',
    });
    expect(await papersOf(gzipSync(text), 'papers.jsonl.gz')).toEqual(papers);
  });

  it('gives text as a mail would show it', async () => {
    const [paper] = await papersOf('{"id":"a","title":"The $\\\\alpha$ of ``things\'\'","abstract":null}');
    expect(paper?.title).toBe('The α of “things”');
  });

  it.each([
    ['broken JSON', '{"id":"a","title":"One"}\n\n{"id":', /papers\.jsonl line 3: not JSON/],
    ['a title that is no text', '{"id":"a","title":7}', /line 1: title: .*string/],
    ['no id', '{"title":"One"}', /line 1: id: /],
    ['authors that are no list', '{"id":"a","title":"One","authors":"Ada"}', /line 1: authors: /],
    [
      'a date that is none',
      '{"id":"a","title":"One","published":"2025-02-31x"}',
      /line 1: published: not a date/,
    ],
    ['a line that is no object', '{"id":"a","title":"One"}\n[1]', /line 2: /],
    [
      'an id twice',
      '{"id":"a","title":"One"}\n{"id":"a","title":"Two"}',
      /line 2: the paper a stands on line 1/,
    ],
  ])('ends the reading with the line number at %s', async (_what, text, sentence) => {
    await expect(papersOf(text)).rejects.toMatchObject({
      code: 'LINE_INVALID',
      message: expect.stringMatching(sentence),
    });
  });

  it('that is missing, or not what its name says, is named', async () => {
    await expect(readPaperFile(join(folder, 'none.jsonl'))).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining('none.jsonl'),
    });
    await expect(papersOf('{"id":"a","title":"One"}', 'plain.jsonl.gz')).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
    });
  });
});

describe('a file of tasks', () => {
  it('gives windows that hold their last day to its end, and nothing that the ranking must not know', async () => {
    const [task] = await tasksOf(
      '{"id":"r","keywords":["x"],"liked":["a"],"from":"2025-03-24","to":"2025-03-30","relevant":["b"]}',
    );
    expect(task).toEqual({
      id: 'r',
      keywords: ['x'],
      liked: ['a'],
      from: new Date('2025-03-24T00:00:00Z'),
      to: new Date('2025-03-30T23:59:59.999Z'),
    });
  });

  it('needs an id alone', async () => {
    expect(await tasksOf('{"id":"r"}\n{"id":"s","from":null,"to":null}')).toEqual([
      { id: 'r', keywords: [], liked: [], from: null, to: null },
      { id: 's', keywords: [], liked: [], from: null, to: null },
    ]);
  });
});
