/** When a reader's next digest comes, or why none does, in words. */
import { dateAndTime } from '../mail/words.ts';
import type { MailState } from '../subscribers/mail-state.ts';
import type { Subscriber } from '../subscribers/subscribers.repo.ts';
import { pausedWords } from './paused-words.ts';

/** Of a reader who gets digests, or has paused them. */
export function nextDigest({ nextDueAt, timezone }: Subscriber, now: Date): string {
  if (!nextDueAt) return 'Your digest is paused; resume it whenever you like.';
  return nextDueAt > now
    ? `Your next digest comes on ${dateAndTime(nextDueAt, timezone)}.`
    : 'Your next digest is on its way.';
}

/** Null where digests come, or will after a pause. */
export function whyNoDigest(state: MailState): string | null {
  switch (state) {
    case 'flowing':
    case 'paused':
      return null;
    case 'pending':
      return 'You have not confirmed yet, so no digest comes. The button in the mail that asks you to confirm starts it.';
    case 'unsubscribed':
      return 'You are unsubscribed, so no digest comes.';
    case 'suppressed':
      return 'Mail to your address came back or was reported as unwanted, so no digest comes.';
  }
}

/** What becomes of choices that were just saved. */
export function outlookOf(subscriber: Subscriber, state: MailState, now: Date): string {
  const paused = pausedWords(subscriber, now);
  if (state === 'paused')
    return `Your digest is ${paused}, and the first one after that follows these choices.`;
  return whyNoDigest(state) ?? 'Your next digest follows these choices.';
}
