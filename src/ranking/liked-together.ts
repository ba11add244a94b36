/**
 * What readers liked together: two papers stand near each other when the same readers liked both, as cosine. Counted from
 * the feedback of all readers, of whom nothing is kept but a number. It tells of papers that others have judged already;
 * of one that is new to all, only its words do.
 */
import type { PaperIndex } from './paper-index.ts';
import { MOST_READERS, MOST_TOGETHER, TOGETHER_DAMPING, TOGETHER_PRIOR, TOGETHER_WEIGHT } from './tuning.ts';

export interface LikedTogether {
  readonly readersOf: ReadonlyMap<number, readonly number[]>;
  readonly papersOf: readonly (readonly number[])[];
  /** Worked out for a paper when a reader who liked it first asks. */
  readonly memo: Map<number, Company>;
}

/** Papers by ordinal, closest first, with how close they are: 0 to 1. */
export interface Company {
  papers: Uint32Array;
  weights: Float64Array;
}

/** Indexes the lists of liked papers (ids), one a reader. Papers that are not among `ordinals` are passed over. */
export function indexLikes(
  ordinals: ReadonlyMap<number, number>,
  likes: readonly (readonly number[])[],
): LikedTogether {
  const papersOf = likes.map((ids) => [...new Set(ids)].flatMap((id) => ordinals.get(id) ?? []));
  const readersOf = new Map<number, number[]>();
  papersOf.forEach((papers, reader) => {
    for (const paper of papers) {
      const readers = readersOf.get(paper);
      if (!readers) readersOf.set(paper, [reader]);
      // More would make nothing clearer.
      else if (readers.length < MOST_READERS) readers.push(reader);
    }
  });
  return { readersOf, papersOf, memo: new Map() };
}

/** By ordinal, how close each paper stands to these on average, as weight beside that of words; undefined where nobody's likes are known. */
export function scoreTogether(
  { papers, likedTogether }: PaperIndex,
  liked: readonly number[],
): Float64Array | undefined {
  if (!likedTogether) return undefined;
  const scores = new Float64Array(papers.length);
  const share = TOGETHER_WEIGHT / liked.length;
  for (const paper of liked) {
    const company = findTogether(likedTogether, paper);
    for (let at = 0; at < company.papers.length; at += 1) {
      const other = company.papers[at] ?? 0;
      scores[other] = (scores[other] ?? 0) + share * (company.weights[at] ?? 0);
    }
  }
  return scores;
}

/** The papers most liked together with this one. */
export function findTogether({ readersOf, papersOf, memo }: LikedTogether, paper: number): Company {
  const known = memo.get(paper);
  if (known) return known;
  const common = new Map<number, number>();
  const readers = readersOf.get(paper) ?? [];
  for (const reader of readers) {
    for (const other of papersOf[reader] ?? []) {
      if (other !== paper) common.set(other, (common.get(other) ?? 0) + 1);
    }
  }
  const closest = Array.from(common, ([other, count]) => {
    const theirs = readersOf.get(other)?.length ?? 0;
    return {
      other,
      weight:
        count / (Math.sqrt(readers.length + TOGETHER_PRIOR) * (theirs + TOGETHER_PRIOR) ** TOGETHER_DAMPING),
    };
  })
    .sort((a, b) => b.weight - a.weight || a.other - b.other)
    .slice(0, MOST_TOGETHER);
  const company = {
    papers: Uint32Array.from(closest, ({ other }) => other),
    weights: Float64Array.from(closest, ({ weight }) => weight),
  };
  memo.set(paper, company);
  return company;
}
