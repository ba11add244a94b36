/**
 * How strongly the community is looking at a paper right now: votes against what an ordinary paper has by the same age,
 * those of the last hours above all, with credit for little evidence, fading as the paper grows old.
 */
import {
  COMMENT_VOTES,
  DEFAULT_VOTE_RATE,
  PRIOR_HOURS,
  RATE_SAMPLE,
  STAR_DOUBLING_VOTES,
  TREND_HALF_LIFE_HOURS,
  VOTING_HOURS,
} from './tuning.ts';

/** Null where a source doesn't count such a thing. */
interface Counts {
  upvotes: number | null;
  comments: number | null;
  githubStars: number | null;
}

/** Counts as a source gave them at `observedAt`. */
export interface PaperTrend extends Counts {
  /** When the source began to show the paper. */
  listedAt: Date;
  observedAt: Date;
  /** What it counted some hours before, where that is known. */
  earlier?: (Counts & { observedAt: Date }) | null;
}

const HOUR_MS = 3_600_000;

/** Whole hours, at least 1, that the source had shown the paper when it was counted. */
export function observedHours(trend: PaperTrend): number {
  return Math.max(1, Math.round(hoursBetween(trend.listedAt, trend.observedAt)));
}

/**
 * Votes an hour of an ordinary paper among these: the median of those that a source lists, so that a quiet source and
 * a busy one come out alike. A default where fewer than ten are listed.
 */
export function typicalRate(papers: readonly { trend: PaperTrend | null }[]): number {
  const rates = papers
    .flatMap(({ trend }) => (trend ? [countVotes(trend) / votingHours(observedHours(trend))] : []))
    .sort((a, b) => a - b);
  if (rates.length < RATE_SAMPLE) return DEFAULT_VOTE_RATE;
  // Half a vote a day keeps the ratio finite where most papers have none.
  return Math.max(0.5 / 24, rates[Math.floor(rates.length / 2)] ?? DEFAULT_VOTE_RATE);
}

/**
 * Votes against the typical paper's at the same age: 1 is ordinary, 3 is three times as many. Above 0, finite.
 * Where an earlier count is known, those of the time since, with the paper's own pace until now as what is expected of
 * it: a paper that keeps its pace keeps its lift, one that takes off or has stopped is told from it.
 */
export function voteLift(trend: PaperTrend, typical: number): number {
  const rate =
    (countVotes(trend) + PRIOR_HOURS * typical) / (votingHours(observedHours(trend)) + PRIOR_HOURS);
  const lift = rate / typical;
  const { earlier, listedAt, observedAt } = trend;
  if (!earlier) return lift;
  // What the source did not count then is no gain of now.
  const then = countVotes({
    upvotes: earlier.upvotes ?? trend.upvotes,
    comments: earlier.comments ?? trend.comments,
    githubStars: earlier.githubStars ?? trend.githubStars,
  });
  const gained = Math.max(0, countVotes(trend) - then);
  const hours =
    votingHours(hoursBetween(listedAt, observedAt)) - votingHours(hoursBetween(listedAt, earlier.observedAt));
  return (gained / typical + PRIOR_HOURS * lift) / (Math.max(0, hours) + PRIOR_HOURS);
}

/** Strength of a paper's trend at `now`, 0 (none, or long over) to 1. */
export function trendStrength(trend: PaperTrend | null, typical: number, now: Date): number {
  if (!trend) return 0;
  const lift = voteLift(trend, typical);
  return (lift / (lift + 2)) * 0.5 ** (hoursBetween(trend.listedAt, now) / TREND_HALF_LIFE_HOURS);
}

/**
 * The `k` papers that trend most at `now`, strongest first; of equals the newer (larger id) first.
 * Papers that no source counts come last.
 */
export function rankTrending(
  papers: readonly { id: number; trend: PaperTrend | null }[],
  { now, k }: { now: Date; k: number },
): { paperId: number; score: number }[] {
  const typical = typicalRate(papers);
  return papers
    .map(({ id, trend }) => ({ paperId: id, score: trendStrength(trend, typical, now) }))
    .sort((a, b) => b.score - a.score || b.paperId - a.paperId)
    .slice(0, Math.max(0, k));
}

/** Everything a source counts, in votes. */
export function countVotes({ upvotes, comments, githubStars }: Counts): number {
  const stars = Math.log2(1 + Math.max(0, githubStars ?? 0));
  return Math.max(0, upvotes ?? 0) + COMMENT_VOTES * Math.max(0, comments ?? 0) + STAR_DOUBLING_VOTES * stars;
}

/** Hours of full voting that `hours` on show are worth, as votes dry up. */
function votingHours(hours: number): number {
  return VOTING_HOURS * (1 - Math.exp(-hours / VOTING_HOURS));
}

/** Never below 0; clocks of different machines disagree. */
function hoursBetween(from: Date, to: Date): number {
  return Math.max(0, (to.getTime() - from.getTime()) / HOUR_MS);
}
