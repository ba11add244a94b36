/** A pause in words. */
import { FOREVER } from '../subscribers/preferences.ts';
import type { Subscriber } from '../subscribers/subscribers.repo.ts';

/** "paused until 1 December 2026", or null while mail flows. The date is the reader's own. */
export function pausedWords(
  { pausedUntil, timezone }: Pick<Subscriber, 'pausedUntil' | 'timezone'>,
  now: Date,
): string | null {
  if (!pausedUntil || pausedUntil <= now) return null;
  if (pausedUntil.getTime() === FOREVER.getTime()) return 'paused until you resume';
  return `paused until ${new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: timezone }).format(pausedUntil)}`;
}
