/** The last digests of one reader, for the feed that their private link opens. */
import type { Context } from '../context.ts';
import { listDigestContents } from '../deliveries/digest-content.repo.ts';
import { buildDigestView } from '../mail/digest-view.ts';
import { openLink } from '../subscribers/open-link.ts';
import { getProfile } from '../subscribers/subscribers.repo.ts';
import type { DigestView } from '../template-views.ts';
import { listDigestIds } from './digests.repo.ts';

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
  const { subscriber } = link;
  const { topicNames, keywords } = await getProfile(ctx.db, subscriber.id);
  const ids = await listDigestIds(ctx.db, { subscriberId: subscriber.id, limit: DIGESTS });
  const contents = await listDigestContents(ctx.db, ids);
  const digests = ids.flatMap((digestId) => {
    const digest = contents.get(digestId);
    if (!digest) return [];
    const view = buildDigestView(
      { subscriber: { ...subscriber, topicNames, keywords }, digest },
      { links: ctx.links, sender: { ...ctx.config.mail, publicUrl: ctx.config.publicUrl } },
    );
    return [{ digestId, composedAt: digest.composedAt, view }];
  });
  return { subscriberId: subscriber.id, digests };
}
