/** The digest that a profile nobody has saved would bring at this moment, as its reader's first; nothing is stored or sent. */
import type { Context } from '../context.ts';
import { buildDigestView } from '../mail/digest-view.ts';
import { translatorFor } from '../messages.ts';
import { listComparedPapers } from '../papers/liked-papers.repo.ts';
import type { Paper } from '../papers/paper.ts';
import { findLikedPapers } from '../subscribers/feedback.ts';
import type { ProfileDraft } from '../subscribers/subscription-input.ts';
import { getTopicIds } from '../subscribers/topics.ts';
import type { DigestView } from '../template-views.ts';
import { openShownEdition, withCompared } from './edition.ts';
import { selectPapers, withPapers } from './select-papers.ts';

export interface ProfilePreview {
  /** Null where there is nothing worth a mail. Its links all lead to the front page, as there is no reader yet. */
  digest: DigestView | null;
  /** Ids of liked papers that are not known here. */
  notKnown: string[];
}

/** Papers liked by more than their ids, as from a bibliography: those we hold, and those it alone tells of. */
export interface AlsoLiked {
  paperIds: readonly number[];
  others: readonly Paper[];
}

/** Throws AppError `INPUT_INVALID` for an unknown topic. */
export async function previewProfile(
  ctx: Context,
  draft: ProfileDraft,
  also: AlsoLiked = { paperIds: [], others: [] },
): Promise<ProfilePreview> {
  const at = ctx.now();
  const topicIds = await getTopicIds(ctx.db, draft.topics);
  const { paperIds, notKnown } = await findLikedPapers(ctx.db, draft.liked);
  const edition = await openShownEdition(ctx, at);
  // Ids below zero are nobody's.
  const others = also.others.map((paper, nth) => ({ ...paper, id: -1 - nth, trend: null }));
  const likedPaperIds = [...paperIds, ...also.paperIds, ...others.map(({ id }) => id)];
  const compared = await listComparedPapers(
    ctx.db,
    likedPaperIds.filter((id) => id > 0 && !edition.index.ordinals.has(id)),
  );
  const selection = selectPapers(
    withCompared(edition, [...compared, ...others]),
    { ...draft, topicIds, likedPaperIds, dislikedPaperIds: [], lastDigestAt: null },
    new Set(),
    at,
  );
  if (selection.papers.length === 0) return { digest: null, notKnown };
  const topicNames = topicIds.flatMap((id) => edition.topics.get(id)?.name ?? []);
  const { publicUrl, mail } = ctx.config;
  const view = buildDigestView(
    {
      subscriber: { ...draft, id: 0, tokenVersion: 0, topicNames },
      digest: {
        digestId: null,
        edition: 'first',
        composedAt: at,
        ...withPapers(edition, selection),
      },
    },
    { links: { ...ctx.links, url: () => `${publicUrl}/` }, sender: { ...mail, publicUrl } },
  );
  const chosen = [topicIds, draft.keywords, draft.authors, likedPaperIds].some(({ length }) => length > 0);
  return {
    digest: {
      ...view,
      ...(chosen ? {} : { intro: translatorFor(draft.language)('digest.nothingChosen') }),
      papers: view.papers.map((paper) => ({ ...paper, moreUrl: null, lessUrl: null })),
    },
    notKnown,
  };
}
