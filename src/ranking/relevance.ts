/** Joins what the parts of a profile say of each paper into one relevance, and bars what a reader must not see. */
import { matchPhrase, remember } from './match.ts';
import type { PaperIndex } from './paper-index.ts';
import type { Part } from './parts.ts';
import type { ReaderProfile } from './profile.ts';

/** By ordinal. `owners` says which part spoke most for the paper, -1 where none did. */
export interface Relevance {
  values: Float64Array;
  owners: Int32Array;
}

/**
 * The root of the sum of squares of the parts' scores: one strong match (0.8) beats three weak ones (0.3 each, 0.52),
 * which a plain sum would put first, while of two strong matches the paper that meets both still wins.
 */
export function joinParts(index: PaperIndex, parts: readonly Part[]): Relevance {
  const values = new Float64Array(index.papers.length);
  const best = new Float64Array(index.papers.length);
  const owners = new Int32Array(index.papers.length).fill(-1);
  parts.forEach(({ matches: { papers, scores } }, part) => {
    for (let at = 0; at < papers.length; at += 1) {
      const paper = papers[at] ?? 0;
      const score = scores[at] ?? 0;
      values[paper] = (values[paper] ?? 0) + score * score;
      if (score > (best[paper] ?? 0)) {
        best[paper] = score;
        owners[paper] = part;
      }
    }
  });
  for (let paper = 0; paper < values.length; paper += 1) values[paper] = Math.sqrt(values[paper] ?? 0);
  return { values, owners };
}

/** By ordinal, 1 for papers this reader must not get: excluded words, seen or judged before, too old. */
export function findBarred(
  index: PaperIndex,
  profile: ReaderProfile,
  { seen, notBefore }: { seen?: ReadonlySet<number>; notBefore?: Date },
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
  if (seen?.size || notBefore) {
    const oldest = notBefore?.getTime() ?? Number.NEGATIVE_INFINITY;
    index.papers.forEach(({ id, publishedAt }, ordinal) => {
      if (seen?.has(id) || (publishedAt !== null && publishedAt.getTime() < oldest)) barred[ordinal] = 1;
    });
  }
  return barred;
}
