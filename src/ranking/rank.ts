/** Ranks an edition's papers for one reader: relevance times pull, above the floor, varied, each with its reasons. */
import { type Candidate, pickVaried, SPARE } from './diversify.ts';
import type { Reason } from './explain.ts';
import type { PaperIndex } from './paper-index.ts';
import { findParts, type Part } from './parts.ts';
import type { ReaderProfile } from './profile.ts';
import { describeTrend, getPulls } from './pull.ts';
import { readQuery } from './query.ts';
import { findReasons } from './reasons.ts';
import { findBarred, joinParts } from './relevance.ts';
import { findAversion } from './taste.ts';
import { nthLargest } from './top.ts';
import { DEFAULT_FLOOR, DUPLICATE_SIMILARITY } from './tuning.ts';
import { compareWith } from './vectors.ts';

export interface RankOptions {
  /** The time trends are judged at. */
  now: Date;
  /** How many papers at most. */
  k: number;
  /** Relevance below which a paper is not returned, on a scale where 1 is all of a keyword, in full. Default 0.25. */
  floor?: number;
  /** Whether to hold back near-duplicates and share the slots among what the reader asked for. Default true. */
  variety?: boolean;
  /** Ids of papers never to return, as those of earlier digests. */
  seen?: ReadonlySet<number>;
  /** Whether to fill up to `k` with the papers that trend most, whatever the reader's interests. Default false. */
  fillWithTrending?: boolean;
  /** Papers published before are not returned; the index may hold them for what liked papers tell. */
  notBefore?: Date;
  /** Papers published later are not returned either. */
  notAfter?: Date;
}

export interface RankedPaper {
  paperId: number;
  /** Relevance times pull, above 0; 0 for papers filled in by trend alone, which come last. */
  score: number;
  /** One to three, the weightiest first. */
  reasons: Reason[];
}

/**
 * The best papers for a reader, best first; of equals the newer (larger id) first. May be empty. Papers the reader
 * liked or disliked, and those with an excluded word, are never returned. The order of papers and of the lists in the
 * profile plays no part in the scores. Any profile is accepted, empty lists and odd words included.
 */
export function rankPapers(index: PaperIndex, wishes: ReaderProfile, options: RankOptions): RankedPaper[] {
  const profile = readQuery(wishes);
  const { now, floor = DEFAULT_FLOOR, variety = true, fillWithTrending = false } = options;
  const k = Math.max(0, Math.floor(options.k));
  const parts = findParts(index, profile);
  const barred = findBarred(index, profile, options);
  const aversion = findAversion(index, profile.dislikedPaperIds);
  const pulls = getPulls(index, now);
  const candidates = findCandidates(index, parts, { barred, aversion, floor, pulls, most: k + SPARE });
  const picked = variety ? pickVaried(index, candidates, k) : candidates.slice(0, k);
  const ranked = picked.map(({ paper, score }) => ({
    paperId: index.papers[paper]?.id ?? 0,
    score,
    reasons: findReasons(index, parts, profile.likedPaperIds, paper),
  }));
  if (!fillWithTrending || ranked.length >= k) return ranked;
  const chosen = picked.map(({ paper }) => paper);
  return [...ranked, ...fillUp(index, chosen, barred, k - ranked.length, pulls)];
}

/**
 * The `most` best of the papers at or above the floor, with the best of each part, best first. The floor looks at what one part says of a paper: neither a trend nor a
 * little of everything lifts it over.
 */
function findCandidates(
  index: PaperIndex,
  parts: readonly Part[],
  {
    barred,
    aversion,
    floor,
    pulls,
    most,
  }: { barred: Uint8Array; aversion: Float64Array | null; floor: number; pulls: Float64Array; most: number },
): Candidate[] {
  const { values: scores, best, owners } = joinParts(index, parts);
  const leaders = new Float64Array(parts.length);
  for (let paper = 0; paper < scores.length; paper += 1) {
    const kept = aversion?.[paper] ?? 1;
    const isOut = (best[paper] ?? 0) * kept < floor || barred[paper] === 1;
    const score = isOut ? 0 : (scores[paper] ?? 0) * kept * (pulls[paper] ?? 1);
    scores[paper] = score;
    const owner = owners[paper] ?? -1;
    if (score > (leaders[owner] ?? 0)) leaders[owner] = score;
  }
  const least = nthLargest(scores, most);
  const candidates: Candidate[] = [];
  for (let paper = 0; paper < scores.length; paper += 1) {
    const score = scores[paper] ?? 0;
    const owner = owners[paper] ?? -1;
    if (score > 0 && (score >= least || score === leaders[owner])) candidates.push({ paper, score, owner });
  }
  return candidates.sort((a, b) => b.score - a.score || b.paper - a.paper);
}

/** The papers with the most pull that anyone voted for, none of them a double of another or of those chosen. */
function fillUp(
  index: PaperIndex,
  chosen: readonly number[],
  barred: Uint8Array,
  room: number,
  pulls: Float64Array,
): RankedPaper[] {
  const filled: RankedPaper[] = [];
  const taken = [...chosen];
  const order = index.papers
    .map((_, paper) => paper)
    .sort((a, b) => (pulls[b] ?? 1) - (pulls[a] ?? 1) || b - a);
  for (const paper of order) {
    if (filled.length >= room) break;
    const { id = 0, trend = null } = index.papers[paper] ?? {};
    const reason = describeTrend(trend);
    if (!reason || barred[paper] === 1 || taken.includes(paper)) continue;
    const isDouble = compareWith(index, paper, (cosineOf) =>
      taken.some((other) => cosineOf(other) >= DUPLICATE_SIMILARITY),
    );
    if (isDouble) continue;
    taken.push(paper);
    filled.push({ paperId: id, score: 0, reasons: [reason] });
  }
  return filled;
}
