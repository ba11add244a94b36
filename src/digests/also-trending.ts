/** What else trends in a reader's field: named at the end of a digest, and not counted as sent. Pure. */
import { findCategory } from '../ranking/categories.ts';
import { findMatch } from '../ranking/match.ts';
import type { PaperIndex } from '../ranking/paper-index.ts';
import { findParts } from '../ranking/parts.ts';
import type { ReaderProfile } from '../ranking/profile.ts';
import { describeTrend, getPulls, isNotable } from '../ranking/pull.ts';
import { findBarred } from '../ranking/relevance.ts';
import { DUPLICATE_SIMILARITY } from '../ranking/tuning.ts';
import { compareWith } from '../ranking/vectors.ts';
import type { NewDigest } from './digests.repo.ts';

const MOST = 5;

/**
 * The papers with the most pull, of those that a topic's categories hold or that a topic or keyword finds: none that is
 * chosen, `seen`, judged or excluded, and no double of one that is shown.
 */
export function findAlsoTrending(
  index: PaperIndex,
  profile: ReaderProfile,
  { chosen, seen, floor, now }: Limits,
): NewDigest['alsoTrending'] {
  // Whom they follow and what they liked makes no field.
  const parts = findParts(index, { ...profile, authors: [], likedPaperIds: [] });
  const barred = findBarred(index, profile, {});
  const isInField = (paper: number, categories: readonly string[]) =>
    profile.topics.some((topic) => findCategory(topic, categories) !== null) ||
    parts.some(({ matches }) => (matches.scores[findMatch(matches, paper)] ?? 0) >= floor);
  const shown = chosen.flatMap(({ paperId }) => index.ordinals.get(paperId) ?? []);
  const found: NewDigest['alsoTrending'] = [];
  for (const paper of listTrending(index, now)) {
    if (found.length === MOST) break;
    const { id = 0, categories = [], trend = null } = index.papers[paper] ?? {};
    if (barred[paper] === 1 || seen.has(id) || !isInField(paper, categories)) continue;
    const isDouble = compareWith(index, paper, (cosineOf) =>
      shown.some((other) => other === paper || cosineOf(other) >= DUPLICATE_SIMILARITY),
    );
    const reason = describeTrend(trend);
    if (isDouble || !reason) continue;
    shown.push(paper);
    found.push({ paperId: id, reason });
  }
  return found;
}

interface Limits {
  chosen: readonly { paperId: number }[];
  seen: ReadonlySet<number>;
  /** Relevance below which a topic or keyword has not found a paper. */
  floor: number;
  now: Date;
}

const known = new WeakMap<PaperIndex, { at: number; papers: readonly number[] }>();

/** Ordinals of the papers that trend at `now`, the most pull first; the same for all readers of an edition. */
function listTrending(index: PaperIndex, now: Date): readonly number[] {
  const at = now.getTime();
  const kept = known.get(index);
  if (kept?.at === at) return kept.papers;
  const pulls = getPulls(index, now);
  const papers = index.papers
    .flatMap(({ trend }, paper) => (isNotable(index, trend) ? [paper] : []))
    .sort((a, b) => (pulls[b] ?? 1) - (pulls[a] ?? 1) || b - a);
  known.set(index, { at, papers });
  return papers;
}
