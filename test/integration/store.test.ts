/** Every paper once: whichever sources tell of it, in whichever order, it is one row with the same content. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Paper, paperSchema } from '../../src/papers/paper.ts';
import { storePapers } from '../../src/papers/store.ts';
import { createTestContext, type TestContext } from '../support/context.ts';

let test: TestContext;

beforeEach(async () => {
  test = await createTestContext();
});

afterEach(() => test.close());

const SEEN = new Date('2026-11-24T05:00:00Z');

function store(...papers: Paper[]) {
  return test.ctx.db.transaction((tx) => storePapers(tx, papers, () => SEEN));
}

const content = () =>
  test.sql`select arxiv_id, doi, version, title, abstract, authors, categories, published_at, withdrawn, url, code_url,
    venue, open_access_url, fields_of_study from papers order by title, arxiv_id`;

const empty = () => test.sql`truncate papers, paper_sources cascade`;

const record = (facts: Partial<Paper> & { source: string; title: string }): Paper =>
  paperSchema.parse({ externalId: facts.arxivId ?? facts.doi ?? facts.title, ...facts });

/** One paper as five sources tell of it. */
const harvested = record({
  source: 'arxiv',
  arxivId: '2611.00007',
  title: 'Tactile Policies for Soft Fruit Picking',
  abstract: 'First version: a gripper that feels how ripe a berry is.',
  authors: ['Ada Picker', 'Ben Grasp'],
  categories: ['cs.RO', 'cs.LG'],
  publishedAt: new Date('2026-11-20T10:00:00Z'),
  url: 'https://arxiv.org/abs/2611.00007',
});
const listed = record({
  ...harvested,
  source: 'hf',
  externalId: '2611.00007',
  title: 'Tactile Policies for Soft-Fruit Picking',
  categories: [],
  publishedAt: new Date('2026-11-20T18:00:00Z'),
  codeUrl: 'https://github.com/example/berries',
});
const replaced = record({
  ...harvested,
  version: 2,
  abstract: 'Second version: and how to let go of it.',
  categories: ['cs.RO', 'cs.CV'],
  publishedAt: null,
});
const cited = record({
  source: 'file',
  externalId: 'picker2026tactile',
  doi: '10.1000/Berries.7',
  title: 'Tactile policies for soft fruit picking',
  authors: ['Picker, A.', 'Grasp, B.'].map((name) => name.split(', ').reverse().join(' ')),
  publishedAt: new Date('2026-01-01T00:00:00Z'),
});

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

  it.each(['arXiv', 'DOI'])(
    'joins two rows once a record knows the ids of both, and keeps what hung on them: %s first',
    async (first) => {
      const byArxiv = record({ source: 'arxiv', arxivId: '2611.00008', title: 'A short one' });
      const byDoi = record({
        source: 'feed-journal',
        doi: '10.1000/short',
        title: 'The short one, in print',
      });
      await store(...(first === 'arXiv' ? [byArxiv, byDoi] : [byDoi, byArxiv]));
      expect(await content()).toHaveLength(2);
      await test.sql`insert into subscribers (email, email_key, email_hash, status, frequency, weekdays, hour, timezone, created_at)
      values ('a@example.org', 'a@example.org', 'x', 'active', 'daily', '{1}', 8, 'UTC', now())`;
      await test.sql`insert into feedback select s.id, p.id, 'liked', now() from subscribers s, papers p where p.doi is not null`;
      await store(
        record({ source: 'hf', arxivId: '2611.00008', doi: '10.1000/short', title: 'A short one' }),
      );
      expect(await content()).toHaveLength(1);
      expect(await test.sql`select p.arxiv_id from feedback f join papers p on p.id = f.paper_id`).toEqual([
        { arxiv_id: '2611.00008' },
      ]);
      expect(await test.sql`select 1 from paper_sources`).toHaveLength(3);
    },
  );

  it('keeps the counts of a record that did not change when its paper is joined in the same batch', async () => {
    const counted = record({
      source: 'hf',
      arxivId: '2611.00011',
      title: 'A counted one',
      trend: {
        listedAt: SEEN,
        observedAt: SEEN,
        upvotes: 4,
        comments: null,
        githubStars: null,
        citations: null,
      },
    });
    await store(
      record({ source: 'feed-journal', doi: '10.1000/counted', title: 'Counted, in print' }),
      counted,
    );
    const later = new Date(SEEN.getTime() + 3600_000);
    const again: Paper = {
      ...counted,
      trend: {
        listedAt: SEEN,
        observedAt: later,
        upvotes: 9,
        comments: null,
        githubStars: null,
        citations: null,
      },
    };
    await store(
      again,
      record({ source: 'arxiv', arxivId: '2611.00011', doi: '10.1000/counted', title: 'A counted one' }),
    );
    expect(await content()).toHaveLength(1);
    expect(await test.sql`select upvotes from paper_observations order by observed_at`).toEqual([
      { upvotes: 4 },
      { upvotes: 9 },
    ]);
  });

  it('writes nothing for what it knows, and never lets an older answer win', async () => {
    expect(await store(replaced, listed)).toEqual({ inserted: 1, updated: 0, merged: 0 });
    const [before] = await test.sql`select xmin::text, updated_at from papers`;
    expect(await store(replaced, listed)).toEqual({ inserted: 0, updated: 0, merged: 0 });
    expect(await test.sql`select xmin::text, updated_at from papers`).toEqual([before]);
    await store(harvested);
    expect((await content())[0]).toMatchObject({ version: 2, abstract: replaced.abstract });
  });

  it('keeps every count that a source gave, as a series', async () => {
    const counted = (hour: number, upvotes: number): Paper => ({
      ...listed,
      trend: {
        listedAt: SEEN,
        observedAt: new Date(SEEN.getTime() + hour * 3600_000),
        upvotes,
        comments: null,
        githubStars: null,
        citations: null,
      },
    });
    for (const paper of [counted(1, 3), counted(2, 9), counted(1, 3)]) await store(paper);
    expect(await test.sql`select upvotes from paper_observations order by observed_at`).toEqual([
      { upvotes: 3 },
      { upvotes: 9 },
    ]);
  });

  it('makes one paper of what two workers tell at the same moment', async () => {
    await Promise.all([store(harvested), store(listed), store(replaced), store(cited)]);
    expect(await content()).toHaveLength(1);
  });

  it('takes strings that were made to hurt', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), async (text) => {
        const parsed = paperSchema.safeParse({
          source: 'file',
          externalId: text,
          title: text,
          abstract: text,
          authors: [text],
        });
        if (parsed.success) await store(parsed.data);
      }),
      { numRuns: 100 },
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
