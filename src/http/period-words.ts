/** Days and weeks in the words of the front page. Pure. */
import type { Period } from '../digests/period.ts';
import { longDate, weekdayAndDay, weekWords } from '../mail/words.ts';
import type { Translate } from '../messages.ts';

const DAY_MS = 24 * 3600_000;

/** "Tuesday, 24 November 2026", "Week 48, 2026" */
export function periodWords({ name, from }: Period, t: Translate): string {
  return weekWords(name, t) ?? longDate(from, 'UTC', t);
}

/** "Today", "Yesterday" or "Monday, 23 November"; `date` is YYYY-MM-DD, in UTC. */
export function dayWords(date: string, now: Date, t: Translate): string {
  const daysAgo = Math.round((Date.parse(now.toISOString().slice(0, 10)) - Date.parse(date)) / DAY_MS);
  if (daysAgo === 0) return t('landing.today');
  if (daysAgo === 1) return t('landing.yesterday');
  return weekdayAndDay(new Date(`${date}T00:00:00Z`), t);
}
