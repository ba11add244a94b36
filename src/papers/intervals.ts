/** How often each live source is read: what is used by itself, and what the operator sets in its place. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Votes come in all day; the archive announces once a day, and asks to be left alone for the rest of it. */
export const DEFAULT_EVERY_MS = {
  hf: 30 * MINUTE_MS,
  arxiv: 6 * HOUR_MS,
  'arxiv-oai': 24 * HOUR_MS,
  'arxiv-rss': 3 * HOUR_MS,
  /** All feeds alike; one that has not changed costs next to nothing. */
  feed: HOUR_MS,
  // It counts anew about once a day; the second time makes up for one that it refused.
  'semantic-scholar': 12 * HOUR_MS,
} as const;

export type Intervals = Record<keyof typeof DEFAULT_EVERY_MS, number>;

/** Below this a source is pestered, above it news is old. */
const SHORTEST_MS = 5 * MINUTE_MS;
const LONGEST_MS = 7 * DAY_MS;

const UNIT_MS: Record<string, number> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** `hf=30m,arxiv-oai=1d` as intervals in ms, for the sources that it names; or a sentence on the first part at fault. */
export function parseIntervals(parts: readonly string[]): Partial<Intervals> | { fault: string } {
  const intervals: Partial<Intervals> = {};
  for (const part of parts) {
    const [, name = '', count = '', unit = ''] = /^([^=\s]+)\s*=\s*(\d{1,5})([mhd])$/.exec(part) ?? [];
    if (name === '') return { fault: `has "${part}", which must look like hf=30m, arxiv=6h or arxiv-oai=1d` };
    if (!isKnown(name)) {
      return { fault: `names "${name}", but there are: ${Object.keys(DEFAULT_EVERY_MS).join(', ')}` };
    }
    if (intervals[name] !== undefined) return { fault: `names "${name}" twice` };
    const everyMs = Number(count) * (UNIT_MS[unit] ?? 0);
    if (everyMs < SHORTEST_MS || everyMs > LONGEST_MS) {
      return { fault: `has "${part}", which must be from 5m to 7d` };
    }
    intervals[name] = everyMs;
  }
  return intervals;
}

/** "30 minutes", "6 hours": the largest unit that fits. */
export function describeInterval(ms: number): string {
  const [count, unit] = ms % HOUR_MS === 0 ? [ms / HOUR_MS, 'hour'] : [ms / MINUTE_MS, 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function isKnown(name: string): name is keyof Intervals {
  return Object.hasOwn(DEFAULT_EVERY_MS, name);
}
