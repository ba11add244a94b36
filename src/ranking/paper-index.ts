/**
 * The papers of one edition, indexed once and then asked by every reader: where each term stands, what it is worth
 * among these papers, and who wrote what.
 */
import { type AuthorDirectory, indexAuthors } from './authors.ts';
import { buildPostings, type Postings } from './postings.ts';
import { type PaperTrend, typicalRate } from './trending.ts';

/** What the ranking needs of a paper. Ids are positive integers that grow with time of arrival. */
export interface RankablePaper {
  id: number;
  title: string;
  abstract: string;
  authors: string[];
  /** As arXiv spells them, primary first; empty where unknown. */
  categories: string[];
  publishedAt: Date | null;
  trend: PaperTrend | null;
}

/** Papers found by one part of a profile, by ordinal ascending, with a relevance of about 0 to 1 each. */
export interface Matches {
  readonly papers: Uint32Array;
  readonly scores: Float64Array;
  /** 1 where everything that was asked for is there, 0 where only some of its words are. */
  readonly whole: Uint8Array;
}

/** Papers are named by ordinal, their place in `papers`, which is ordered by id: the order of input plays no part. */
export interface PaperIndex {
  readonly papers: readonly RankablePaper[];
  readonly ordinals: ReadonlyMap<number, number>;
  readonly postings: Postings;
  readonly authors: AuthorDirectory;
  /** Answers kept from one reader for the next; they never change a result, only its price. */
  readonly memo: Record<'topics' | 'keywords' | 'phrases', Map<string, Matches>>;
  /** Votes an hour of an ordinary paper among these. */
  readonly typicalRate: number;
  /** By ordinal, the pull at the time `at` (milliseconds). */
  readonly pulls: { at: number; values: Float64Array };
  /** Working space, all zero between uses: one number per paper, one per term. */
  readonly scratch: { papers: Float64Array; terms: Float64Array };
}

/** Indexes the papers; of several with one id the first by title is kept. About 0.2 ms a paper. */
export function buildPaperIndex(papers: readonly RankablePaper[]): PaperIndex {
  const ordered = [...papers].sort(
    (a, b) => a.id - b.id || (a.title < b.title ? -1 : a.title > b.title ? 1 : 0),
  );
  const distinct = ordered.filter((paper, at) => paper.id !== ordered[at - 1]?.id);
  const postings = buildPostings(distinct);
  return {
    papers: distinct,
    ordinals: new Map(distinct.map((paper, ordinal) => [paper.id, ordinal])),
    postings,
    authors: indexAuthors(distinct.map((paper) => paper.authors)),
    memo: { topics: new Map(), keywords: new Map(), phrases: new Map() },
    typicalRate: typicalRate(distinct),
    pulls: { at: Number.NaN, values: new Float64Array(distinct.length) },
    scratch: {
      papers: new Float64Array(distinct.length),
      terms: new Float64Array(postings.idf.length),
    },
  };
}
