/** Whichever sources tell of a paper, in whichever order and batches, it is one row with the same content. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Paper } from '../../src/papers/paper.ts';
import { cited, harvested, listed, record, replaced, useStore } from '../support/told-papers.ts';

const { content, empty, store } = useStore();

/** It knows more of other things, and is wrong about what the archive knows. */
const lookedUp = record({
  source: 'semantic-scholar',
  externalId: 'ARXIV:2611.00007',
  arxivId: '2611.00007',
  title: 'TACTILE POLICIES FOR SOFT FRUIT PICKING.',
  abstract: 'An abstract from elsewhere.',
  authors: ['A. Picker'],
  categories: ['cs.AI'],
  publishedAt: new Date('2025-01-01T00:00:00Z'),
  codeUrl: 'https://github.com/example/other',
  venue: 'ICLR 2026',
  openAccessUrl: 'https://openreview.net/pdf?id=berries',
  fieldsOfStudy: ['Computer Science', 'Engineering'],
});

describe('storing papers', () => {
  it('makes one row of the same content in all 120 orders of five sources', async () => {
    const outcomes = new Set<string>();
    for (const order of permutations([harvested, listed, replaced, cited, lookedUp])) {
      await empty();
      for (const paper of order) await store(paper);
      const rows = await content();
      expect(rows).toHaveLength(1);
      outcomes.add(JSON.stringify(rows[0]));
    }
    expect(outcomes.size).toBe(1);
    expect(JSON.parse([...outcomes][0] ?? '')).toMatchObject({
      arxiv_id: '2611.00007',
      doi: '10.1000/berries.7',
      version: 2,
      title: 'Tactile Policies for Soft Fruit Picking',
      abstract: 'Second version: and how to let go of it.',
      authors: ['Ada Picker', 'Ben Grasp'],
      categories: ['cs.RO', 'cs.AI', 'cs.CV', 'cs.LG'],
      published_at: '2026-11-20T10:00:00.000Z',
      code_url: 'https://github.com/example/berries',
      venue: 'ICLR 2026',
      open_access_url: 'https://openreview.net/pdf?id=berries',
      fields_of_study: ['Computer Science', 'Engineering'],
    });
  });

  it.each(['arxiv', 'hf', 'feed-journal', 'file', 'seed'])(
    'believes %s before one that only looks papers up',
    async (source) => {
      const told = record({ ...listed, source, categories: ['cs.RO'], doi: '10.1000/told' });
      const believed = { title: told.title, abstract: told.abstract, authors: told.authors, doi: told.doi };
      for (const order of permutations([told, { ...lookedUp, doi: '10.1000/other' }])) {
        await empty();
        for (const paper of order) await store(paper);
        expect(await content()).toMatchObject([
          { ...believed, published_at: told.publishedAt, code_url: told.codeUrl, venue: 'ICLR 2026' },
        ]);
      }
    },
  );

  it('comes out the same however the records are cut into batches', async () => {
    const pool = [harvested, listed, replaced, cited, lookedUp, ...others()];
    const shuffled = fc.shuffledSubarray(pool, { minLength: pool.length });
    const cuts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 8, maxLength: 8 });
    let expected: string | null = null;
    await fc.assert(
      fc.asyncProperty(shuffled, cuts, async (papers, sizes) => {
        await empty();
        for (const [at, size] of sizes.entries()) {
          const from = sizes.slice(0, at).reduce((sum, one) => sum + one, 0);
          await store(...papers.slice(from, from + size));
        }
        const rows = JSON.stringify(await content());
        expected ??= rows;
        expect(rows).toBe(expected);
      }),
      { numRuns: 40 },
    );
  });
});

function others(): Paper[] {
  return [
    record({
      source: 'arxiv',
      arxivId: '2611.00009',
      title: 'Another paper with a longer title',
      authors: ['Cy Else'],
    }),
    record({
      source: 'file',
      title: 'Another Paper with a Longer Title',
      authors: ['C. Else'],
      externalId: 'else',
    }),
    record({
      source: 'hf',
      arxivId: '2611.00010',
      title: 'Another paper with a longer title',
      authors: ['Dee Else-Where'],
    }),
  ];
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, at) =>
    permutations([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [item, ...rest]),
  );
}
