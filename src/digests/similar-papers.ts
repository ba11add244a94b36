/** Which papers of the last weeks are like one paper: those that a reader would get who liked it and nothing else. */
import type { Context } from '../context.ts';
import { listComparedPapers } from '../papers/liked-papers.repo.ts';
import { rankPapers } from '../ranking/rank.ts';
import { openEdition, withCompared } from './edition.ts';
import { type ToldPaper, whyTrending } from './list-trending.ts';

const SIMILAR = 6;

/** The most similar first; may be none. */
export async function listSimilarPapers(ctx: Context, paperId: number): Promise<ToldPaper[]> {
  const at = ctx.now();
  const shared = await openEdition(ctx, at);
  const older = shared.index.ordinals.has(paperId) ? [] : await listComparedPapers(ctx.db, [paperId]);
  const edition = withCompared(shared, older);
  const ranked = rankPapers(
    edition.index,
    { topics: [], keywords: [], excluded: [], authors: [], likedPaperIds: [paperId], dislikedPaperIds: [] },
    { now: at, k: SIMILAR, seen: edition.comparedIds },
  );
  return ranked.flatMap(({ paperId: id }) => {
    const paper = edition.papers.get(id);
    return paper ? [{ paper, why: whyTrending(paper) }] : [];
  });
}
