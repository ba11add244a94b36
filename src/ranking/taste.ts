/** What liked and disliked papers say about a reader. Papers that the index does not hold say nothing. */

import { findTogether, scoreTogether } from './liked-together.ts';
import { examplesOf, scoreLikeness } from './likeness.ts';
import { NO_MATCHES, packMatches } from './match.ts';
import type { Matches, PaperIndex } from './paper-index.ts';
import { nthLargest } from './top.ts';
import {
  COMPANY_WEIGHT,
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
  const together = scoreTogether(index, papers);
  const { scores, signature } = scoreLikeness(index, examplesOf(index, papers), { extra: together });
  const company = together ? pickBest(together, papers) : [];
  if (together && company.length > 1) lookAgain(index, company, together, scores, COMPANY_WEIGHT);
  else if (papers.length <= FEW_LIKED) {
    const weight = SECOND_LOOK_WEIGHT / (papers.length + SECOND_LOOK_PRIOR);
    lookAgain(index, pickBest(scores, papers), scores, scores, weight);
  }
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
 * Adds likeness to papers that were found near the liked ones: these have few words, and what readers liked with them, or
 * else what is most like them, has more. `nearness` is by ordinal. It costs as much as the first look.
 */
function lookAgain(
  index: PaperIndex,
  near: number[],
  nearness: Float64Array,
  scores: Float64Array,
  weight: number,
): void {
  if (near.length === 0) return;
  const sum = near.reduce((total, paper) => total + (nearness[paper] ?? 0), 0);
  const shares = near.map((paper) => (nearness[paper] ?? 0) / sum);
  const again = scoreLikeness(index, { papers: near, shares }, { sharedOnly: true }).scores;
  for (let paper = 0; paper < scores.length; paper += 1) {
    const score = scores[paper] ?? 0;
    // What shares nothing with the liked papers themselves could not be explained.
    if (score > 0) scores[paper] = score + weight * (again[paper] ?? 0);
  }
}

/** The few papers with the greatest values above 0, these left out; of equals the newer. */
function pickBest(values: Float64Array, leftOut: readonly number[]): number[] {
  const known = new Set(leftOut);
  const found: number[] = [];
  const least = nthLargest(values, SECOND_LOOK + leftOut.length);
  for (let paper = 0; paper < values.length; paper += 1) {
    const value = values[paper] ?? 0;
    if (value > 0 && value >= least && !known.has(paper)) found.push(paper);
  }
  return found.sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || b - a).slice(0, SECOND_LOOK);
}

/** By ordinal, what papers like the disliked ones keep of their score: 1 where there is nothing to hold against them. */
export function findAversion(index: PaperIndex, disliked: readonly number[]): Float64Array | null {
  const papers = index.without.has('learning') ? [] : toOrdinals(index, disliked);
  if (papers.length === 0) return null;
  const { scores } = scoreLikeness(index, examplesOf(index, papers));
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
