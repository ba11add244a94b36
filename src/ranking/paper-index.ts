/**
 * The papers of one edition, indexed once and then asked by every reader: where each term stands, what it is worth
 * among these papers, and who wrote what.
 */
import { type Filings, indexCategories } from './affinity.ts';
import { type AuthorDirectory, indexAuthors } from './authors.ts';
import type { Ingredient } from './ingredients.ts';
import { indexLikes, type LikedTogether } from './liked-together.ts';
import type { Signature } from './likeness.ts';
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

/** Papers found by one part of a profile, by ordinal ascending, with a relevance each: 1 is a plain match. */
export interface Matches {
  readonly papers: Uint32Array;
  readonly scores: Float64Array;
  /** 1 where everything that was asked for is there, 0 where only some of its words are. */
  readonly whole: Uint8Array;
  /** Mean score of the best papers, where it was worked out: how well these papers meet what was asked for. */
  readonly level?: number;
  /** The words by which papers were found that lack some of those asked for. */
  readonly signature?: Signature;
}

export interface IndexOptions {
  /** Lists of papers (ids) that readers liked, one a reader. */
  likes?: readonly (readonly number[])[];
  /** For measuring: what the method shall do without. */
  without?: ReadonlySet<Ingredient>;
}

/** Papers are named by ordinal, their place in `papers`, which is ordered by id: the order of input plays no part. */
export interface PaperIndex {
  readonly papers: readonly RankablePaper[];
  readonly ordinals: ReadonlyMap<number, number>;
  readonly postings: Postings;
  readonly authors: AuthorDirectory;
  readonly filings: Filings;
  readonly likedTogether: LikedTogether | null;
  readonly without: ReadonlySet<Ingredient>;
  /** By term, its mean in the vectors of all papers. */
  readonly background: Float64Array;
  /** Answers kept from one reader for the next; they never change a result, only its price. */
  readonly memo: Record<'topics' | 'keywords' | 'phrases', Map<string, Matches>>;
  /** Of papers that were explained before: by term number, the word as the paper spells it. */
  readonly spellings: Map<number, ReadonlyMap<number, string>>;
  /** Votes an hour of an ordinary paper among these. */
  readonly typicalRate: number;
  /** By ordinal, the pull at the time `at` (milliseconds). */
  readonly pulls: { at: number; values: Float64Array };
  /** Working space, all zero between uses: one number per paper, one per term, and two per term. */
  readonly scratch: { papers: Float64Array; terms: Float64Array; termPairs: Float64Array };
}

/** Indexes the papers; of several with one id the first by title is kept. About 0.2 ms a paper. */
export function buildPaperIndex(
  papers: readonly RankablePaper[],
  { likes = [], without = new Set() }: IndexOptions = {},
): PaperIndex {
  const ordered = [...papers].sort(
    (a, b) => a.id - b.id || (a.title < b.title ? -1 : a.title > b.title ? 1 : 0),
  );
  const distinct = ordered.filter((paper, at) => paper.id !== ordered[at - 1]?.id);
  const postings = buildPostings(distinct);
  const core = {
    papers: distinct,
    ordinals: new Map(distinct.map((paper, ordinal) => [paper.id, ordinal])),
    postings,
    scratch: {
      papers: new Float64Array(distinct.length),
      terms: new Float64Array(postings.idf.length),
      termPairs: new Float64Array(2 * postings.idf.length),
    },
  };
  return {
    ...core,
    authors: indexAuthors(distinct.map((paper) => paper.authors)),
    filings: indexCategories(distinct.map((paper) => paper.categories)),
    likedTogether:
      likes.length > 0 && !without.has('liked-together') ? indexLikes(core.ordinals, likes) : null,
    without,
    background: findBackground(postings, distinct.length),
    memo: { topics: new Map(), keywords: new Map(), phrases: new Map() },
    spellings: new Map(),
    typicalRate: typicalRate(distinct),
    pulls: { at: Number.NaN, values: new Float64Array(distinct.length) },
  };
}

function findBackground({ idf, vectorTerms, vectorWeights }: Postings, paperCount: number): Float64Array {
  const means = new Float64Array(idf.length);
  for (let at = 0; at < vectorTerms.length; at += 1) {
    const term = vectorTerms[at] ?? 0;
    means[term] = (means[term] ?? 0) + (vectorWeights[at] ?? 0) / paperCount;
  }
  return means;
}
