/** Picks a varied set from ranked candidates: near-duplicates held back, and everything asked for gets its chance. */
import type { PaperIndex } from './paper-index.ts';
import { DUPLICATE_SIMILARITY, ORDINARY_SIMILARITY, OVER_SHARE } from './tuning.ts';
import { compareWith } from './vectors.ts';

export interface Candidate {
  paper: number;
  score: number;
  /** The part of the profile that spoke most for it. */
  owner: number;
}

/** Candidates looked at beyond the `k` wanted: enough for every near-duplicate to have a replacement. */
export const SPARE = 40;

/**
 * Picks up to `k` of the candidates, which come best first, by maximal marginal relevance: each slot goes to the best
 * of what is left after a cut for likeness to those already picked, and for an owner that has its share. While there
 * are slots, every owner with a candidate gets one. The picks come in the order of the candidates.
 */
export function pickVaried(index: PaperIndex, candidates: readonly Candidate[], k: number): Candidate[] {
  const pool = makePool(candidates, k + SPARE);
  const taken = new Map(pool.map(({ owner }) => [owner, 0]));
  const share = Math.ceil(k / Math.max(1, taken.size));
  const likeness = new Float64Array(pool.length);
  const picked = new Set<number>();
  while (picked.size < k) {
    const at = findNext(pool, picked, likeness, taken, share, k - picked.size);
    const winner = at === null ? undefined : pool[at];
    if (at === null || !winner) break;
    picked.add(at);
    taken.set(winner.owner, (taken.get(winner.owner) ?? 0) + 1);
    compareWith(index, winner.paper, (cosineOf) => {
      for (let other = 0; other < pool.length; other += 1) {
        const cosine = cosineOf(pool[other]?.paper ?? 0);
        if (cosine > (likeness[other] ?? 0)) likeness[other] = cosine;
      }
    });
  }
  return pool.filter((_, at) => picked.has(at));
}

/** The place in the pool of the next pick, or null where nothing is left. `slots` are those still to fill. */
function findNext(
  pool: readonly Candidate[],
  picked: ReadonlySet<number>,
  likeness: Float64Array,
  taken: ReadonlyMap<number, number>,
  share: number,
  slots: number,
): number | null {
  const waiting = new Set<number>();
  const best = { any: -1, anyValue: 0, waiting: -1, waitingValue: 0 };
  const [ordinary, duplicate, overShare] = [ORDINARY_SIMILARITY, DUPLICATE_SIMILARITY, OVER_SHARE];
  for (let at = 0; at < pool.length; at += 1) {
    const { owner, score } = pool[at] ?? { owner: -1, score: 0 };
    const alike = likeness[at] ?? 0;
    if (picked.has(at) || alike >= duplicate) continue;
    const count = taken.get(owner) ?? 0;
    // How far the likeness lies above what papers of one field share anyway.
    const excess = Math.max(0, (alike - ordinary) / (1 - ordinary));
    const value = score * (count < share ? 1 : overShare) * (1 - excess);
    if (value > best.anyValue) {
      best.any = at;
      best.anyValue = value;
    }
    if (count > 0) continue;
    waiting.add(owner);
    if (value > best.waitingValue) {
      best.waiting = at;
      best.waitingValue = value;
    }
  }
  const next = waiting.size > 0 && waiting.size >= slots ? best.waiting : best.any;
  return next < 0 ? null : next;
}

/** The first `size` candidates and, behind them, the best one of every owner that has none among them. */
function makePool(candidates: readonly Candidate[], size: number): Candidate[] {
  const pool = candidates.slice(0, size);
  const present = new Set(pool.map(({ owner }) => owner));
  for (const candidate of candidates.slice(size)) {
    if (present.has(candidate.owner)) continue;
    present.add(candidate.owner);
    pool.push(candidate);
  }
  return pool;
}
