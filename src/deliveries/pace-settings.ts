/** What the operator says of how fast all mail goes together: SEND_RATE and SEND_WARMUP. Pure. */

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3600_000, d: 24 * 3600_000 };
const DAY_MS = 24 * 3600_000;
/** A sender is known by then; a warm-up that still binds was begun too low. */
const WARMUP_DAYS = 30;

export interface Warmup {
  /** Midnight UTC. */
  firstDay: Date;
  /** Mails on that day; each day after takes twice as many. */
  mails: number;
}

/** `14/s`, `500/h`, `20000/d` as ms from one mail to the next, with fractions; null where it is none. */
export function parseRate(text: string): number | null {
  const [, count, unit = ''] = /^(\d{1,9})\/([smhd])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  return unitMs !== undefined && Number(count) > 0 ? unitMs / Number(count) : null;
}

/** `2026-12-01:500`; null where it is none. */
export function parseWarmup(text: string): Warmup | null {
  const [, day = '', count] = /^(\d{4}-\d{2}-\d{2}):(\d{1,9})$/.exec(text) ?? [];
  const firstDay = new Date(`${day}T00:00:00Z`);
  // A date such as 2026-02-31 is read as one in March.
  if (Number.isNaN(firstDay.getTime()) || !firstDay.toISOString().startsWith(day)) return null;
  return Number(count) > 0 ? { firstDay, mails: Number(count) } : null;
}

/** Mails that the day of `now` takes, from midnight UTC to the next; null where it takes any number. */
export function warmupLimit({ firstDay, mails }: Warmup, now: Date): number | null {
  const day = Math.floor((now.getTime() - firstDay.getTime()) / DAY_MS);
  return day < 0 || day >= WARMUP_DAYS ? null : mails * 2 ** day;
}

export function midnightBefore(now: Date): Date {
  return new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS);
}

export function midnightAfter(now: Date): Date {
  return new Date(midnightBefore(now).getTime() + DAY_MS);
}
