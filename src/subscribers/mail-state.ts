/** Whether digests come to a subscriber, and why not. */
import type { Context } from '../context.ts';
import { isSuppressed, type Subscriber } from './subscribers.repo.ts';

export type MailState = 'flowing' | 'paused' | 'pending' | 'unsubscribed' | 'suppressed';

export async function findMailState(ctx: Context, subscriber: Subscriber): Promise<MailState> {
  if (await isSuppressed(ctx.db, subscriber.emailHash)) return 'suppressed';
  if (subscriber.status !== 'active') return subscriber.status;
  return subscriber.pausedUntil && subscriber.pausedUntil > ctx.now() ? 'paused' : 'flowing';
}

/** Whether one click may bring them back: they left, and had agreed before. */
export function canReturn({ confirmedAt }: Subscriber, state: MailState): boolean {
  return state === 'unsubscribed' && confirmedAt !== null;
}
