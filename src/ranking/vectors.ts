/** Likeness of papers by their term vectors. */
import type { PaperIndex } from './paper-index.ts';

/**
 * Hands `use` a function that gives the cosine, 0 to 1, of any paper (by ordinal) with this one; 0 where one has no
 * words. The paper's vector is spread over all terms once, so each comparison costs the other's length alone; one
 * paper at a time, as the space is shared.
 */
export function compareWith<T>(
  { postings, scratch }: PaperIndex,
  paper: number,
  use: (cosineOf: (other: number) => number) => T,
): T {
  const { vectorStart, vectorTerms, vectorWeights } = postings;
  const spread = scratch.terms;
  const start = vectorStart[paper] ?? 0;
  const end = vectorStart[paper + 1] ?? 0;
  for (let at = start; at < end; at += 1) spread[vectorTerms[at] ?? 0] = vectorWeights[at] ?? 0;
  const result = use((other) => {
    let cosine = 0;
    const last = vectorStart[other + 1] ?? 0;
    for (let at = vectorStart[other] ?? 0; at < last; at += 1) {
      cosine += (spread[vectorTerms[at] ?? 0] ?? 0) * (vectorWeights[at] ?? 0);
    }
    return cosine;
  });
  for (let at = start; at < end; at += 1) spread[vectorTerms[at] ?? 0] = 0;
  return result;
}
