/** One paper as several sources tell of it, and a database in which to store it. */
import { afterEach, beforeEach } from 'vitest';
import { type Paper, paperSchema } from '../../src/papers/paper.ts';
import { storePapers } from '../../src/papers/store.ts';
import { createTestContext, type TestContext } from './context.ts';

export const SEEN = new Date('2026-11-24T05:00:00Z');

export const record = (facts: Partial<Paper> & { source: string; title: string }): Paper =>
  paperSchema.parse({ externalId: facts.arxivId ?? facts.doi ?? facts.title, ...facts });

/** One paper as four sources tell of it. */
export const harvested = record({
  source: 'arxiv',
  arxivId: '2611.00007',
  title: 'Tactile Policies for Soft Fruit Picking',
  abstract: 'First version: a gripper that feels how ripe a berry is.',
  authors: ['Ada Picker', 'Ben Grasp'],
  categories: ['cs.RO', 'cs.LG'],
  publishedAt: new Date('2026-11-20T10:00:00Z'),
  url: 'https://arxiv.org/abs/2611.00007',
});
export const listed = record({
  ...harvested,
  source: 'hf',
  externalId: '2611.00007',
  title: 'Tactile Policies for Soft-Fruit Picking',
  categories: [],
  publishedAt: new Date('2026-11-20T18:00:00Z'),
  codeUrl: 'https://github.com/example/berries',
});
export const replaced = record({
  ...harvested,
  version: 2,
  abstract: 'Second version: and how to let go of it.',
  categories: ['cs.RO', 'cs.CV'],
  publishedAt: null,
});
export const cited = record({
  source: 'file',
  externalId: 'picker2026tactile',
  doi: '10.1000/Berries.7',
  title: 'Tactile policies for soft fruit picking',
  authors: ['Picker, A.', 'Grasp, B.'].map((name) => name.split(', ').reverse().join(' ')),
  publishedAt: new Date('2026-01-01T00:00:00Z'),
});

/** A database of its own for each test. */
export function useStore() {
  let test: TestContext;

  beforeEach(async () => {
    test = await createTestContext();
  });
  afterEach(() => test.close());

  return {
    get sql() {
      return test.sql;
    },
    store: (...papers: Paper[]) => test.ctx.db.transaction((tx) => storePapers(tx, papers, () => SEEN)),
    content: () =>
      test.sql`select arxiv_id, doi, version, title, abstract, authors, categories, published_at, withdrawn, url, code_url,
        venue, open_access_url, fields_of_study from papers order by title, arxiv_id`,
    empty: () => test.sql`truncate papers, paper_sources cascade`,
  };
}
