/** The trend as a bounded multiplier on relevance, and as a reason where it is worth telling. */
import type { Reason } from './explain.ts';
import type { PaperIndex } from './paper-index.ts';
import { countVotes, observedHours, type PaperTrend, trendStrength, voteLift } from './trending.ts';
import { NOTABLE_LIFT, PULL } from './tuning.ts';

/** By ordinal, what relevance is multiplied with at `now`: 1 to 1 + PULL. Kept in the index until `now` changes. */
export function getPulls({ papers, pulls, typicalRate }: PaperIndex, now: Date): Float64Array {
  if (pulls.at !== now.getTime()) {
    papers.forEach(({ trend }, ordinal) => {
      pulls.values[ordinal] = 1 + PULL * trendStrength(trend, typicalRate, now);
    });
    pulls.at = now.getTime();
  }
  return pulls.values;
}

/** The trend as a reason, or null where nobody has voted. */
export function describeTrend(trend: PaperTrend | null): Reason | null {
  if (!trend || countVotes(trend) === 0) return null;
  const { upvotes, comments, githubStars } = trend;
  return { kind: 'trending', upvotes, comments, githubStars, hours: observedHours(trend) };
}

/** Whether the paper gets clearly more votes than others of its age. */
export function isNotable({ typicalRate }: PaperIndex, trend: PaperTrend | null): boolean {
  return trend !== null && voteLift(trend, typicalRate) >= NOTABLE_LIFT;
}
