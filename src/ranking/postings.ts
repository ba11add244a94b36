/**
 * The inverted index in flat arrays: for each term the papers that hold it, with its weight (BM25F) and its places,
 * and the same by paper as vectors of unit length.
 */
import { splitWords, toTerm } from './tokenize.ts';
import { ABSTRACT_LENGTH, SATURATION, TITLE_LENGTH, TITLE_WEIGHT, UNSAID } from './tuning.ts';

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
  /** What the paper's vector says of the term, times what it says at all (`said`). */
  readonly weights: Float32Array;
  /** Entry `p` has its places at `placeStart[p]` to `placeStart[p + 1]` of `places`, ascending. */
  readonly placeStart: Uint32Array;
  /** Places in the title count from 0, those in the abstract from `ABSTRACT_PLACE`. */
  readonly places: Uint32Array;
  /** By paper, its terms and impact times idf, scaled so that each vector has length 1: what makes cosines. */
  readonly vectorStart: Uint32Array;
  readonly vectorTerms: Uint32Array;
  readonly vectorWeights: Float32Array;
  /** By paper, what its words are of all it is about: 0 to 1, less for a short title. */
  readonly said: Float32Array;
}

/** Far above any title's length, so that a title's last word and an abstract's first are no neighbours. */
export const ABSTRACT_PLACE = 100_000;

/** The words of all papers one after the other, as numbers: arrays of arrays would cost several times as much to build. */
interface Tokens {
  terms: Map<string, number>;
  /** By token, its term and its place in its paper. */
  termOf: Uint32Array;
  places: Uint32Array;
  /** Tokens `start[p]` to `start[p + 1]` belong to paper `p`, and stand in the order of their places. */
  start: Uint32Array;
  titleLengths: number[];
  abstractLengths: number[];
}

/** Builds the index of papers given in ordinal order. */
export function buildPostings(papers: readonly { title: string; abstract: string }[]): Postings {
  const tokens = readTokens(papers);
  const titleScales = lengthScales(tokens.titleLengths, TITLE_LENGTH);
  const abstractScales = lengthScales(tokens.abstractLengths, ABSTRACT_LENGTH);
  const { start, papers: holders, placeStart, places } = invert(tokens);
  const impacts = new Float32Array(holders.length);
  for (let at = 0; at < holders.length; at += 1) {
    const paper = holders[at] ?? 0;
    const first = placeStart[at] ?? 0;
    const end = placeStart[at + 1] ?? 0;
    let inAbstract = first;
    while (inAbstract < end && (places[inAbstract] ?? 0) < ABSTRACT_PLACE) inAbstract += 1;
    const frequency =
      (TITLE_WEIGHT * (inAbstract - first)) / (titleScales[paper] ?? 1) +
      (end - inAbstract) / (abstractScales[paper] ?? 1);
    impacts[at] = frequency / (SATURATION + frequency);
  }
  const idf = new Float64Array(tokens.terms.size);
  for (let term = 0; term < idf.length; term += 1) {
    idf[term] = idfOf((start[term + 1] ?? 0) - (start[term] ?? 0), papers.length);
  }
  return {
    terms: tokens.terms,
    idf,
    unseenIdf: idfOf(0, papers.length),
    start,
    papers: holders,
    impacts,
    placeStart,
    places,
    ...weigh({ idf, start, papers: holders, impacts }, papers.length),
  };
}

function readTokens(papers: readonly { title: string; abstract: string }[]): Tokens {
  const terms = new Map<string, number>();
  const known = new Map<string, number>();
  const termOf = growingList();
  const places = growingList();
  const start = new Uint32Array(papers.length + 1);

  const numberOf = (word: string): number => {
    const seen = known.get(word);
    if (seen !== undefined) return seen;
    const term = toTerm(word);
    const number = term === null ? NO_TERM : (terms.get(term) ?? terms.size);
    if (term !== null) terms.set(term, number);
    known.set(word, number);
    return number;
  };
  const readField = (text: string, firstPlace: number): number => {
    let place = firstPlace;
    for (const { text: word, alias } of splitWords(text)) {
      const number = numberOf(word);
      if (number === NO_TERM) continue;
      termOf.push(number);
      places.push(place);
      if (!alias) place += 1;
    }
    return place - firstPlace;
  };

  const titleLengths: number[] = [];
  const abstractLengths: number[] = [];
  papers.forEach(({ title, abstract }, ordinal) => {
    titleLengths.push(readField(title, 0));
    abstractLengths.push(readField(abstract, ABSTRACT_PLACE));
    start[ordinal + 1] = termOf.size();
  });
  return { terms, termOf: termOf.values(), places: places.values(), start, titleLengths, abstractLengths };
}

/** Of words too common to mean anything. */
const NO_TERM = -1;

