/** Joins what the parts of a profile say of each paper into one relevance, and bars what a reader must not see. */
import { matchPhrase, remember } from './match.ts';
import type { PaperIndex } from './paper-index.ts';
import type { Part } from './parts.ts';
import type { ReaderProfile } from './profile.ts';

/** By ordinal. */
export interface Relevance {
  /** The sum of what the parts say. */
  values: Float64Array;
  /** What the part that spoke most for the paper says, and which it is; -1 where none did. */
  best: Float64Array;
  owners: Int32Array;
}

/** Adds up the parts: a paper that meets two of a reader's interests is worth more than one that meets either. */
export function joinParts(index: PaperIndex, parts: readonly Part[]): Relevance {
  const values = new Float64Array(index.papers.length);
  const best = new Float64Array(index.papers.length);
  const owners = new Int32Array(index.papers.length).fill(-1);
  parts.forEach(({ matches: { papers, scores } }, part) => {
    for (let at = 0; at < papers.length; at += 1) {
      const paper = papers[at] ?? 0;
      const score = scores[at] ?? 0;
      values[paper] = (values[paper] ?? 0) + score;
      if (score > (best[paper] ?? 0)) {
        best[paper] = score;
        owners[paper] = part;
      }
    }
  });
  return { values, best, owners };
}

/** By ordinal, 1 for papers this reader must not get: excluded words, seen or judged before, too old. */
export function findBarred(
  index: PaperIndex,
  profile: ReaderProfile,
  { seen, notBefore, notAfter }: { seen?: ReadonlySet<number>; notBefore?: Date; notAfter?: Date },
): Uint8Array {
  const barred = new Uint8Array(index.papers.length);

  for (const excluded of profile.excluded) {
    const { papers } = remember(index.memo.phrases, excluded, () => matchPhrase(index, excluded));
    for (const paper of papers) barred[paper] = 1;
  }
  for (const id of [...profile.likedPaperIds, ...profile.dislikedPaperIds]) {
    const ordinal = index.ordinals.get(id);
    if (ordinal !== undefined) barred[ordinal] = 1;
  }
  if (seen?.size || notBefore || notAfter) {
    const oldest = notBefore?.getTime() ?? Number.NEGATIVE_INFINITY;
    const newest = notAfter?.getTime() ?? Number.POSITIVE_INFINITY;
    index.papers.forEach(({ id, publishedAt }, ordinal) => {
      const published = publishedAt?.getTime() ?? oldest;
      if (seen?.has(id) || published < oldest || published > newest) barred[ordinal] = 1;
    });
  }
  return barred;
}
