/** From a signed link to the subscriber it stands for. */
import type { Context } from '../context.ts';
import type { LinkPurpose } from '../mail/links.ts';
import { findSubscriber, type Subscriber } from './subscribers.repo.ts';

export type OpenedLink =
  | { result: 'valid'; subscriber: Subscriber; paperId: number | undefined }
  | { result: 'expired' | 'invalid' };

/** Unsubscribe links work for ever; the others end when the subscriber's `tokenVersion` is raised. */
export async function openLink(ctx: Context, token: string, purpose: LinkPurpose): Promise<OpenedLink> {
  const link = ctx.links.check(token, purpose, ctx.now());
  if (link.result !== 'valid') return link;
  const subscriber = await findSubscriber(ctx.db, link.id);
  if (!subscriber) return { result: 'invalid' };
  if (purpose !== 'unsubscribe' && subscriber.tokenVersion !== link.version) return { result: 'invalid' };
  return { result: 'valid', subscriber, paperId: link.paperId };
}
