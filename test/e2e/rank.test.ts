/** The rank command as a process of its own: lists of papers for readers, from files, with no database and no settings. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../src/project-root.ts';

const PAPERS = [
  { id: 'grasp', title: 'Robot grasping', abstract: 'Hands for robots.', published: '2025-03-24' },
  { id: 'walk', title: 'Robot walking', abstract: 'Legs for robots.', published: '2025-03-30T23:00:00Z' },
  { id: 'old', title: 'Robot arms', abstract: 'Arms for robots.', published: '2025-03-23' },
  { id: 'next', title: 'Robot eyes', abstract: 'Eyes for robots.', published: '2025-03-31' },
  { id: 'fold', title: 'Protein folding', abstract: 'Of yeast.', published: '2025-03-25', upvotes: 2 },
  { id: 'cook', title: 'Cooking', abstract: 'Of soup.', published: '2025-03-26', upvotes: 90 },
  { id: 'paint', title: 'Painting', abstract: 'Of walls.', published: '2025-03-27' },
  { id: 'undated', title: 'Robot minds', abstract: 'Minds for robots.', published: null },
];
const WEEK = { from: '2025-03-24', to: '2025-03-30' };
let folder: string;
let papers: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paperboy-rank-'));
  papers = await write('papers.jsonl.gz', PAPERS);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, records: readonly unknown[]): Promise<string> {
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  await writeFile(join(folder, name), name.endsWith('.gz') ? gzipSync(text) : text);
  return join(folder, name);
}

async function rank(
  ...args: string[]
): Promise<{ code: number; lists: Record<string, string[]>; errors: string }> {
  const child = start(...args);
  let printed = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const [code] = await once(child, 'close');
  const lines = printed.split('\n').filter(Boolean);
  const lists = lines.map((line) => JSON.parse(line) as { id: string; ranked: string[] });
  return {
    code: Number(code),
    lists: Object.fromEntries(lists.map(({ id, ranked }) => [id, ranked])),
    errors,
  };
}

/** With an environment that would end any start that reads it. */
function start(...args: string[]) {
  return spawn(process.execPath, ['--import', 'tsx', 'src/rank.ts', ...args], {
    cwd: projectRoot,
    env: { PATH: process.env.PATH, PORT: 'none', DATABASE_URL: 'postgres://127.0.0.1:1/none' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

describe('rank', () => {
  it('ranks every paper of the window but the liked ones, unmatched ones last by votes and then the newest', async () => {
    const tasks = await write('tasks.jsonl', [
      { id: 'typed', keywords: ['robot grasping'], liked: [], ...WEEK },
      { id: 'likes', keywords: ['robot'], liked: ['walk', 'no such paper'], ...WEEK },
      { id: 'all', keywords: ['robot'], liked: ['cook'], from: null, to: null },
      { id: 'nothing', ...WEEK },
    ]);
    const { code, lists, errors } = await rank('--papers', papers, '--tasks', tasks);
    expect(errors).toBe('');
    expect(code).toBe(0);
    expect(Object.keys(lists)).toEqual(['typed', 'likes', 'all', 'nothing']);
    expect(lists.typed).toEqual(['grasp', 'walk', 'cook', 'fold', 'paint']);
    expect(lists.likes?.[0]).toBe('grasp');
    expect([...(lists.likes ?? [])].sort()).toEqual(['cook', 'fold', 'grasp', 'paint']);
    expect([...(lists.all ?? [])].sort()).toEqual(
      PAPERS.map(({ id }) => id)
        .filter((id) => id !== 'cook')
        .sort(),
    );
    expect(lists.nothing).toEqual(['cook', 'fold', 'walk', 'paint', 'grasp']);
  });

  it('gives the same lists whatever the truth, the tasks’ names and the order of the papers say', async () => {
    const task = { id: 'a', keywords: ['robot'], liked: ['fold'], from: null, to: null };
    const plain = await write('plain.jsonl', [task]);
    const telling = await write('telling.jsonl.gz', [{ ...task, id: 'Painting', relevant: ['paint'] }]);
    const turned = await write('turned.jsonl', PAPERS.toReversed());
    const [first, second, third] = await Promise.all([
      rank('--papers', papers, '--tasks', plain),
      rank('--papers', papers, '--tasks', telling),
      rank('--papers', turned, '--tasks', plain),
    ]);
    expect(first.lists.a).toHaveLength(7);
    expect(second.lists.Painting).toEqual(first.lists.a);
    expect(third.lists.a).toEqual(first.lists.a);
  });

  it('gives at most --k papers, and 300 unless told', async () => {
    const many = await write(
      'many.jsonl',
      Array.from({ length: 320 }, (_, at) => ({ id: `p${at}`, title: `Paper ${at}` })),
    );
    const tasks = await write('one.jsonl', [{ id: 'a', keywords: ['paper'] }]);
    const [two, usual] = await Promise.all([
      rank('--papers', many, '--tasks', tasks, '--k', '2'),
      rank('--papers', many, '--tasks', tasks),
    ]);
    expect(two.lists.a).toHaveLength(2);
    expect(usual.lists.a).toHaveLength(300);
  });

  it('ends with one sentence and no list where the input can’t be used', async () => {
    const tasks = await write('good.jsonl', [{ id: 'a' }]);
    const bad = await write('bad.jsonl', [{ id: 'a' }, { id: 'b', liked: 'walk' }]);
    const missing = join(folder, 'missing.jsonl');
    const results = await Promise.all([
      rank('--papers', papers, '--tasks', bad),
      rank('--papers', missing, '--tasks', tasks),
      rank('--papers', papers, '--tasks', tasks, '--k', '0'),
      rank('--papers', papers),
    ]);
    expect(results.map(({ code }) => code)).toEqual([1, 1, 1, 1]);
    expect(results.flatMap(({ lists }) => Object.keys(lists))).toEqual([]);
    expect(results[0]?.errors).toMatch(/^\S*bad\.jsonl line 2: liked: [^\n]*\n$/);
    expect(results[1]?.errors).toMatch(/^\S*missing\.jsonl can't be read: [^\n]*\n$/);
    expect(results[2]?.errors).toBe('--k must be a whole number from 1; 0 is none.\n');
    expect(results[3]?.errors).toContain('--tasks <path>');
  });

  it('ends quietly when whoever reads has seen enough', async () => {
    const tasks = await write(
      'readers.jsonl',
      Array.from({ length: 20_000 }, (_, at) => ({ id: `reader ${at}`, keywords: ['robot'] })),
    );
    const child = start('--papers', papers, '--tasks', tasks);
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(errors).toBe('');
  });
});
