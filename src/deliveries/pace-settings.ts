/** What the operator says of how fast all mail goes together: SEND_RATE, SEND_WARMUP and SEND_WINDOW. Pure. */

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3600_000, d: 24 * 3600_000 };
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3600_000;
/** A sender is known by then; a warm-up that still binds was begun too low. */
const WARMUP_DAYS = 30;

export interface Warmup {
  /** Midnight UTC. */
  firstDay: Date;
  /** Mails on that day; each day after takes twice as many. */
  mails: number;
}

/** Minutes of each day, UTC, in which digests go; one that closes before it opens lasts over midnight. */
export interface SendWindow {
  opensAt: number;
  closesAt: number;
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

/** `07:00-21:30`; null where it is none. */
export function parseWindow(text: string): SendWindow | null {
  const [, ...parts] = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  const [hour = 0, minute = 0, endHour = 0, endMinute = 0] = parts.map(Number);
  const window = { opensAt: hour * 60 + minute, closesAt: endHour * 60 + endMinute };
  return parts.length > 0 && window.opensAt !== window.closesAt ? window : null;
}

/** When the window next opens; null while it is open. */
export function nextOpening({ opensAt, closesAt }: SendWindow, now: Date): Date | null {
  const midnight = midnightBefore(now).getTime();
  const minute = (now.getTime() - midnight) / MINUTE_MS;
  const isOpen =
    opensAt < closesAt ? minute >= opensAt && minute < closesAt : minute >= opensAt || minute < closesAt;
  if (isOpen) return null;
  const opening = midnight + opensAt * MINUTE_MS;
  return new Date(opening > now.getTime() ? opening : opening + DAY_MS);
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
