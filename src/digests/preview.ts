/** The digest that a reader would get at this moment, with what they saved or are about to save; nothing is stored or sent. */
import type { Context } from '../context.ts';
import { buildDigestView } from '../mail/digest-view.ts';
import {
  findSubscriberByEmail,
  getProfile,
  type Subscriber,
  type SubscriberProfile,
} from '../subscribers/subscribers.repo.ts';
import type { Preferences } from '../subscribers/subscription-input.ts';
import { getTopicIds } from '../subscribers/topics.ts';
import type { DigestView, Rendered } from '../template-views.ts';
import { type DueReader, findReader, listSentPapers } from './digests.repo.ts';
import { type Edition, openEditionFor } from './edition.ts';
import { selectPapers, withPapers } from './select-papers.ts';

export type Preview = { result: 'digest'; subject: string; mail: Rendered } | { result: 'quiet' | 'unknown' };

/** `emailKey` is the normalised address. `quiet`: there is nothing worth a mail. */
export async function previewDigest(ctx: Context, emailKey: string): Promise<Preview> {
  const subscriber = await findSubscriberByEmail(ctx.db, emailKey);
  const reader = subscriber && (await findReader(ctx.db, subscriber.id));
  if (!subscriber || !reader) return { result: 'unknown' };
  const edition = await openEditionFor(ctx, ctx.now(), reader.id);
  const view = await compose(ctx, edition, {
    subscriber,
    reader,
    profile: await getProfile(ctx.db, subscriber.id),
  });
  return view
    ? { result: 'digest', subject: view.subject, mail: ctx.templates.digest(view) }
    : { result: 'quiet' };
}

/**
 * As if these choices were saved; what the reader likes, dislikes and got before counts as ever. Null where there is
 * nothing worth a mail. Throws AppError `INPUT_INVALID` for an unknown topic.
 */
export async function previewPreferences(
  ctx: Context,
  subscriber: Subscriber,
  { excludedWords: excluded, ...wishes }: Preferences,
): Promise<DigestView | null> {
  const topicIds = await getTopicIds(ctx.db, wishes.topics);
  const reader = await findReader(ctx.db, subscriber.id);
  if (!reader) return null;
  const edition = await openEditionFor(ctx, ctx.now(), reader.id);
  const { frequency, timezone } = wishes;
  return compose(ctx, edition, {
    subscriber: { ...subscriber, frequency, timezone },
    reader: { ...reader, ...wishes, excluded, topicIds },
    profile: {
      topicNames: topicIds.flatMap((id) => edition.topics.get(id)?.name ?? []),
      keywords: wishes.keywords,
    },
  });
}

async function compose(
  ctx: Context,
  edition: Edition,
  {
    subscriber,
    reader,
    profile: { topicNames, keywords },
  }: {
    subscriber: Subscriber;
    reader: DueReader;
    profile: Pick<SubscriberProfile, 'topicNames' | 'keywords'>;
  },
): Promise<DigestView | null> {
  const at = ctx.now();
  const sent = await listSentPapers(ctx.db, [reader.id], edition.firstPaperId);
  const selection = selectPapers(edition, reader, sent.get(reader.id) ?? new Set(), at);
  if (selection.papers.length === 0) return null;
  return buildDigestView(
    {
      subscriber: { ...subscriber, topicNames, keywords },
      digest: {
        digestId: null,
        edition: reader.lastDigestAt ? 'preview' : 'first',
        composedAt: at,
        ...withPapers(edition, selection),
      },
    },
    { links: ctx.links, sender: { ...ctx.config.mail, publicUrl: ctx.config.publicUrl } },
  );
}
