/**
 * What others would do with the same papers and readers, written without any of the ranking's own code: votes, BM25,
 * tf-idf cosine, and a linear classifier per reader as arxiv-sanity-lite has it.
 */
import { type Matrix, trainSvm } from './ranking-svm.ts';

export interface BaselinePaper {
  title: string;
  abstract: string;
  upvotes: number | null;
}

/** Papers are named by their place in the list given at the start. */
export interface BaselineReader {
  keywords: readonly string[];
  liked: readonly number[];
  /** Those to be ranked; the others' scores are never looked at. */
  candidates: readonly number[];
}

/** One score per paper of the list, higher is better. */
export type Baseline = (reader: BaselineReader) => Float64Array;

/** The usual list of words too common to mean anything, shortened to those that abstracts have. */
const STOP_WORDS = new Set(
  (
    'a about above after again all also although always am among an and another any are as at be became because been ' +
    'before being below between both but by can cannot could do does done down due during each either enough even ever ' +
    'every few first for from further get give had has have he hence her here him his how however i if in indeed into ' +
    'is it its itself last least less made many may me might more moreover most much must my nor not now of off often ' +
    'on once one only onto or other others our out over own per perhaps please put rather re same see several she ' +
    'should show since so some still such than that the their them then there therefore these they this those through ' +
    'thus to together too toward towards two under until up upon us very via was we well were what when where whether ' +
    'which while who whole whose why will with within without would yet you your'
  ).split(' '),
);

export function votesBaseline(papers: readonly BaselinePaper[]): Baseline {
  const votes = Float64Array.from(papers, ({ upvotes }) => upvotes ?? 0);
  return () => votes;
}

/** BM25 with its usual numbers over title and abstract; all keywords of a reader are one bag of words. */
export function bm25Baseline(papers: readonly BaselinePaper[], k1 = 1.2, b = 0.75): Baseline {
  const texts = papers.map(({ title, abstract }) => wordsOf(`${title} ${abstract}`));
  const meanLength = texts.reduce((sum, words) => sum + words.length, 0) / Math.max(1, texts.length);
  const postings = new Map<string, [paper: number, count: number][]>();
  texts.forEach((words, paper) => {
    for (const [word, count] of countEach(words)) {
      const entries = postings.get(word);
      if (entries) entries.push([paper, count]);
      else postings.set(word, [[paper, count]]);
    }
  });
  return ({ keywords }) => {
    const scores = new Float64Array(papers.length);
    for (const [word, times] of countEach(wordsOf(keywords.join(' ')))) {
      const entries = postings.get(word) ?? [];
      const idf = Math.log(1 + (papers.length - entries.length + 0.5) / (entries.length + 0.5));
      for (const [paper, count] of entries) {
        const length = (texts[paper]?.length ?? 0) / meanLength;
        scores[paper] =
          (scores[paper] ?? 0) + (times * idf * count * (k1 + 1)) / (count + k1 * (1 - b + b * length));
      }
    }
    return scores;
  };
}

/** Cosine with the keywords' vector plus the mean of the liked papers' vectors, each of the two of unit length. */
export function tfidfBaseline(papers: readonly BaselinePaper[]): Baseline {
  const { matrix, vectorOf } = vectorize(papers, {
    bigrams: false,
    minPapers: 1,
    maxTerms: Number.POSITIVE_INFINITY,
  });
  return ({ keywords, liked, candidates }) => {
    const wish = vectorOf(keywords.join(' '));
    const mean = new Float64Array(wish.length);
    for (const paper of liked) eachEntry(matrix, paper, (term, weight) => add(mean, term, weight));
    const length = Math.sqrt(mean.reduce((sum, value) => sum + value * value, 0)) || 1;
    mean.forEach((value, term) => {
      if (value > 0) add(wish, term, value / length);
    });
    return multiply(matrix, wish, candidates);
  };
}

/**
 * A linear support vector machine per reader over tf-idf of words and word pairs: liked papers against the candidates,
 * both sides weighing the same. (Against the papers of all weeks it does a little worse and costs ten times as much.)
 */
