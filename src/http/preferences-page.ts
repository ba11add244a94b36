/** What the preference page shows, whichever of its forms was sent. */
import type { Context } from '../context.ts';
import { translatorFor } from '../messages.ts';
import { paperLinks } from '../papers/paper-links.ts';
import { loadJudgements } from '../subscribers/feedback.ts';
import { canReturn, findMailState } from '../subscribers/mail-state.ts';
import { loadProfile } from '../subscribers/profile.ts';
import type { Subscriber } from '../subscribers/subscribers.repo.ts';
import { listTopicGroups } from '../subscribers/topics.ts';
import type {
  DigestPreview,
  FeedbackNotice,
  FieldError,
  JudgedPaper,
  PreferencesPage,
  PreferenceValues,
} from '../template-views.ts';
import { accountState, type RefusedAddress } from './account-state.ts';
import { languages } from './languages.ts';
import { outlookOf, whyNoDigest } from './next-digest.ts';
import { pausedWords } from './paused-words.ts';
import { linkTo, resubscribePath } from './reader-links.ts';
import { timezones } from './timezones.ts';

export interface PreferencesOutcome {
  /** What was typed; what is stored where left out. */
  values?: PreferenceValues;
  errors?: FieldError[];
  saved?: boolean;
  feedbackNotice?: FeedbackNotice;
  preview?: DigestPreview;
  /** A new address that was not taken. */
  refused?: RefusedAddress;
}

export async function loadPreferencesPage(
  ctx: Context,
  subscriber: Subscriber,
  token: string,
  { values, errors = [], saved = false, feedbackNotice, preview, refused }: PreferencesOutcome = {},
): Promise<Omit<PreferencesPage, 'site' | 'language'>> {
  const t = translatorFor(subscriber.language);
  const state = await findMailState(ctx, subscriber);
  const { liked, disliked, count } = await loadJudgements(ctx, subscriber);
  return {
    actionUrl: `/preferences/${token}`,
    email: subscriber.email,
    values: values ?? (await loadPreferenceValues(ctx, subscriber)),
    errors,
    saved: saved ? outlookOf(subscriber, state, ctx.now(), t) : null,
    noDigest: whyNoDigest(state, t),
    resubscribeUrl: canReturn(subscriber, state) ? resubscribePath(ctx, subscriber) : null,
    topicGroups: await listTopicGroups(ctx.db),
    timezones,
    languages,
    paused: pausedWords(subscriber, ctx.now(), t),
    pauseUrl: linkTo(ctx, 'pause', subscriber),
    unsubscribeUrl: linkTo(ctx, 'unsubscribe', subscriber),
    historyUrl: `/preferences/${token}/digests`,
    feedUrl: `${linkTo(ctx, 'feed', subscriber)}.xml`,
    judged: {
      liked: liked.map(toJudgedPaper),
      disliked: disliked.map(toJudgedPaper),
      unlisted: count - liked.length - disliked.length,
    },
    feedbackNotice: feedbackNotice ?? null,
    preview: preview ?? null,
    account: accountState(subscriber, ctx.now(), t, refused),
  };
}

/** The choices as they are stored. */
export async function loadPreferenceValues(ctx: Context, subscriber: Subscriber): Promise<PreferenceValues> {
  const profile = await loadProfile(ctx, subscriber);
  return {
    topics: profile.topicSlugs,
    keywords: profile.keywords.join(', '),
    excludedWords: profile.excluded.join(', '),
    authors: profile.authors.join(', '),
    frequency: subscriber.frequency,
    weekday: subscriber.frequency === 'weekly' ? (subscriber.weekdays[0] ?? 1) : 1,
    weekdays: subscriber.frequency === 'daily' ? subscriber.weekdays : [0, 1, 2, 3, 4, 5, 6],
    hour: subscriber.hour,
    timezone: subscriber.timezone,
    paperCount: subscriber.paperCount,
    pickiness: subscriber.pickiness,
    language: subscriber.language,
  };
}

function toJudgedPaper(paper: {
  paperId: number;
  title: string;
  arxivId: string | null;
  url: string | null;
}): JudgedPaper {
  const { abstractUrl } = paperLinks({ ...paper, codeUrl: null, openAccessUrl: null });
  return { id: paper.paperId, title: paper.title, abstractUrl };
}
