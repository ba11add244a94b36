/** The digest someone would get at this moment; nothing is stored or sent. */
import type { Context } from '../context.ts';
import { buildDigestView } from '../mail/digest-view.ts';
import { findSubscriberByEmail, getProfile } from '../subscribers/subscribers.repo.ts';
import type { Rendered } from '../template-views.ts';
import { findReader, listSentPapers } from './digests.repo.ts';
import { openEditionFor } from './edition.ts';
import { selectPapers } from './select-papers.ts';

export type Preview = { result: 'digest'; subject: string; mail: Rendered } | { result: 'quiet' | 'unknown' };

/** `emailKey` is the normalised address. `quiet`: there is nothing worth a mail. */
export async function previewDigest(ctx: Context, emailKey: string): Promise<Preview> {
  const at = ctx.now();
  const subscriber = await findSubscriberByEmail(ctx.db, emailKey);
  const reader = subscriber && (await findReader(ctx.db, subscriber.id));
  if (!subscriber || !reader) return { result: 'unknown' };
  const edition = await openEditionFor(ctx, at, reader.id);
  const sent = await listSentPapers(ctx.db, [reader.id], edition.firstPaperId);
  const { papers, filled } = selectPapers(edition, reader, sent.get(reader.id) ?? new Set(), at);
  if (papers.length === 0) return { result: 'quiet' };
  const { topicNames, keywords } = await getProfile(ctx.db, subscriber.id);
  const view = buildDigestView(
    {
      subscriber: { ...subscriber, topicNames, keywords },
      digest: {
        digestId: null,
        edition: reader.lastDigestAt ? 'preview' : 'first',
        composedAt: at,
        filled,
        papers: papers.flatMap(({ paperId, reasons }) => {
          const paper = edition.papers.get(paperId);
          return paper ? [{ ...paper, reasons }] : [];
        }),
      },
    },
    { links: ctx.links, sender: { ...ctx.config.mail, publicUrl: ctx.config.publicUrl } },
  );
  return { result: 'digest', subject: view.subject, mail: ctx.templates.digest(view) };
}
