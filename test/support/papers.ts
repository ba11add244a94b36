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
