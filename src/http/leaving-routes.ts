/** Leaving, by the link in every mail: at once, with a way back, with less mail instead, and a word on why for who likes. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { frequencySentence, rhythmWords } from '../mail/words.ts';
import { type Translate, translatorFor } from '../messages.ts';
import { giveLeaveReason } from '../subscribers/leave-reason.ts';
import {
  FEWER_PAPERS,
  type LessMail,
  lessMailFor,
  readLessMail,
  weeklyInstead,
} from '../subscribers/less-mail.ts';
import { canReturn, findMailState } from '../subscribers/mail-state.ts';
import { openLink } from '../subscribers/open-link.ts';
import type { Subscriber } from '../subscribers/subscribers.repo.ts';
import { resubscribe, unsubscribe } from '../subscribers/unsubscribe.ts';
import type { FieldError } from '../template-views.ts';
import { asForm, one } from './form.ts';
import { linkProblem } from './link-problem.ts';
import { nextDigest } from './next-digest.ts';
import { translatorOf } from './page-language.ts';
import type { PageSite } from './page-site.ts';
import { pausedWords } from './paused-words.ts';
import { linkTo } from './reader-links.ts';

interface TokenRoute {
  Params: { token: string };
}

const hidden = { schema: { hide: true } };
const form = { ...hidden, config: { accepts: 'form' as const } };

export function registerLeaving(app: FastifyInstance, ctx: Context, site: PageSite): void {
  app.get<TokenRoute>('/unsubscribe/:token', hidden, async (request, reply) => {
    const { params } = request;
    const link = await openLink(ctx, params.token, 'unsubscribe');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    const { subscriber, isCurrent } = link;
    if (subscriber.status === 'unsubscribed') return sendLeft(reply, subscriber, isCurrent && params.token);
    // Of a link that has ended, which tells nothing of its reader.
    const t = isCurrent ? translatorFor(subscriber.language) : translatorOf(request);
    return site.send(reply, t, 'unsubscribe', {
      actionUrl: `/unsubscribe/${params.token}`,
      email: isCurrent ? subscriber.email : null,
      pauseUrl: isCurrent ? linkTo(ctx, 'pause', subscriber) : null,
    });
  });

  // Mail programs post `List-Unsubscribe=One-Click` here (RFC 8058), people press the button: both are answered at once.
  app.register(async (scope) => {
    scope.removeContentTypeParser('application/json');
    // RFC 8058 allows a multipart form. It only tells how they leave, so it is searched, not parsed.
    scope.addContentTypeParser(
      'multipart/form-data',
      { parseAs: 'string' },
      async (_request: FastifyRequest, text: string) =>
        text.includes('One-Click') ? { 'List-Unsubscribe': 'One-Click' } : {},
    );
    scope.post<TokenRoute>('/unsubscribe/:token', hidden, async ({ params, body }, reply) => {
      const oneClick = one(asForm(body), 'List-Unsubscribe') === 'One-Click';
      const left = await unsubscribe(ctx, params.token, oneClick ? 'one_click' : 'link');
      if (left.result === 'invalid') return linkProblem(site, reply, 'invalid');
      return sendLeft(reply, left.subscriber, left.isCurrent && params.token);
    });
  });

  app.post<TokenRoute>('/unsubscribe/:token/undo', form, async ({ params }, reply) => {
    const back = await resubscribe(ctx, params.token);
    return back.result === 'invalid' ? linkProblem(site, reply, 'invalid') : sendBack(reply, back.subscriber);
  });

  app.post<TokenRoute>('/unsubscribe/:token/instead', form, async ({ params, body }, reply) => {
    const wish = readLessMail(one(asForm(body), 'change'));
    const back = await resubscribe(ctx, params.token, wish);
    return back.result === 'invalid'
      ? linkProblem(site, reply, 'invalid')
      : sendBack(reply, back.subscriber, wish);
  });

  app.post<TokenRoute>('/unsubscribe/:token/reason', form, async ({ params, body }, reply) => {
    const given = await giveLeaveReason(ctx, params.token, one(asForm(body), 'reason'));
    switch (given.result) {
      case 'invalid':
        return linkProblem(site, reply, 'invalid');
      case 'not_left':
        return sendBack(reply, given.subscriber);
      case 'none_chosen': {
        const t = translatorFor(given.subscriber.language);
        const errors = [{ field: 'reason', message: t('unsubscribed.choose') }];
        return sendLeft(reply.code(400), given.subscriber, params.token, { errors });
      }
      case 'saved':
        return sendLeft(reply, given.subscriber, params.token, { thanked: true });
    }
  });

  /** `token` false: of a link that has ended, which leaves and does nothing else. */
  async function sendLeft(
    reply: FastifyReply,
    subscriber: Subscriber,
    token: string | false,
    { errors = [], thanked = false }: { errors?: FieldError[]; thanked?: boolean } = {},
  ): Promise<FastifyReply> {
    const mayReturn = token !== false && canReturn(subscriber, await findMailState(ctx, subscriber));
    const t = token === false ? translatorOf(reply.request) : translatorFor(subscriber.language);
    return site.send(reply, t, 'unsubscribed', {
      actionUrl: token === false ? null : `/unsubscribe/${token}`,
      canReturn: mayReturn,
      instead: mayReturn
        ? lessMailFor(subscriber, ctx.now()).map((value) => ({ value, label: offer(value, subscriber, t) }))
        : [],
      // Someone whose address a stranger typed has nothing to explain.
      asksReason: token !== false && subscriber.confirmedAt !== null,
      reason: subscriber.leaveReason,
      thanked,
      errors,
    });
  }

  function sendBack(reply: FastifyReply, subscriber: Subscriber, wish?: LessMail): FastifyReply {
    const now = ctx.now();
    const t = translatorFor(subscriber.language);
    return site.send(reply, t, 'confirmed', {
      nextDigest: [wish && changed(wish, subscriber, now, t), nextDigest(subscriber, now, t)]
        .filter(Boolean)
        .join(' '),
      preferencesUrl: linkTo(ctx, 'preferences', subscriber),
    });
  }
}

function offer(wish: LessMail, subscriber: Subscriber, t: Translate): string {
  switch (wish) {
    case 'weekly':
      // Not the hour, which stays as it is.
      return t('less.weekly', { rhythm: rhythmWords({ ...subscriber, ...weeklyInstead(subscriber) }, t) });
    case 'fewer':
      return t('less.fewer', { n: FEWER_PAPERS });
    case 'month':
      return t('less.month');
  }
}

/** Told from how things stand now, which is right the second time too. */
function changed(wish: LessMail, subscriber: Subscriber, now: Date, t: Translate): string | null {
  switch (wish) {
    case 'weekly':
      return t('less.nowWeekly', { frequency: frequencySentence(subscriber, t) });
    case 'fewer':
      return t('less.nowFewer', { n: subscriber.paperCount });
    case 'month': {
      const paused = pausedWords(subscriber, now, t);
      return paused && t('pause.itIs', { paused });
    }
  }
}
