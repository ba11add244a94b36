/** Scores papers against one keyword: BM25F over its words, more where they stand next to each other as typed. */
import type { Matches, PaperIndex } from './paper-index.ts';
import { ABSTRACT_PLACE, idfOf, type Postings } from './postings.ts';
import { quotedWords } from './query.ts';
import { readKeyword } from './tokenize.ts';
import { PHRASE_WEIGHT, SATURATION, TITLE_WEIGHT } from './tuning.ts';

interface Pair {
  paper: number;
  impact: number;
}

/** Answers kept per memo; at 1,500 papers each takes at most 20 kB, so this bounds a memo at about 20 MB. */
const MEMO_LIMIT = 1000;

export const NO_MATCHES: Matches = {
  papers: new Uint32Array(0),
  scores: new Float64Array(0),
  whole: new Uint8Array(0),
};

/**
 * Papers that hold at least one of the keyword's words. The score is the share of what the keyword's terms and pairs of
 * neighbours could give at most, so that a rare long keyword and a short common one are on one scale, 0 to 1. Of a
 * quoted keyword only papers that hold it word for word are found.
 */
export function matchKeyword(index: PaperIndex, keyword: string): Matches {
  const quoted = quotedWords(keyword);
  if (quoted !== null) return keepWith(matchKeyword(index, quoted), matchPhrase(index, quoted));
  const readings = readKeyword(keyword).map((terms) => matchTerms(index, terms));
  const filled = readings.filter((matches) => matches.papers.length > 0);
  return filled.length < 2 ? (filled[0] ?? NO_MATCHES) : mergeBest(index, filled);
}

/** Those of the matches that are among the others too. */
function keepWith({ papers, scores }: Matches, others: Matches): Matches {
  const kept = Array.from(papers, (_, at) => at).filter((at) => findMatch(others, papers[at] ?? 0) >= 0);
  return {
    papers: Uint32Array.from(kept, (at) => papers[at] ?? 0),
    scores: Float64Array.from(kept, (at) => scores[at] ?? 0),
    whole: new Uint8Array(kept.length).fill(1),
  };
}

/** Papers in which the keyword stands word for word, in one of its readings. */
export function matchPhrase(index: PaperIndex, keyword: string): Matches {
  const found = index.scratch.papers;
  for (const terms of readKeyword(keyword)) {
    for (const paper of papersWithRun(index.postings, terms)) found[paper] = 1;
  }
  return packMatches(found);
}

/** Answers from the memo or computes and keeps it; when full, what was not asked for longest goes. */
export function remember(memo: Map<string, Matches>, key: string, compute: () => Matches): Matches {
  const known = memo.get(key);
  if (known) memo.delete(key);
  const matches = known ?? compute();
  memo.set(key, matches);
  const [oldest] = memo.size > MEMO_LIMIT ? memo.keys() : [];
  if (oldest !== undefined) memo.delete(oldest);
  return matches;
}

/** Packs scores by ordinal into matches, those above 0, and sets the scores to 0 for the next use. */
export function packMatches(scores: Float64Array, whole?: Uint8Array): Matches {
  let size = 0;
  for (let paper = 0; paper < scores.length; paper += 1) if ((scores[paper] ?? 0) > 0) size += 1;
  const matches = {
    papers: new Uint32Array(size),
    scores: new Float64Array(size),
    whole: new Uint8Array(size).fill(1),
  };
  let at = 0;
  for (let paper = 0; paper < scores.length; paper += 1) {
    const score = scores[paper] ?? 0;
    if (score <= 0) continue;
    matches.papers[at] = paper;
    matches.scores[at] = score;
    if (whole) matches.whole[at] = whole[paper] ?? 0;
    at += 1;
  }
  scores.fill(0);
  return matches;
}

