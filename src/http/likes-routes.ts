/** The part of the preference page about papers: adding those one likes, by id or as a bibliography, and taking back. */
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import { type Translate, translatorFor } from '../messages.ts';
import { splitMentions } from '../papers/paper-mentions.ts';
import { type AddedLikes, addLikes, forgetVerdicts, MAX_JUDGED } from '../subscribers/feedback.ts';
import { findMailState } from '../subscribers/mail-state.ts';
import { openLink } from '../subscribers/open-link.ts';
import type { Subscriber } from '../subscribers/subscribers.repo.ts';
import type { FeedbackNotice } from '../template-views.ts';
import { asForm, type FormBody, one } from './form.ts';
import { linkProblem } from './link-problem.ts';
import type { PageSite } from './page-site.ts';
import { pausedWords } from './paused-words.ts';
import { loadPreferencesPage } from './preferences-page.ts';
import type { RequestLimit } from './request-limit.ts';
import { readUpload, withUploads } from './upload.ts';

interface TokenRoute {
  Params: { token: string };
}

/** Of ids in one sentence; all of them stand in the box again. */
const NAMED = 10;

export function registerLikes(
  app: FastifyInstance,
  ctx: Context,
  site: PageSite,
  uploadLimit: RequestLimit,
): void {
  app.post<TokenRoute>(
    '/preferences/:token/forget',
    { schema: { hide: true }, config: { accepts: 'form' } },
    async ({ params, body }, reply) => {
      const link = await openLink(ctx, params.token, 'preferences');
      if (link.result !== 'valid') return linkProblem(site, reply, link.result);
      const count = await forgetVerdicts(ctx, link.subscriber, readForgotten(asForm(body)));
      const t = translatorFor(link.subscriber.language);
      const sentence = t('likes.takenBack', { n: count });
      const feedbackNotice = { sentences: [sentence], problem: false, undo: null, typed: '' };
      return site.send(
        reply,
        t,
        'preferences',
        await loadPreferencesPage(ctx, link.subscriber, params.token, { feedbackNotice }),
      );
    },
  );

  withUploads(app, (scope) => {
    scope.post<TokenRoute>(
      '/preferences/:token/like',
      { schema: { hide: true }, config: { accepts: 'upload' } },
      async (request, reply) => {
        const { token } = request.params;
        const link = await openLink(ctx, token, 'preferences');
        if (link.result !== 'valid') return linkProblem(site, reply, link.result);
        const { body, file, fault } = await readUpload(request);
        if (file) await uploadLimit(request);
        const text = one(body, 'liked') ?? '';
        const entries = splitMentions(text);
        const t = translatorFor(link.subscriber.language);
        const problem = fault ?? (entries.length === 0 && file === null ? 'likes.nothingGiven' : null);
        const feedbackNotice = problem
          ? { sentences: [t(problem)], problem: true, undo: null, typed: text }
          : describe(
              await addLikes(ctx, link.subscriber, { entries, file: file?.bytes ?? null }),
              file !== null,
              await whenItLeans(link.subscriber, t),
              t,
            );
        return site.send(
          reply.code(problem ? 400 : 200),
          t,
          'preferences',
          await loadPreferencesPage(ctx, link.subscriber, token, { feedbackNotice }),
        );
      },
    );
  });

  /** Which digest the likes show in. Why none comes stands on the page already. */
  async function whenItLeans(subscriber: Subscriber, t: Translate): Promise<string> {
    const state = await findMailState(ctx, subscriber);
    const paused = pausedWords(subscriber, ctx.now(), t);
    if (state === 'paused' && paused) return t('likes.leansAfter', { paused });
    return t(state === 'flowing' ? 'likes.leans' : 'likes.leansLater');
  }
}

/** One paper, or all that were added at one moment. Throws AppError `INPUT_INVALID`. */
function readForgotten(body: FormBody): Parameters<typeof forgetVerdicts>[2] {
  const paper = one(body, 'paper');
  if (paper !== undefined && /^\d{1,15}$/.test(paper)) return { paperId: Number(paper) };
  const givenAt = new Date(one(body, 'givenAt') ?? '');
  if (!Number.isNaN(givenAt.getTime())) return { givenAt };
  throw new AppError('INPUT_INVALID', 'paper must be the number of a paper.', { field: 'paper' });
}

function describe(result: AddedLikes, withFile: boolean, leans: string, t: Translate): FeedbackNotice {
  const { at, added, already, notKnown, unreadable, skipped, leftOut } = result;
  const counts = [
    t('likes.added', { n: added }),
    ...(already > 0 ? [t('likes.already', { n: already })] : []),
    ...(notKnown.length > 0 ? [t('likes.notKnown', { n: notKnown.length, ids: list(notKnown, t) })] : []),
    ...(unreadable.length > 0
      ? [t('likes.unreadable', { n: unreadable.length, entries: list(unreadable, t) })]
      : []),
  ];
  const left = notKnown.length + unreadable.length > 0;
  return {
    sentences: [
      `${counts.join(', ')}.`,
      ...(added > 0 ? [leans] : []),
      ...(left ? [t('likes.left')] : []),
      ...(skipped > 0 ? [t('likes.skipped', { n: skipped })] : []),
      ...(withFile && added + already + skipped + leftOut === 0 ? [t('likes.emptyFile')] : []),
      ...(leftOut > 0 ? [t('likes.leftOut', { n: leftOut, most: MAX_JUDGED })] : []),
    ],
    problem: left || added + already === 0,
    undo: added > 0 ? at.toISOString() : null,
    typed: [...notKnown, ...unreadable].join('\n'),
  };
}

function list(names: readonly string[], t: Translate): string {
  const more = names.length - NAMED;
  const shown = names.slice(0, NAMED).map((name) => (name.length > 60 ? `${name.slice(0, 60)}…` : name));
  const named = shown.join(', ');
  return more > 0 ? t('likes.andMore', { named, n: more }) : named;
}
