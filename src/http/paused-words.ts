/** A pause in words. */
import { plainDate } from '../mail/words.ts';
import type { Translate } from '../messages.ts';
import { FOREVER } from '../subscribers/preferences.ts';
import type { Subscriber } from '../subscribers/subscribers.repo.ts';

/** "paused until 1 December 2026", or null while mail flows. The date is the reader's own. */
export function pausedWords(
  { pausedUntil, timezone }: Pick<Subscriber, 'pausedUntil' | 'timezone'>,
  now: Date,
  t: Translate,
): string | null {
  if (!pausedUntil || pausedUntil <= now) return null;
  if (pausedUntil.getTime() === FOREVER.getTime()) return t('pause.untilResumed');
  return t('pause.until', { date: plainDate(pausedUntil, timezone, t) });
}
