/** Until when a reader wants to pause, from what the page posts. Pure. */
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { monthFrom } from './less-mail.ts';
import { FOREVER } from './preferences.ts';

const wish = z.object({
  until: z.enum(['week', 'month', 'date', 'resumed', 'now']),
  date: z.string().default(''),
});

/** Null: go on now. Throws AppError `INPUT_INVALID`, with the field `date` where that is at fault. */
export function readPauseEnd(input: unknown, timezone: string, now: Date): Date | null {
  const parsed = wish.safeParse(input);
  if (!parsed.success) {
    throw new AppError('INPUT_INVALID', 'until must be week, month, date, resumed or now.', {
      field: 'until',
    });
  }
  switch (parsed.data.until) {
    case 'week':
      return new Date(now.getTime() + 7 * 24 * 3600_000);
    case 'month':
      return monthFrom(now);
    case 'date':
      return startOfDate(parsed.data.date, timezone, now);
    case 'resumed':
      return FOREVER;
    case 'now':
      return null;
  }
}

/** The first and last date that a pause may end on, as 2026-11-25: tomorrow, and a year from today. */
export function pauseDates(timezone: string, now: Date): { first: string; last: string } {
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(timezone)
    .toPlainDate();
  return { first: today.add({ days: 1 }).toString(), last: today.add({ years: 1 }).toString() };
}

function startOfDate(typed: string, timezone: string, now: Date): Date {
  const { first, last } = pauseDates(timezone, now);
  const date = z.iso.date().safeParse(typed.trim());
  if (!date.success || date.data < first || date.data > last) {
    throw new AppError('INPUT_INVALID', `Choose a date from ${inWords(first)} to ${inWords(last)}.`, {
      field: 'date',
    });
  }
  const start = Temporal.PlainDate.from(date.data).toZonedDateTime(timezone);
  return new Date(start.epochMilliseconds);
}

function inWords(date: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(date));
}
