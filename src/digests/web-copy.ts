/** The copy of a digest on the web, by the link in its mail. */
import type { Context } from '../context.ts';
import { listDigestContents } from '../deliveries/digest-content.repo.ts';
import { buildDigestView } from '../mail/digest-view.ts';
import { findVerdicts } from '../subscribers/feedback.repo.ts';
import { findSubscriber, getProfile } from '../subscribers/subscribers.repo.ts';
import type { DigestView } from '../template-views.ts';

/** Null where the link is not ours or the digest is gone. */
export async function findWebCopy(ctx: Context, token: string): Promise<DigestView | null> {
  const link = ctx.links.check(token, 'digest', ctx.now());
  if (link.result !== 'valid') return null;
  const digest = (await listDigestContents(ctx.db, [link.id])).get(link.id);
  const subscriber = digest && (await findSubscriber(ctx.db, digest.subscriberId));
  if (!digest || !subscriber) return null;
  // Mails of earlier releases say 0, of before any reader's links could end.
  if ((link.version || 1) !== subscriber.tokenVersion) return null;
  const { topicNames, keywords } = await getProfile(ctx.db, subscriber.id);
  const verdicts = await findVerdicts(
    ctx.db,
    subscriber.id,
    digest.papers.map(({ paper }) => paper.id),
  );
  // Buttons post to where the page came from, which is all that its security policy lets them.
  const here = (url: string | null | undefined) => url?.slice(ctx.config.publicUrl.length) ?? null;
  const view = buildDigestView(
    { subscriber: { ...subscriber, topicNames, keywords }, digest },
    { links: ctx.links, sender: { ...ctx.config.mail, publicUrl: ctx.config.publicUrl } },
  );
  return {
    ...view,
    papers: view.papers.map(({ moreUrl, lessUrl, ...paper }) => ({
      ...paper,
      moreUrl: here(moreUrl),
      lessUrl: here(lessUrl),
      standing: verdicts.get(paper.id) ?? null,
    })),
  };
}