/** Where the paper stands among the matches, or -1. */
export function findMatch({ papers }: Matches, paper: number): number {
  let low = 0;
  let high = papers.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const there = papers[middle] ?? 0;
    if (there === paper) return middle;
    if (there < paper) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function matchTerms(
  { postings, papers, scratch, without }: PaperIndex,
  sequence: readonly string[],
): Matches {
  const terms = [...new Set(sequence)];
  const numbers = terms.map((term) => postings.terms.get(term));
  if (numbers.every((number) => number === undefined)) return NO_MATCHES;
  const sums = scratch.papers;
  const counts = new Uint32Array(papers.length);
  let most = 0;
  for (const number of numbers) {
    const idf = number === undefined ? postings.unseenIdf : (postings.idf[number] ?? 0);
    most += idf;
    if (number === undefined) continue;
    const end = postings.start[number + 1] ?? 0;
    for (let at = postings.start[number] ?? 0; at < end; at += 1) {
      const paper = postings.papers[at] ?? 0;
      sums[paper] = (sums[paper] ?? 0) + idf * (postings.impacts[at] ?? 0);
      counts[paper] = (counts[paper] ?? 0) + 1;
    }
  }
  for (let at = 1; at < sequence.length; at += 1) {
    const pairs = findPairs(postings, sequence[at - 1] ?? '', sequence[at] ?? '');
    const weight = (without.has('phrases') ? 0 : PHRASE_WEIGHT) * idfOf(pairs.length, papers.length);
    most += weight;
    for (const { paper, impact } of pairs) sums[paper] = (sums[paper] ?? 0) + weight * impact;
  }
  const whole = new Uint8Array(papers.length);
  for (let paper = 0; paper < sums.length; paper += 1) {
    sums[paper] = (sums[paper] ?? 0) / most;
    whole[paper] = counts[paper] === terms.length ? 1 : 0;
  }
  return packMatches(sums, whole);
}

/** Papers where `second` follows `first` at once, with an impact as a single term would have. */
function findPairs({ terms, start, papers, ...rest }: Postings, first: string, second: string): Pair[] {
  const found: Pair[] = [];
  const left = terms.get(first);
  const right = terms.get(second);
  if (left === undefined || right === undefined) return found;
  let a = start[left] ?? 0;
  let b = start[right] ?? 0;
  const aEnd = start[left + 1] ?? 0;
  const bEnd = start[right + 1] ?? 0;
  while (a < aEnd && b < bEnd) {
    const paper = papers[a] ?? 0;
    const difference = paper - (papers[b] ?? 0);
    if (difference === 0) {
      const frequency = countFollowing(rest, a, b);
      if (frequency > 0) found.push({ paper, impact: frequency / (SATURATION + frequency) });
    }
    if (difference <= 0) a += 1;
    if (difference >= 0) b += 1;
  }
  return found;
}

/** How often the second entry comes right after the first, a time in the title counting more. */
function countFollowing(
  { places, placeStart }: Pick<Postings, 'places' | 'placeStart'>,
  first: number,
  second: number,
): number {
  let frequency = 0;
  let a = placeStart[first] ?? 0;
  const aEnd = placeStart[first + 1] ?? 0;
  const bEnd = placeStart[second + 1] ?? 0;
  for (let b = placeStart[second] ?? 0; b < bEnd; b += 1) {
    const place = places[b] ?? 0;
    while (a < aEnd && (places[a] ?? 0) < place - 1) a += 1;
    if (a < aEnd && places[a] === place - 1) frequency += place < ABSTRACT_PLACE ? TITLE_WEIGHT : 1;
  }
  return frequency;
}

/** Papers in which the terms stand in a row. */
function papersWithRun(
  { terms, start, papers, places, placeStart }: Postings,
  sequence: readonly string[],
): number[] {
  const ends = sequence.map((term) => {
    const number = terms.get(term);
    const byPaper = new Map<number, Set<number>>();
    if (number === undefined) return byPaper;
    for (let at = start[number] ?? 0; at < (start[number + 1] ?? 0); at += 1) {
      byPaper.set(papers[at] ?? 0, new Set(places.subarray(placeStart[at], placeStart[at + 1])));
    }
    return byPaper;
  });
  const [first] = ends;
  return [...(first ?? [])]
    .filter(([paper, starts]) =>
      [...starts].some((place) => ends.every((byPaper, step) => byPaper.get(paper)?.has(place + step))),
    )
    .map(([paper]) => paper);
}

/** The best score of each paper over several readings of one keyword. */
function mergeBest(index: PaperIndex, readings: readonly Matches[]): Matches {
  const best = index.scratch.papers;
  const whole = new Uint8Array(index.papers.length);
  for (const matches of readings) {
    matches.papers.forEach((paper, at) => {
      best[paper] = Math.max(best[paper] ?? 0, matches.scores[at] ?? 0);
      whole[paper] = (whole[paper] ?? 0) | (matches.whole[at] ?? 0);
    });
  }
  return packMatches(best, whole);
}
