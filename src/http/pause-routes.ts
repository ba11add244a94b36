/** Pausing, and getting digests less often, by the link in every mail. GET shows, POST acts. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import { frequencySentence, plainDate } from '../mail/words.ts';
import { translatorFor } from '../messages.ts';
import { readDailyRhythm, weeklyInstead } from '../subscribers/less-mail.ts';
import { canReturn, findMailState } from '../subscribers/mail-state.ts';
import { openLink } from '../subscribers/open-link.ts';
import { pauseDates, readPauseEnd } from '../subscribers/pause-end.ts';
import { changeRhythm, pause, resume } from '../subscribers/preferences.ts';
import type { Subscriber } from '../subscribers/subscribers.repo.ts';
import type { FieldError } from '../template-views.ts';
import { asForm, commaSeparated, one } from './form.ts';
import { linkProblem } from './link-problem.ts';
import { nextDigest, whyNoDigest } from './next-digest.ts';
import type { PageSite } from './page-site.ts';
import { pausedWords } from './paused-words.ts';
import { linkTo, resubscribePath } from './reader-links.ts';

interface TokenRoute {
  Params: { token: string };
}

interface Outcome {
  /** What was just done, as a whole sentence. */
  done?: string;
  /** The days of the daily digest that was given up. */
  formerDays?: number[];
  date?: string;
  errors?: FieldError[];
}

const hidden = { schema: { hide: true } };
const form = { ...hidden, config: { accepts: 'form' as const } };

export function registerPause(app: FastifyInstance, ctx: Context, site: PageSite): void {
  app.get<TokenRoute>('/pause/:token', hidden, async ({ params }, reply) => {
    const link = await openLink(ctx, params.token, 'pause');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    return send(reply, link.subscriber, params.token);
  });

  app.post<TokenRoute>('/pause/:token', form, async ({ params, body: raw }, reply) => {
    const link = await openLink(ctx, params.token, 'pause');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    const body = asForm(raw);
    const typed = { until: one(body, 'until'), date: one(body, 'date') };
    const t = translatorFor(link.subscriber.language);
    let until: Date | null;
    try {
      until = readPauseEnd(typed, link.subscriber.timezone, ctx.now());
    } catch (error) {
      if (!(error instanceof AppError) || error.field !== 'date') throw error;
      const { first, last } = pauseDates(link.subscriber.timezone, ctx.now());
      const inWords = (date: string) => plainDate(new Date(date), 'UTC', t);
      const message = t('pause.chooseDate', { first: inWords(first), last: inWords(last) });
      const errors = [{ field: error.field, message }];
      return send(reply.code(400), link.subscriber, params.token, { date: typed.date, errors });
    }
    if (until) return send(reply, await pause(ctx, link.subscriber, until), params.token);
    return send(reply, await resume(ctx, link.subscriber), params.token, { done: t('pause.goesOn') });
  });

  app.post<TokenRoute>('/pause/:token/weekly', form, async ({ params }, reply) => {
    const link = await openLink(ctx, params.token, 'pause');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    const rhythm = weeklyInstead(link.subscriber);
    const changed = rhythm ? await changeRhythm(ctx, link.subscriber, rhythm) : link.subscriber;
    const t = translatorFor(changed.language);
    return send(reply, changed, params.token, {
      done: t('pause.nowWeekly', { frequency: frequencySentence(changed, t) }),
      formerDays: rhythm ? link.subscriber.weekdays : [],
    });
  });

  app.post<TokenRoute>('/pause/:token/daily', form, async ({ params, body }, reply) => {
    const link = await openLink(ctx, params.token, 'pause');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    const rhythm = readDailyRhythm(commaSeparated(one(asForm(body), 'weekdays')));
    const changed = await changeRhythm(ctx, link.subscriber, rhythm);
    const t = translatorFor(changed.language);
    return send(reply, changed, params.token, {
      done: t('pause.dailyAgain', { frequency: frequencySentence(changed, t) }),
    });
  });

  async function send(
    reply: FastifyReply,
    subscriber: Subscriber,
    token: string,
    { done, formerDays = [], date = '', errors = [] }: Outcome = {},
  ): Promise<FastifyReply> {
    const now = ctx.now();
    const t = translatorFor(subscriber.language);
    const state = await findMailState(ctx, subscriber);
    const weekly = weeklyInstead(subscriber);
    return site.send(reply, t, 'pause', {
      actionUrl: `/pause/${token}`,
      noDigest: whyNoDigest(state, t),
      resubscribeUrl: canReturn(subscriber, state) ? resubscribePath(ctx, subscriber) : null,
      paused: pausedWords(subscriber, now, t),
      nextDigest: subscriber.nextDueAt ? nextDigest(subscriber, now, t) : null,
      done: done ?? null,
      formerDays,
      weekly: weekly && frequencySentence({ ...subscriber, ...weekly }, t),
      dates: pauseDates(subscriber.timezone, now),
      values: { date },
      errors,
      preferencesUrl: linkTo(ctx, 'preferences', subscriber),
    });
  }
}
