/** How slowly mail goes to a domain that asked for patience: slower with each fault, faster with each mail taken. Pure. */

export interface Pace {
  /** Ms from one mail to the next. */
  intervalMs: number;
  /** No mail before this time. */
  nextAt: Date;
  /** When the interval was last made longer or shorter. */
  changedAt: Date;
}

const FIRST_MS = 1000;
export const LONGEST_INTERVAL_MS = 600_000;
/** Faster than this, an interval is of no use. */
const SHORTEST_MS = 50;
/** Mails that wait are looked at again within this time, so that those of a domain that recovers don't wait for long. */
export const LOOK_AGAIN_MS = 900_000;

/** What a mail that began at `startedAt` met at `now`. */
export interface Moment {
  startedAt: Date;
  now: Date;
}

/** After a fault; `askedMs` is how long the server asked to wait. Null stands for a domain that was never slow. */
export function slowDown(pace: Pace | null, { startedAt, now }: Moment, askedMs: number): Pace {
  const isNews = pace === null || startedAt > pace.changedAt;
  const longer = pace ? Math.min(pace.intervalMs * 2, LONGEST_INTERVAL_MS) : FIRST_MS;
  const intervalMs = isNews ? longer : pace.intervalMs;
  const earliest = now.getTime() + Math.max(intervalMs, askedMs);
  return {
    intervalMs,
    nextAt: new Date(Math.max(earliest, pace?.nextAt.getTime() ?? 0)),
    // Mails that failed together tell the same, so they count once.
    changedAt: isNews ? now : pace.changedAt,
  };
}

/** After a mail that was taken; null where the domain is slow no more. */
export function speedUp(pace: Pace, { startedAt, now }: Moment): Pace | null {
  if (startedAt <= pace.changedAt) return pace;
  const intervalMs = Math.floor(pace.intervalMs * 0.8);
  return intervalMs < SHORTEST_MS ? null : { ...pace, intervalMs, changedAt: now };
}

/**
 * When a mail that got no turn asks again: an interval after the one before it, `last`. Those that would wait too long
 * begin at the front again, so that they share the next turns with others instead of waiting for theirs alone.
 */
export function nextLook({ intervalMs, nextAt }: Pace, last: Date | null, now: Date): Date {
  const front = nextAt > now ? nextAt.getTime() : now.getTime() + intervalMs;
  const behind = (last?.getTime() ?? 0) + intervalMs;
  return new Date(behind > front && behind <= front + LOOK_AGAIN_MS ? behind : front);
}
