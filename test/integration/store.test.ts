/** Every paper once: what is told of it again, or at the same moment, joins its row and takes nothing from it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Paper, paperSchema } from '../../src/papers/paper.ts';
import { cited, harvested, listed, record, replaced, SEEN, useStore } from '../support/told-papers.ts';

const papers = useStore();
const { content, store } = papers;

describe('storing papers', () => {
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
      await papers.sql`insert into subscribers (email, email_key, email_hash, status, frequency, weekdays, hour, timezone, created_at)
      values ('a@example.org', 'a@example.org', 'x', 'active', 'daily', '{1}', 8, 'UTC', now())`;
      await papers.sql`insert into feedback select s.id, p.id, 'liked', now() from subscribers s, papers p where p.doi is not null`;
      await store(
        record({ source: 'hf', arxivId: '2611.00008', doi: '10.1000/short', title: 'A short one' }),
      );
      expect(await content()).toHaveLength(1);
      expect(await papers.sql`select p.arxiv_id from feedback f join papers p on p.id = f.paper_id`).toEqual([
        { arxiv_id: '2611.00008' },
      ]);
      expect(await papers.sql`select 1 from paper_sources`).toHaveLength(3);
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
    expect(await papers.sql`select upvotes from paper_observations order by observed_at`).toEqual([
      { upvotes: 4 },
      { upvotes: 9 },
    ]);
  });

  it('writes nothing for what it knows, and never lets an older answer win', async () => {
    expect(await store(replaced, listed)).toEqual({ inserted: 1, updated: 0, merged: 0 });
    const [before] = await papers.sql`select xmin::text, updated_at from papers`;
    expect(await store(replaced, listed)).toEqual({ inserted: 0, updated: 0, merged: 0 });
    expect(await papers.sql`select xmin::text, updated_at from papers`).toEqual([before]);
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
    expect(await papers.sql`select upvotes from paper_observations order by observed_at`).toEqual([
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
