/** What liked and disliked papers say about a reader. Papers that the index does not hold say nothing. */

import { findTogether, scoreTogether } from './liked-together.ts';
import { equalExamples, nthLargest, scoreLikeness } from './likeness.ts';
import { NO_MATCHES, packMatches } from './match.ts';
import type { Matches, PaperIndex } from './paper-index.ts';
import {
  DISLIKE_WEIGHT,
  FAINT,
  FEW_LIKED,
  SECOND_LOOK,
  SECOND_LOOK_PRIOR,
  SECOND_LOOK_WEIGHT,
  TASTE_BALANCE,
  TASTE_PRIOR,
  TASTE_WEIGHT,
} from './tuning.ts';
import { compareWith } from './vectors.ts';

/**
 * Papers like what the reader liked, in words, in where they are filed, and in who else liked them. `level` says how well
 * papers meet what the reader asked for otherwise, 0 for nothing: likes weigh against that, whatever its scale.
 */
export function matchTaste(index: PaperIndex, liked: readonly number[], level: number): Matches {
  const papers = index.without.has('learning') ? [] : toOrdinals(index, liked);
  if (papers.length === 0) return NO_MATCHES;
  const extra = scoreTogether(index, papers);
  const { scores, signature } = scoreLikeness(index, equalExamples(papers), { extra });
  if (papers.length <= FEW_LIKED) lookAgain(index, papers, scores);
  const balance = level > 0 ? Math.min(2, Math.max(0.5, TASTE_BALANCE * level)) : 1;
  const weight = (TASTE_WEIGHT * balance * papers.length) / (papers.length + TASTE_PRIOR);
  const faint = FAINT;
  for (let paper = 0; paper < scores.length; paper += 1) {
    const score = scores[paper] ?? 0;
    scores[paper] = score < faint ? 0 : weight * score;
  }
  return { ...packMatches(scores), signature };
}

/**
 * Adds likeness to the papers that came out best: one liked paper has few words, and what is like it, or was liked with
 * it, has more. The more papers were liked, the less this adds, and it costs as much as the first look.
 */
function lookAgain(index: PaperIndex, liked: readonly number[], scores: Float64Array): void {
  const known = new Set(liked);
  const found: number[] = [];
  const least = nthLargest(scores, SECOND_LOOK + liked.length);
  for (let paper = 0; paper < scores.length; paper += 1) {
    const score = scores[paper] ?? 0;
    if (score > 0 && score >= least && !known.has(paper)) found.push(paper);
  }
  if (found.length === 0) return;
  found.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || b - a).splice(SECOND_LOOK);
  const sum = found.reduce((total, paper) => total + (scores[paper] ?? 0), 0);
  const shares = found.map((paper) => (scores[paper] ?? 0) / sum);
  const again = scoreLikeness(index, { papers: found, shares }, { leastExamples: 2 }).scores;
  const weight = SECOND_LOOK_WEIGHT / (liked.length + SECOND_LOOK_PRIOR);
  for (let paper = 0; paper < scores.length; paper += 1) {
    const score = scores[paper] ?? 0;
    // What shares nothing with the liked papers themselves could not be explained.
    if (score > 0) scores[paper] = score + weight * (again[paper] ?? 0);
  }
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