export function svmBaseline(papers: readonly BaselinePaper[], cost = 0.1): Baseline {
  const { matrix } = vectorize(papers, { bigrams: true, minPapers: 5, maxTerms: 20_000 });
  return ({ liked, candidates }) => {
    const examples = [...liked, ...candidates];
    const costOf = (side: number) => (cost * examples.length) / (2 * Math.max(1, side));
    const positive = costOf(liked.length);
    const negative = costOf(candidates.length);
    const weights = trainSvm(
      matrix,
      examples.map((row, at) => ({
        row,
        label: at < liked.length ? 1 : -1,
        cost: at < liked.length ? positive : negative,
      })),
    );
    return multiply(matrix, weights, candidates);
  };
}

/** Tf-idf (1 + log of the count, smoothed idf) with rows of unit length. */
function vectorize(
  papers: readonly BaselinePaper[],
  options: { bigrams: boolean; minPapers: number; maxTerms: number },
): { matrix: Matrix; vectorOf(text: string): Float64Array } {
  const tokens = (text: string) => {
    const words = wordsOf(text).filter((word) => word.length > 1 && !STOP_WORDS.has(word));
    return options.bigrams ? [...words, ...words.slice(1).map((word, at) => `${words[at]} ${word}`)] : words;
  };
  const rows = papers.map(({ title, abstract }) => countEach(tokens(`${title} ${abstract}`)));
  const frequency = new Map<string, number>();
  for (const row of rows) for (const term of row.keys()) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  const kept = [...frequency]
    .filter(([, count]) => count >= options.minPapers)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, options.maxTerms);
  const numbers = new Map(kept.map(([term], number) => [term, number]));
  const idf = Float64Array.from(kept, ([, count]) => Math.log((1 + papers.length) / (1 + count)) + 1);

  const weigh = (counts: ReadonlyMap<string, number>): [term: number, weight: number][] => {
    const weighed = [...counts].flatMap(([term, count]): [number, number][] => {
      const number = numbers.get(term);
      return number === undefined ? [] : [[number, (1 + Math.log(count)) * (idf[number] ?? 0)]];
    });
    const length = Math.hypot(...weighed.map(([, weight]) => weight)) || 1;
    return weighed.map(([term, weight]) => [term, weight / length]);
  };
  const weighedRows = rows.map(weigh);
  const rowStart = new Uint32Array(papers.length + 1);
  weighedRows.forEach((row, at) => {
    rowStart[at + 1] = (rowStart[at] ?? 0) + row.length;
  });
  const entries = weighedRows.flat();
  return {
    matrix: {
      rowStart,
      terms: Uint32Array.from(entries, ([term]) => term),
      weights: Float64Array.from(entries, ([, weight]) => weight),
      termCount: kept.length,
    },
    vectorOf(text) {
      const vector = new Float64Array(kept.length);
      for (const [term, weight] of weigh(countEach(tokens(text)))) vector[term] = weight;
      return vector;
    },
  };
}

function multiply(
  { rowStart, terms, weights }: Matrix,
  vector: Float64Array,
  rows: readonly number[],
): Float64Array {
  const products = new Float64Array(rowStart.length - 1);
  for (const row of rows) {
    let sum = 0;
    for (let at = rowStart[row] ?? 0; at < (rowStart[row + 1] ?? 0); at += 1) {
      sum += (weights[at] ?? 0) * (vector[terms[at] ?? 0] ?? 0);
    }
    products[row] = sum;
  }
  return products;
}

function eachEntry(
  { rowStart, terms, weights }: Matrix,
  row: number,
  visit: (term: number, weight: number) => void,
): void {
  for (let at = rowStart[row] ?? 0; at < (rowStart[row + 1] ?? 0); at += 1)
    visit(terms[at] ?? 0, weights[at] ?? 0);
}

function add(vector: Float64Array, at: number, value: number): void {
  vector[at] = (vector[at] ?? 0) + value;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
}

function countEach(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
