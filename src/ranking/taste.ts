/**
 * What liked and disliked papers say about a reader, after Rocchio: the mean of the liked papers' term vectors less a
 * share of the disliked ones', compared with every paper of the index. Papers that the index does not hold say nothing.
 */
import { NO_MATCHES, packMatches } from './match.ts';
import type { Matches, PaperIndex } from './paper-index.ts';
import { DISLIKE_WEIGHT, TASTE_CUT, TASTE_FULL } from './tuning.ts';
import { compareWith } from './vectors.ts';

/** Papers more alike to what the reader liked than the average one, 0 to about 2; none without liked papers. */
export function matchTaste(
  index: PaperIndex,
  liked: readonly number[],
  disliked: readonly number[],
): Matches {
  const likedHere = toOrdinals(index, liked);
  if (likedHere.length === 0) return NO_MATCHES;
  const wish = index.scratch.terms;
  const touched: number[] = [];
  addMean(index, wish, touched, likedHere, 1);
  addMean(index, wish, touched, toOrdinals(index, disliked), -DISLIKE_WEIGHT);
  let most = 0;
  for (const term of touched) most = Math.max(most, wish[term] ?? 0);
  const terms: [term: number, weight: number][] = [];
  for (const term of touched) {
    const weight = wish[term] ?? 0;
    if (weight > TASTE_CUT * most) terms.push([term, weight]);
    wish[term] = 0;
  }
  const length = Math.sqrt(terms.reduce((sum, [, weight]) => sum + weight * weight, 0));
  const { start, papers, weights } = index.postings;
  const sums = index.scratch.papers;
  for (const [term, weight] of terms) {
    for (let at = start[term] ?? 0; at < (start[term + 1] ?? 0); at += 1) {
      const paper = papers[at] ?? 0;
      sums[paper] = (sums[paper] ?? 0) + (weight * (weights[at] ?? 0)) / length;
    }
  }
  // Every paper shares some words with every other: likeness begins above what is common to all.
  const mean = sums.reduce((sum, cosine) => sum + cosine, 0) / sums.length;
  for (let paper = 0; paper < sums.length; paper += 1) {
    sums[paper] = Math.max(0, (sums[paper] ?? 0) - mean) / TASTE_FULL;
  }
  return packMatches(sums);
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

/** Ordinals of those the index holds, ascending, each once. */
function toOrdinals({ ordinals }: PaperIndex, ids: readonly number[]): number[] {
  return [...new Set(ids)]
    .map((id) => ordinals.get(id))
    .filter((ordinal) => ordinal !== undefined)
    .sort((a, b) => a - b);
}

/** Adds the weighted mean of the papers' vectors to `wish`, and to `touched` the terms that were not in it before. */
function addMean(
  { postings }: PaperIndex,
  wish: Float64Array,
  touched: number[],
  papers: readonly number[],
  weight: number,
): void {
  const { vectorStart, vectorTerms, vectorWeights } = postings;
  for (const paper of papers) {
    const end = vectorStart[paper + 1] ?? 0;
    for (let at = vectorStart[paper] ?? 0; at < end; at += 1) {
      const term = vectorTerms[at] ?? 0;
      if (wish[term] === 0) touched.push(term);
      wish[term] = (wish[term] ?? 0) + (weight * (vectorWeights[at] ?? 0)) / papers.length;
    }
  }
}
