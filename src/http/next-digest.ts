/** When a reader's next digest comes, or why none does, in words. */
import { dateAndTime } from '../mail/words.ts';
import type { Translate } from '../messages.ts';
import type { MailState } from '../subscribers/mail-state.ts';
import type { Subscriber } from '../subscribers/subscribers.repo.ts';
import { pausedWords } from './paused-words.ts';

/** Of a reader who gets digests, or has paused them. */
export function nextDigest({ nextDueAt, timezone }: Subscriber, now: Date, t: Translate): string {
  if (!nextDueAt) return t('next.paused');
  return nextDueAt > now ? t('next.on', { when: dateAndTime(nextDueAt, timezone, t) }) : t('next.onItsWay');
}

/** Null where digests come, or will after a pause. */
export function whyNoDigest(state: MailState, t: Translate): string | null {
  switch (state) {
    case 'flowing':
    case 'paused':
      return null;
    case 'pending':
      return t('next.pending');
    case 'unsubscribed':
      return t('next.unsubscribed');
    case 'suppressed':
      return t('next.suppressed');
  }
}

/** What becomes of choices that were just saved. */
export function outlookOf(subscriber: Subscriber, state: MailState, now: Date, t: Translate): string {
  const paused = pausedWords(subscriber, now, t);
  if (state === 'paused' && paused) return t('next.savedPaused', { paused });
  return whyNoDigest(state, t) ?? t('next.saved');
}
