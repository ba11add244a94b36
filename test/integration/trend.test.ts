/** The trend of a stored paper: from its time series in the database to its place on the front page. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listTrendingDays } from '../../src/digests/list-trending.ts';
import { listNewestPapers } from '../../src/papers/papers.repo.ts';
import { createClock } from '../support/clock.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { makePaper, storePapers } from '../support/papers.ts';

const clock = createClock('2026-11-24T20:00:00Z');
const LISTED = new Date('2026-11-24T00:00:00Z');
let test: TestContext;

beforeEach(async () => {
  test = await createTestContext({ now: clock.now });
});

afterEach(() => test.close());

/** Stores a paper with its votes, each by the hour of the day that they were counted at. */
async function count(title: string, votesByHour: Record<number, number>, source = 'hf'): Promise<void> {
  for (const [hour, upvotes] of Object.entries(votesByHour)) {
    const paper = makePaper({ title, source, externalId: title });
    const trend = {
      upvotes,
      comments: null,
      githubStars: null,
      citations: null,
      listedAt: LISTED,
      observedAt: new Date(LISTED.getTime() + Number(hour) * 3_600_000),
    };
    await storePapers(test.ctx, [{ ...paper, trend }], LISTED);
  }
}

it('knows of each source the last count, and the last that is six hours old', async () => {
  await count('A paper on the tide', { 2: 3, 13.9: 30, 14.1: 31, 19: 50, 20.5: 99 });
  await count('A paper on the tide', { 3: 1, 18: 2 }, 'other');
  const [paper] = await listNewestPapers(test.ctx.db, { at: clock.now(), limit: 5 });
  expect(paper?.trend).toMatchObject({
    upvotes: 50,
    observedAt: new Date('2026-11-24T19:00:00Z'),
    earlier: { upvotes: 30, observedAt: new Date('2026-11-24T13:54:00Z') },
  });
});

it('shows what rises now before what has stopped, with the same votes since the same hour', async () => {
  await count('A paper that has stopped', { 6: 55, 13: 60, 20: 60 });
  await count('A paper that takes off', { 6: 4, 13: 10, 20: 60 });
  await count('A paper of modest fame', { 6: 2, 13: 5, 20: 6 });
  const [today] = await listTrendingDays(test.ctx);
  expect(today?.papers.map(({ paper, reasons }) => [paper.title, reasons])).toEqual([
    ['A paper that takes off', [expect.objectContaining({ upvotes: 60, hours: 20 })]],
    ['A paper that has stopped', [expect.objectContaining({ upvotes: 60, hours: 20 })]],
    ['A paper of modest fame', [expect.objectContaining({ upvotes: 6, hours: 20 })]],
  ]);
});
