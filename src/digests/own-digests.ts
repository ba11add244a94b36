/** The digests of one reader: the latest for the feed that their private link opens, and all of them in pages. */
import type { Context } from '../context.ts';
import { listDigestContents } from '../deliveries/digest-content.repo.ts';
import { buildDigestView } from '../mail/digest-view.ts';
import { openLink } from '../subscribers/open-link.ts';
import { getProfile, type Subscriber } from '../subscribers/subscribers.repo.ts';
import type { DigestView } from '../template-views.ts';
import { countDigests, listDigestIds } from './digests.repo.ts';

/** In the feed, and on a page of the history. */
const DIGESTS = 20;

export interface OwnDigest {
  digestId: number;
  composedAt: Date;
  view: DigestView;
}

/** Whose they are, and the digests, newest first. Null where the link is not ours or no longer holds. */
export async function listOwnDigests(
  ctx: Context,
  token: string,
): Promise<{ subscriberId: number; digests: OwnDigest[] } | null> {
  const link = await openLink(ctx, token, 'feed');
  if (link.result !== 'valid') return null;
  return { subscriberId: link.subscriber.id, digests: await listPage(ctx, link.subscriber, 1) };
}

/** One page of all, newest first; the last one for a page that is beyond it. */
export async function listDigestHistory(
  ctx: Context,
  subscriber: Subscriber,
  wanted: number,
): Promise<{ digests: OwnDigest[]; page: number; pages: number }> {
  const pages = Math.max(1, Math.ceil((await countDigests(ctx.db, subscriber.id)) / DIGESTS));
  const page = Math.min(wanted, pages);
  return { digests: await listPage(ctx, subscriber, page), page, pages };
}

async function listPage(ctx: Context, subscriber: Subscriber, page: number): Promise<OwnDigest[]> {
  const { topicNames, keywords } = await getProfile(ctx.db, subscriber.id);
  const ids = await listDigestIds(ctx.db, {
    subscriberId: subscriber.id,
    limit: DIGESTS,
    offset: (page - 1) * DIGESTS,
  });
  const contents = await listDigestContents(ctx.db, ids);
  return ids.flatMap((digestId) => {
    const digest = contents.get(digestId);
    if (!digest) return [];
    const view = buildDigestView(
      { subscriber: { ...subscriber, topicNames, keywords }, digest },
      { links: ctx.links, sender: { ...ctx.config.mail, publicUrl: ctx.config.publicUrl } },
    );
    return [{ digestId, composedAt: digest.composedAt, view }];
  });
}
