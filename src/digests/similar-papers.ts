/** Which papers of the last weeks are like one paper: those that a reader would get who liked it and nothing else. */
import type { Context } from '../context.ts';
import { listComparedPapers } from '../papers/liked-papers.repo.ts';
import { rankPapers } from '../ranking/rank.ts';
import { type Edition, openShownEdition, withCompared } from './edition.ts';
import { type ToldPaper, tellTrend } from './list-trending.ts';

const SIMILAR = 6;

/** Kept with the edition, as looking takes some milliseconds; more are looked for again. */
const MOST_KEPT = 2000;

const kept = new WeakMap<Edition, Map<number, Promise<ToldPaper[]>>>();

/** The most similar first; may be none. */
export async function listSimilarPapers(ctx: Context, paperId: number): Promise<ToldPaper[]> {
  const at = ctx.now();
  const edition = await openShownEdition(ctx, at);
  const known = kept.get(edition) ?? new Map<number, Promise<ToldPaper[]>>();
  kept.set(edition, known);
  const similar = known.get(paperId) ?? findSimilarPapers(ctx, edition, paperId, at);
  if (known.size < MOST_KEPT) known.set(paperId, similar);
  // A failure is not kept.
  similar.catch(() => known.delete(paperId));
  return similar;
}

async function findSimilarPapers(
  ctx: Context,
  shared: Edition,
  paperId: number,
  at: Date,
): Promise<ToldPaper[]> {
  const older = shared.index.ordinals.has(paperId) ? [] : await listComparedPapers(ctx.db, [paperId]);
  const edition = withCompared(shared, older);
  const ranked = rankPapers(
    edition.index,
    { topics: [], keywords: [], excluded: [], authors: [], likedPaperIds: [paperId], dislikedPaperIds: [] },
    { now: at, k: SIMILAR, seen: edition.comparedIds },
  );
  return ranked.flatMap(({ paperId: id }) => {
    const paper = edition.papers.get(id);
    return paper ? [tellTrend(paper)] : [];
  });
}
