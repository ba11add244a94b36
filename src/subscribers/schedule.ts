/** A subscriber's clock: when the next digest is due and which edition it is, in their own time zone and safe across DST. Pure. */
import { Temporal } from 'temporal-polyfill';

export interface Schedule {
  frequency: 'daily' | 'weekly';
  /** 0 is Sunday; weekly has exactly one. */
  weekdays: readonly number[];
  /** 0-23, local. */
  hour: number;
  /** IANA name. */
  timezone: string;
}

/**
 * The first slot strictly after `after`. An hour that DST skips moves to the hour after it, or before it where the
 * hour after is tomorrow's; an hour that DST repeats counts once, the first time.
 */
export function nextDueAt(schedule: Schedule, after: Date): Date {
  const start = zoned(after, schedule.timezone);
  // Eight days hold every weekday at least once, today's slot having possibly passed.
  for (let days = 0; days <= 8; days++) {
    const slot = slotOn(schedule, start.toPlainDate().add({ days }));
    if (slot && slot.getTime() > after.getTime()) return slot;
  }
  throw new RangeError('a schedule without weekdays');
}

/** The newest slot at or before `at`, within the last eight days; `at` itself where there is none. */
export function lastDueAt(schedule: Schedule, at: Date): Date {
  const start = zoned(at, schedule.timezone);
  for (let days = 0; days <= 8; days++) {
    const slot = slotOn(schedule, start.toPlainDate().subtract({ days }));
    if (slot && slot.getTime() <= at.getTime()) return slot;
  }
  return at;
}

/** The name of the edition of a slot: `2026-11-24` daily, `2026-W48` (ISO week) weekly. */
export function editionOf(
  { frequency, timezone }: Pick<Schedule, 'frequency' | 'timezone'>,
  slot: Date,
): string {
  const date = zoned(slot, timezone).toPlainDate();
  return frequency === 'daily'
    ? date.toString()
    : `${date.yearOfWeek}-W${String(date.weekOfYear).padStart(2, '0')}`;
}

/** Whether this is a time zone that the machine knows: `Europe/Berlin`, `UTC`; offsets like `+02:00` are not zones. */
export function isTimezone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{1,60}$/.test(name)) return false;
  try {
    // Asked of what reckons with it later: Intl alone also takes names like IST, on which Temporal throws.
    zoned(new Date(0), name);
    return true;
  } catch {
    return false;
  }
}

function zoned(instant: Date, timezone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timezone);
}

function slotOn({ weekdays, hour, timezone }: Schedule, date: Temporal.PlainDate): Date | null {
  // Temporal counts Monday 1 to Sunday 7.
  if (!weekdays.includes(date.dayOfWeek % 7)) return null;
  const wanted = date.toPlainDateTime({ hour });
  // A slot names its edition by its date, so it must not leave its day: Nuuk skips 23:00, and Apia once skipped a day.
  for (const disambiguation of ['compatible', 'earlier'] as const) {
    const slot = wanted.toZonedDateTime(timezone, { disambiguation });
    if (slot.toPlainDate().equals(date)) return new Date(slot.epochMilliseconds);
  }
  return null;
}