function growingList() {
  let list = new Uint32Array(1 << 16);
  let size = 0;
  return {
    push(value: number): void {
      if (size === list.length) {
        const longer = new Uint32Array(2 * size);
        longer.set(list);
        list = longer;
      }
      list[size] = value;
      size += 1;
    },
    size: () => size,
    values: () => list.slice(0, size),
  };
}

/** From the tokens of each paper to the papers of each term: sorted by counting, so papers and places stay in order. */
function invert({
  terms,
  termOf,
  places,
  start,
}: Tokens): Pick<Postings, 'start' | 'papers' | 'placeStart' | 'places'> {
  const counts = new Uint32Array(terms.size);
  for (const term of termOf) counts[term] = (counts[term] ?? 0) + 1;
  const next = offsets(counts);
  const sorted = new Uint32Array(termOf.length);
  const holders = new Uint32Array(termOf.length);
  for (let paper = 0; paper + 1 < start.length; paper += 1) {
    for (let token = start[paper] ?? 0; token < (start[paper + 1] ?? 0); token += 1) {
      const term = termOf[token] ?? 0;
      const slot = next[term] ?? 0;
      next[term] = slot + 1;
      sorted[slot] = places[token] ?? 0;
      holders[slot] = paper;
    }
  }
  // After that, `next` says where each term ends. Tokens of one paper become one entry, in place.
  const placeStart = new Uint32Array(termOf.length + 1);
  const termStart = new Uint32Array(terms.size + 1);
  let entries = 0;
  let slot = 0;
  for (let term = 0; term < terms.size; term += 1) {
    for (; slot < (next[term] ?? 0); slot += 1) {
      const paper = holders[slot] ?? 0;
      if (entries > (termStart[term] ?? 0) && holders[entries - 1] === paper) continue;
      holders[entries] = paper;
      placeStart[entries] = slot;
      entries += 1;
    }
    termStart[term + 1] = entries;
  }
  placeStart[entries] = slot;
  return {
    start: termStart,
    papers: holders.slice(0, entries),
    placeStart: placeStart.slice(0, entries + 1),
    places: sorted,
  };
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

/**
 * What is said, by a vector of this length, of all a paper is about: at a right angle to it stands what is not said, which
 * nobody else's words meet. By its own length alone a title of two words would be wholly about these, before any paper
 * that says more.
 */
export function shareSaid(length: number, unseenIdf: number): number {
  return length / Math.hypot(length, UNSAID * unseenIdf);
}

/** Each entry's weight, and the vectors, a paper's terms ascending. */
function weigh(
  { idf, start, papers, impacts }: Pick<Postings, 'idf' | 'start' | 'papers' | 'impacts'>,
  paperCount: number,
): Pick<Postings, 'weights' | 'vectorStart' | 'vectorTerms' | 'vectorWeights' | 'said'> {
  const norms = new Float64Array(paperCount);
  const sizes = new Uint32Array(paperCount);
  for (let term = 0; term < idf.length; term += 1) {
    for (let at = start[term] ?? 0; at < (start[term + 1] ?? 0); at += 1) {
      const paper = papers[at] ?? 0;
      norms[paper] = (norms[paper] ?? 0) + ((idf[term] ?? 0) * (impacts[at] ?? 0)) ** 2;
      sizes[paper] = (sizes[paper] ?? 0) + 1;
    }
  }
  const lengths = norms.map(Math.sqrt);
  const unseenIdf = idfOf(0, paperCount);
  const said = Float32Array.from(lengths, (length) => shareSaid(length, unseenIdf));
  const weights = new Float32Array(papers.length);
  const vectorStart = offsets(sizes);
  const next = vectorStart.slice();
  const vectorTerms = new Uint32Array(papers.length);
  const vectorWeights = new Float32Array(papers.length);
  for (let term = 0; term < idf.length; term += 1) {
    for (let at = start[term] ?? 0; at < (start[term + 1] ?? 0); at += 1) {
      const paper = papers[at] ?? 0;
      const weight = ((idf[term] ?? 0) * (impacts[at] ?? 0)) / (lengths[paper] ?? 1);
      weights[at] = weight * (said[paper] ?? 1);
      const slot = next[paper] ?? 0;
      next[paper] = slot + 1;
      vectorTerms[slot] = term;
      vectorWeights[slot] = weight;
    }
  }
  return { weights, vectorStart, vectorTerms, vectorWeights, said };
}

/** Running totals with a leading 0: `[2, 3]` gives `[0, 2, 5]`. */
function offsets(sizes: Uint32Array): Uint32Array {
  const totals = new Uint32Array(sizes.length + 1);
  sizes.forEach((size, at) => {
    totals[at + 1] = (totals[at] ?? 0) + size;
  });
  return totals;
}
