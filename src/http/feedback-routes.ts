/** "More like this" and "less like this", by the links in a mail and the buttons on its web copy. GET shows, POST records. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Context } from '../context.ts';
import { shortAuthors } from '../mail/words.ts';
import { translatorFor } from '../messages.ts';
import { paperLinks } from '../papers/paper-links.ts';
import {
  type FeedbackLink,
  giveFeedback,
  openFeedbackLink,
  takeBackFeedback,
} from '../subscribers/feedback.ts';
import { asForm, one } from './form.ts';
import { linkProblem } from './link-problem.ts';
import type { PageSite } from './page-site.ts';

interface TokenRoute {
  Params: { token: string };
}

const hidden = { schema: { hide: true } };
const form = { ...hidden, config: { accepts: 'form' as const } };

export function registerFeedback(app: FastifyInstance, ctx: Context, site: PageSite): void {
  for (const asked of ['more', 'less'] as const) {
    app.get<TokenRoute>(`/${asked}/:token`, hidden, async ({ params }, reply) =>
      show(reply, await openFeedbackLink(ctx, params.token, asked), asked, params.token, false),
    );

    app.post<TokenRoute>(`/${asked}/:token`, form, async ({ params, body }, reply) => {
      const given = await giveFeedback(ctx, params.token, asked);
      return back(reply, given, body) ?? show(reply, given, asked, params.token, true);
    });

    app.post<TokenRoute>(`/${asked}/:token/undo`, form, async ({ params, body }, reply) => {
      const undone = await takeBackFeedback(ctx, params.token, asked);
      return back(reply, undone, body) ?? show(reply, undone, asked, params.token, true);
    });
  }

  /** To the digest's web copy, where that is whose button it was; a digest's own token says so, and no address does. */
  function back(reply: FastifyReply, link: FeedbackLink, body: unknown): FastifyReply | null {
    const digest = one(asForm(body), 'digest');
    if (link.result !== 'valid' || digest === undefined) return null;
    if (ctx.links.check(digest, 'digest', ctx.now()).result !== 'valid') return null;
    return reply.redirect(`/digests/${digest}#paper-${link.paper.id}`, 303);
  }

  function show(
    reply: FastifyReply,
    link: FeedbackLink,
    asked: 'more' | 'less',
    token: string,
    justNow: boolean,
  ): FastifyReply {
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    const { subscriber, paper, standing } = link;
    const t = translatorFor(subscriber.language);
    return site.send(reply, t, 'feedback', {
      title: t('feedback.wanted', { asked }),
      paper: {
        title: paper.title,
        authors: shortAuthors(paper.authors),
        abstractUrl: paperLinks({ ...paper, codeUrl: null, openAccessUrl: null }).abstractUrl,
      },
      asked,
      standing,
      justNow,
      active: subscriber.status === 'active',
      actionUrl: `/${asked}/${token}`,
      preferencesUrl: ctx.links.url({
        purpose: 'preferences',
        id: subscriber.id,
        version: subscriber.tokenVersion,
      }),
    });
  }
}
