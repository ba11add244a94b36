/** Smaller digests and fewer of them, for someone about to leave or just gone. Pure. */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Subscriber, SubscriberChange } from './subscribers.repo.ts';

export type LessMail = 'weekly' | 'fewer' | 'month';
export type Rhythm = Pick<Subscriber, 'frequency' | 'weekdays'>;

export const FEWER_PAPERS = 5;
const MONDAY_FIRST = [1, 2, 3, 4, 5, 6, 0];

/** What of it would change something for this reader. */
export function lessMailFor(subscriber: Subscriber, now: Date): LessMail[] {
  const { paperCount, pausedUntil } = subscriber;
  return [
    ...(weeklyInstead(subscriber) ? (['weekly'] as const) : []),
    ...(paperCount > FEWER_PAPERS ? (['fewer'] as const) : []),
    ...(pausedUntil && pausedUntil > now ? [] : (['month'] as const)),
  ];
}

/** Once a week, on the first of their days; null for someone who gets no more than that. */
export function weeklyInstead({ frequency, weekdays }: Rhythm): Rhythm | null {
  if (frequency === 'weekly' || weekdays.length === 1) return null;
  return { frequency: 'weekly', weekdays: MONDAY_FIRST.filter((day) => weekdays.includes(day)).slice(0, 1) };
}

export function monthFrom(now: Date): Date {
  return new Date(now.getTime() + 30 * 24 * 3600_000);
}

export function lessMailChange(
  wish: LessMail,
  subscriber: Subscriber,
  now: Date,
): Pick<SubscriberChange, 'frequency' | 'weekdays' | 'paperCount' | 'pausedUntil'> {
  switch (wish) {
    case 'weekly':
      return weeklyInstead(subscriber) ?? {};
    case 'fewer':
      return { paperCount: Math.min(FEWER_PAPERS, subscriber.paperCount) };
    case 'month':
      return { pausedUntil: monthFrom(now) };
  }
}

/** Throws AppError `INPUT_INVALID`. */
export function readLessMail(input: unknown): LessMail {
  const wish = z.enum(['weekly', 'fewer', 'month']).safeParse(input);
  if (wish.success) return wish.data;
  throw new AppError('INPUT_INVALID', 'change must be weekly, fewer or month.', { field: 'change' });
}

const days = z
  .array(z.string().regex(/^[0-6]$/))
  .min(1)
  .max(7)
  .transform((values) => [...new Set(values.map(Number))].sort());

/** The days of a daily digest that someone goes back to. Throws AppError `INPUT_INVALID`. */
export function readDailyRhythm(input: unknown): Rhythm {
  const weekdays = days.safeParse(input);
  if (weekdays.success) return { frequency: 'daily', weekdays: weekdays.data };
  throw new AppError('INPUT_INVALID', 'weekdays must be one to seven days from 0 to 6.', {
    field: 'weekdays',
  });
}
