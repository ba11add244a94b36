/** What a subscriber chose, for pages that show it. */
import type { Context } from '../context.ts';
import { getProfile, type Subscriber, type SubscriberProfile } from './subscribers.repo.ts';

export function loadProfile(ctx: Context, subscriber: Subscriber): Promise<SubscriberProfile> {
  return getProfile(ctx.db, subscriber.id);
}
