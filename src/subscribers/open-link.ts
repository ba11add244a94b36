/** From a signed link to the subscriber it stands for. */
import type { Context } from '../context.ts';
import { addressVersion, type LinkPurpose } from '../mail/links.ts';
import { findSubscriber, type Subscriber } from './subscribers.repo.ts';

export type OpenedLink =
  | { result: 'valid'; subscriber: Subscriber; paperId: number | undefined; isCurrent: boolean }
  | { result: 'expired' | 'invalid' };

/**
 * Links end when the subscriber's `tokenVersion` is raised. Leaving alone works for ever: such a link then is not current,
 * and must show or open nothing else, as the mail that it stands in may be in other hands by now.
 */
export async function openLink(ctx: Context, token: string, purpose: LinkPurpose): Promise<OpenedLink> {
  const link = ctx.links.check(token, purpose, ctx.now());
  if (link.result !== 'valid') return link;
  const subscriber = await findSubscriber(ctx.db, link.id);
  if (!subscriber) return { result: 'invalid' };
  const version = purpose === 'address' ? wishVersion(subscriber) : subscriber.tokenVersion;
  const isCurrent = version === link.version;
  if (purpose !== 'unsubscribe' && !isCurrent) return { result: 'invalid' };
  return { result: 'valid', subscriber, paperId: link.paperId, isCurrent };
}

/** Of the link that agrees to what this subscriber wishes at present; null where they wish no other address. */
export function wishVersion({ tokenVersion, newEmail, newEmailAt }: Subscriber): number | null {
  return newEmail && newEmailAt ? addressVersion({ tokenVersion, newEmail, newEmailAt }) : null;
}
