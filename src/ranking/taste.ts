/** What liked and disliked papers say about a reader. Papers that the index does not hold say nothing. */

import { findTogether, scoreTogether } from './liked-together.ts';
import { equalExamples, scoreLikeness } from './likeness.ts';
import { NO_MATCHES, packMatches } from './match.ts';
import type { Matches, PaperIndex } from './paper-index.ts';
import { DISLIKE_WEIGHT, FAINT, TASTE_PRIOR, TASTE_WEIGHT } from './tuning.ts';
import { compareWith } from './vectors.ts';

/** Papers like what the reader liked, in words, in where they are filed, and in who else liked them. */
export function matchTaste(index: PaperIndex, liked: readonly number[]): Matches {
  const papers = index.without.has('learning') ? [] : toOrdinals(index, liked);
  if (papers.length === 0) return NO_MATCHES;
  const extra = scoreTogether(index, papers);
  const { scores, signature } = scoreLikeness(index, equalExamples(papers), { extra });
  const weight = (TASTE_WEIGHT * papers.length) / (papers.length + TASTE_PRIOR);
  const faint = FAINT;
  for (let paper = 0; paper < scores.length; paper += 1) {
    const score = scores[paper] ?? 0;
    scores[paper] = score < faint ? 0 : weight * score;
  }
  return { ...packMatches(scores), signature };
}

/** By ordinal, what papers like the disliked ones keep of their score: 1 where there is nothing to hold against them. */
export function findAversion(index: PaperIndex, disliked: readonly number[]): Float64Array | null {
  const papers = index.without.has('learning') ? [] : toOrdinals(index, disliked);
  if (papers.length === 0) return null;
  const { scores } = scoreLikeness(index, equalExamples(papers));
  const weight = DISLIKE_WEIGHT;
  return scores.map((score) => 1 / (1 + weight * score));
}

/** The liked paper (by id) most alike to this one, or null where none shares a word with it; of equals the newer. */
export function findAlike(
  index: PaperIndex,
  liked: readonly number[],
  paper: number,
): { ordinal: number; cosine: number } | null {
  return compareWith(index, paper, (cosineOf) => {
    let best: { ordinal: number; cosine: number } | null = null;
    for (const ordinal of toOrdinals(index, liked)) {
      const cosine = cosineOf(ordinal);
      if (cosine > 0 && cosine >= (best?.cosine ?? 0)) best = { ordinal, cosine };
    }
    return best;
  });
}

/** The liked paper (by id) whose readers this one shares most, or null; the answer is an ordinal. */
export function findCompany(index: PaperIndex, liked: readonly number[], paper: number): number | null {
  const { likedTogether } = index;
  if (!likedTogether) return null;
  let best: { ordinal: number; weight: number } | null = null;
  for (const ordinal of toOrdinals(index, liked)) {
    const { papers, weights } = findTogether(likedTogether, ordinal);
    const weight = weights[papers.indexOf(paper)] ?? 0;
    if (weight > (best?.weight ?? 0)) best = { ordinal, weight };
  }
  return best?.ordinal ?? null;
}

/** Ordinals of those the index holds, ascending, each once. */
function toOrdinals({ ordinals }: PaperIndex, ids: readonly number[]): number[] {
  return [...new Set(ids)]
    .map((id) => ordinals.get(id))
    .filter((ordinal) => ordinal !== undefined)
    .sort((a, b) => a - b);
}
