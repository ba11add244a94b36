/** Papers for tests: facts and sentences of our own. */

import type { Context } from '../../src/context.ts';
import { type Paper, paperSchema } from '../../src/papers/paper.ts';
import { storePapers as store } from '../../src/papers/store.ts';

/** A paper with what the test cares about; the rest is ordinary. `upvotes` makes it listed at `listedAt`. */
export function makePaper(
  facts: Partial<Omit<Paper, 'trend'>> & { title: string; upvotes?: number; listedAt?: Date },
): Paper {
  const { upvotes, listedAt = new Date('2026-11-24T00:00:00Z'), ...paper } = facts;
  const trend =
    upvotes === undefined
      ? null
      : { upvotes, listedAt, observedAt: new Date(listedAt.getTime() + 6 * 3600_000) };
  return paperSchema.parse({ source: 'file', externalId: paper.arxivId ?? paper.title, trend, ...paper });
}

/** Stores papers as first seen at `seenAt`. */
export async function storePapers(ctx: Context, papers: readonly Paper[], seenAt: Date): Promise<void> {
  await ctx.db.transaction((tx) => store(tx, papers, () => seenAt));
}

/** Three of robotics and one of biology, some of them voted for; the title of one holds markup. */
export const fewPapers = [
  makePaper({
    title: 'Tactile skins for <dexterous> robot hands',
    abstract: 'Tactile skins let dexterous robot hands feel slip and grasp soft fruit.',
    authors: ['Ada Feel', 'Bo Touch'],
    categories: ['cs.RO'],
    arxivId: '2611.00001',
    upvotes: 12,
  }),
  makePaper({
    title: 'Walking gaits for legged robots on sand',
    abstract: 'Legged robots walk on sand with gaits learned in simulation.',
    categories: ['cs.RO'],
    upvotes: 40,
  }),
  makePaper({
    title: 'Mapping caves with flying robots',
    abstract: 'Flying robots map caves by sonar.',
    categories: ['cs.RO'],
  }),
  makePaper({
    title: 'Folding proteins with small models',
    abstract: 'Small models fold proteins.',
    categories: ['q-bio.BM'],
    upvotes: 30,
  }),
];
