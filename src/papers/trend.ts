/** What a paper's counts over time say: the latest honest figures for ranking and pages, and those some hours before them. */

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
  citations: number | null;
}

/** Counts of one source at `observedAt`. */
export interface PaperTrend {
  upvotes: number | null;
  comments: number | null;
  githubStars: number | null;
  listedAt: Date;
  observedAt: Date;
  /** What the same source counted at least `TREND_INTERVAL_MS` ago, so that what came since is known; null where nothing is. */
  earlier: {
    upvotes: number | null;
    comments: number | null;
    githubStars: number | null;
    observedAt: Date;
  } | null;
}

const HOUR_MS = 3_600_000;
/** Shorter, and a vote more or less is chance; longer, and "now" is yesterday. */
export const TREND_INTERVAL_MS = 6 * HOUR_MS;
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
  const { source, upvotes, comments, githubStars, listedAt, observedAt } = strongest;
  const [before] = latestPerSource(
    observations.filter((one) => one.source === source),
    new Date(now.getTime() - TREND_INTERVAL_MS),
  );
  // A source that has stopped counting says nothing of now.
  const earlier =
    before && before.observedAt < observedAt
      ? {
          upvotes: before.upvotes,
          comments: before.comments,
          githubStars: before.githubStars,
          observedAt: before.observedAt,
        }
      : null;
  return { upvotes, comments, githubStars, listedAt, observedAt, earlier };
}

/**
 * The citations known at `now`, or null where none were counted; of several sources the one that found most, as each
 * knows only some of the papers that cite. They take months to come, so they are shown and say nothing of a trend.
 */
export function latestCitations(observations: readonly TrendObservation[], now: Date): number | null {
  const counted = observations.filter(({ citations }) => citations !== null);
  const latest = latestPerSource(counted, now).map(({ citations }) => votes(citations));
  return latest.length > 0 ? Math.max(...latest) : null;
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
    (b.citations ?? -1) - (a.citations ?? -1) ||
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
