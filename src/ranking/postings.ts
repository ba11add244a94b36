/**
 * The inverted index in flat arrays: for each term the papers that hold it, with its weight (BM25F) and its places,
 * and the same numbers by paper as vectors of unit length.
 */
import { splitWords, toTerm } from './tokenize.ts';
import { ABSTRACT_LENGTH, SATURATION, TITLE_LENGTH, TITLE_WEIGHT } from './tuning.ts';

/** Entries `start[t]` to `start[t + 1]` of `papers`, `impacts` and `weights` belong to term `t`, papers ascending. */
export interface Postings {
  readonly terms: ReadonlyMap<string, number>;
  /** By term, above 0; `unseenIdf` is what a term in no paper would get. */
  readonly idf: Float64Array;
  readonly unseenIdf: number;
  readonly start: Uint32Array;
  readonly papers: Uint32Array;
  /** How much the paper is about the term, 0 to 1. */
  readonly impacts: Float32Array;
  /** Impact times idf, scaled so that each paper's vector has length 1. */
  readonly weights: Float32Array;
  /** Entry `p` has its places at `placeStart[p]` to `placeStart[p + 1]` of `places`, ascending. */
  readonly placeStart: Uint32Array;
  /** Places in the title count from 0, those in the abstract from `ABSTRACT_PLACE`. */
  readonly places: Uint32Array;
  readonly vectorStart: Uint32Array;
  readonly vectorTerms: Uint32Array;
  readonly vectorWeights: Float32Array;
}

/** Far above any title's length, so that a title's last word and an abstract's first are no neighbours. */
export const ABSTRACT_PLACE = 100_000;

interface TermEntries {
  papers: number[];
  places: number[][];
}

/** Builds the index of papers given in ordinal order. */
export function buildPostings(papers: readonly { title: string; abstract: string }[]): Postings {
  const numbers = new Map<string, number>();
  const entries: TermEntries[] = [];
  const known = new Map<string, number | null>();
  const titleLengths: number[] = [];
  const abstractLengths: number[] = [];

  const numberOf = (word: string): number | null => {
    const seen = known.get(word);
    if (seen !== undefined) return seen;
    const term = toTerm(word);
    let number: number | null = null;
    if (term !== null) {
      number = numbers.get(term) ?? entries.length;
      if (number === entries.length) {
        numbers.set(term, number);
        entries.push({ papers: [], places: [] });
      }
    }
    known.set(word, number);
    return number;
  };

  const readField = (text: string, paper: number, firstPlace: number): number => {
    let place = firstPlace;
    for (const word of splitWords(text)) {
      const number = numberOf(word.text);
      const entry = number === null ? undefined : entries[number];
      if (!entry) continue;
      if (entry.papers.at(-1) === paper) entry.places.at(-1)?.push(place);
      else {
        entry.papers.push(paper);
        entry.places.push([place]);
      }
      if (!word.alias) place += 1;
    }
    return place - firstPlace;
  };

  papers.forEach((paper, ordinal) => {
    titleLengths.push(readField(paper.title, ordinal, 0));
    abstractLengths.push(readField(paper.abstract, ordinal, ABSTRACT_PLACE));
  });
  const titleScales = lengthScales(titleLengths, TITLE_LENGTH);
  const abstractScales = lengthScales(abstractLengths, ABSTRACT_LENGTH);
  return flatten(numbers, entries, papers.length, (paper, places) => {
    const inTitle = places.filter((place) => place < ABSTRACT_PLACE).length;
    const frequency =
      (TITLE_WEIGHT * inTitle) / (titleScales[paper] ?? 1) +
      (places.length - inTitle) / (abstractScales[paper] ?? 1);
    return frequency / (SATURATION + frequency);
  });
}

/** Inverse document frequency as Lucene has it: always above 0, so that a word in every paper still counts a little. */
export function idfOf(papersWithTerm: number, paperCount: number): number {
  return Math.log(1 + (paperCount - papersWithTerm + 0.5) / (papersWithTerm + 0.5));
}

/** Length against the mean of the papers that have this field at all, softened by `strength`. */
function lengthScales(lengths: readonly number[], strength: number): number[] {
  const filled = lengths.filter((length) => length > 0);
  const mean = filled.reduce((sum, length) => sum + length, 0) / Math.max(1, filled.length);
  return lengths.map((length) => (length > 0 ? 1 - strength + (strength * length) / mean : 1));
}

function flatten(
  terms: ReadonlyMap<string, number>,
  entries: readonly TermEntries[],
  paperCount: number,
  impactOf: (paper: number, places: readonly number[]) => number,
): Postings {
  const idf = Float64Array.from(entries, (entry) => idfOf(entry.papers.length, paperCount));
  const start = offsets(entries.map((entry) => entry.papers.length));
  const papers = Uint32Array.from(entries.flatMap((entry) => entry.papers));
  const placeLists = entries.flatMap((entry) => entry.places);
  const impacts = Float32Array.from(placeLists, (places, at) => impactOf(papers[at] ?? 0, places));

  const norms = new Float64Array(paperCount);
  const sizes = new Array<number>(paperCount).fill(0);
  const eachEntry = (visit: (term: number, at: number, paper: number, value: number) => void) => {
    for (let term = 0; term < entries.length; term += 1) {
      const value = idf[term] ?? 0;
      for (let at = start[term] ?? 0; at < (start[term + 1] ?? 0); at += 1) {
        visit(term, at, papers[at] ?? 0, value * (impacts[at] ?? 0));
      }
    }
  };
  eachEntry((_term, _at, paper, value) => {
    norms[paper] = (norms[paper] ?? 0) + value * value;
    sizes[paper] = (sizes[paper] ?? 0) + 1;
  });
  const weights = new Float32Array(papers.length);
  const vectorStart = offsets(sizes);
  const next = vectorStart.slice();
  const vectorTerms = new Uint32Array(papers.length);
  const vectorWeights = new Float32Array(papers.length);
  eachEntry((term, at, paper, value) => {
    const weight = value / Math.sqrt(norms[paper] ?? 1);
    weights[at] = weight;
    const slot = next[paper] ?? 0;
    next[paper] = slot + 1;
    vectorTerms[slot] = term;
    vectorWeights[slot] = weight;
  });

  return {
    terms,
    idf,
    unseenIdf: idfOf(0, paperCount),
    start,
    papers,
    impacts,
    weights,
    placeStart: offsets(placeLists.map((places) => places.length)),
    places: Uint32Array.from(placeLists.flat()),
    vectorStart,
    vectorTerms,
    vectorWeights,
  };
}

/** Running totals with a leading 0: `[2, 3]` gives `[0, 2, 5]`. */
function offsets(sizes: readonly number[]): Uint32Array {
  const totals = new Uint32Array(sizes.length + 1);
  sizes.forEach((size, at) => {
    totals[at + 1] = (totals[at] ?? 0) + size;
  });
  return totals;
}
