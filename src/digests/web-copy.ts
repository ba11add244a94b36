/** The copy of a digest on the web, by the link in its mail. */
import type { Context } from '../context.ts';
import { listDigestContents } from '../deliveries/digest-content.repo.ts';
import { buildDigestView } from '../mail/digest-view.ts';
import { findSubscriber, getProfile } from '../subscribers/subscribers.repo.ts';
import type { DigestView } from '../template-views.ts';

/** Null where the link is not ours or the digest is gone. */
export async function findWebCopy(ctx: Context, token: string): Promise<DigestView | null> {
  const link = ctx.links.check(token, 'digest', ctx.now());
  if (link.result !== 'valid') return null;
  const digest = (await listDigestContents(ctx.db, [link.id])).get(link.id);
  const subscriber = digest && (await findSubscriber(ctx.db, digest.subscriberId));
  if (!digest || !subscriber) return null;
  const { topicNames, keywords } = await getProfile(ctx.db, subscriber.id);
  return buildDigestView(
    { subscriber: { ...subscriber, topicNames, keywords }, digest },
    { links: ctx.links, sender: { ...ctx.config.mail, publicUrl: ctx.config.publicUrl } },
  );
}
