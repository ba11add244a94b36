/** What a paper's counts over time say: the latest honest figures for ranking and pages, and how fast votes come in now. */

/** One line of the time series: what one source counted at one time. */
export interface TrendObservation {
  source: string;
  /** When the source began to show the paper. */
  listedAt: Date;
  observedAt: Date;
  /** Null where the source doesn't count such a thing. */
  upvotes: number | null;
  comments: number | null;
  githubStars: number | null;
}

/** Counts of one source at `observedAt`. */
export interface PaperTrend {
  upvotes: number | null;
  comments: number | null;
  githubStars: number | null;
  listedAt: Date;
  observedAt: Date;
}

const HOUR_MS = 3_600_000;
/** Two counts closer than this say more of chance than of pace. */
const MIN_INTERVAL_MS = HOUR_MS / 2;
/**
 * Added to a source's hours before its rate is compared with another's, or three votes in the first minutes on one would
 * outrun sixty in a day on the other.
 */
const HEAD_START_HOURS = 12;

/**
 * The latest counts known at `now` of the source that is most active, or null where none counts anything.
 *
 * One source, not their sum: the same people vote on several sites, each site has its own clock, and a sum with one
 * `listedAt` would give a rate that no source ever had. The strongest is that with most upvotes an hour since it listed
 * the paper; without upvotes comments decide, then stars. A count that went down is a correction and is taken as it is.
 */
export function summarizeTrend(observations: readonly TrendObservation[], now: Date): PaperTrend | null {
  const strongest = latestPerSource(observations, now)
    .filter(({ upvotes, comments, githubStars }) => (upvotes ?? comments ?? githubStars) !== null)
    .sort(compareStrength)[0];
  if (!strongest) return null;
  const { upvotes, comments, githubStars, listedAt, observedAt } = strongest;
  return { upvotes, comments, githubStars, listedAt, observedAt };
}

/**
 * Upvotes an hour over the latest interval of at least half an hour between two counts of the same source, else over all
 * the time since it listed the paper, counted as at least an hour. Of several sources the fastest. Finite, never below 0;
 * 0 where nothing is known.
 */
export function recentRate(observations: readonly TrendObservation[], now: Date): number {
  const counted = observations.filter(({ upvotes }) => upvotes !== null);
  return Math.max(0, ...latestPerSource(counted, now).map((latest) => rateOf(latest, counted)));
}

function rateOf(latest: TrendObservation, counted: readonly TrendObservation[]): number {
  const earlier = counted
    .filter(
      ({ source, observedAt }) =>
        source === latest.source && latest.observedAt.getTime() - observedAt.getTime() >= MIN_INTERVAL_MS,
    )
    .reduce<TrendObservation | null>((best, next) => (best && isLater(best, next) ? best : next), null);
  if (!earlier) return votes(latest.upvotes) / Math.max(1, hoursBetween(latest.listedAt, latest.observedAt));
  const gained = votes(latest.upvotes) - votes(earlier.upvotes);
  return Math.max(0, gained) / hoursBetween(earlier.observedAt, latest.observedAt);
}

/** What each source last said by `now`, whatever the order of the series. */
function latestPerSource(observations: readonly TrendObservation[], now: Date): TrendObservation[] {
  const latest = new Map<string, TrendObservation>();
  for (const observation of observations) {
    // Also false for a date that isn't one.
    if (!(observation.observedAt.getTime() <= now.getTime())) continue;
    const known = latest.get(observation.source);
    if (!known || isLater(observation, known)) latest.set(observation.source, observation);
  }
  return [...latest.values()];
}

/** Two lines of the same source and time don't happen in the table; the larger count wins, so that order never matters. */
function isLater(a: TrendObservation, b: TrendObservation): boolean {
  const between = a.observedAt.getTime() - b.observedAt.getTime();
  return between > 0 || (between === 0 && compareCounts(a, b) < 0);
}

function compareStrength(a: TrendObservation, b: TrendObservation): number {
  const strength = ({ listedAt, observedAt }: TrendObservation, count: number | null) =>
    count === null ? -1 : votes(count) / (hoursBetween(listedAt, observedAt) + HEAD_START_HOURS);
  return (
    strength(b, b.upvotes) - strength(a, a.upvotes) ||
    strength(b, b.comments) - strength(a, a.comments) ||
    strength(b, b.githubStars) - strength(a, a.githubStars) ||
    (a.source < b.source ? -1 : 1)
  );
}

function compareCounts(a: TrendObservation, b: TrendObservation): number {
  return (
    (b.upvotes ?? -1) - (a.upvotes ?? -1) ||
    (b.comments ?? -1) - (a.comments ?? -1) ||
    (b.githubStars ?? -1) - (a.githubStars ?? -1) ||
    b.listedAt.getTime() - a.listedAt.getTime()
  );
}

/** A count fit for arithmetic. */
function votes(count: number | null): number {
  return count !== null && Number.isFinite(count) ? Math.max(0, count) : 0;
}

/** Never below 0; clocks of different machines disagree. */
function hoursBetween(from: Date, to: Date): number {
  return Math.max(0, (to.getTime() - from.getTime()) / HOUR_MS || 0);
}
