/** What readers reach by the links in their mails to begin and to read. GET shows, POST acts; a link is all the login there is. */
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { findWebCopy } from '../digests/web-copy.ts';
import { frequencySentence } from '../mail/words.ts';
import { translatorFor } from '../messages.ts';
import { confirm } from '../subscribers/confirm.ts';
import { openLink } from '../subscribers/open-link.ts';
import { loadProfile } from '../subscribers/profile.ts';
import { linkProblem } from './link-problem.ts';
import { nextDigest } from './next-digest.ts';
import type { PageSite } from './page-site.ts';
import { linkTo } from './reader-links.ts';

interface TokenRoute {
  Params: { token: string };
}

const hidden = { schema: { hide: true } };
const form = { ...hidden, config: { accepts: 'form' as const } };

export function registerReader(app: FastifyInstance, ctx: Context, site: PageSite): void {
  app.get<TokenRoute>('/confirm/:token', hidden, async ({ params }, reply) => {
    const link = await openLink(ctx, params.token, 'confirm');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    const t = translatorFor(link.subscriber.language);
    const { topicNames, keywords } = await loadProfile(ctx, link.subscriber);
    return site.send(reply, t, 'confirm', {
      actionUrl: `/confirm/${params.token}`,
      topics: [...topicNames, ...keywords],
      frequencySentence: frequencySentence(link.subscriber, t),
    });
  });

  app.post<TokenRoute>('/confirm/:token', form, async ({ params }, reply) => {
    const confirmed = await confirm(ctx, params.token);
    switch (confirmed.result) {
      case 'expired':
      case 'invalid':
        return linkProblem(site, reply, confirmed.result);
      case 'confirmed':
      case 'already_confirmed': {
        const { result, subscriber } = confirmed;
        const t = translatorFor(subscriber.language);
        return site.send(reply, t, 'confirmed', {
          nextDigest:
            result === 'confirmed'
              ? t('confirmed.first', { frequency: frequencySentence(subscriber, t) })
              : nextDigest(subscriber, ctx.now(), t),
          preferencesUrl: linkTo(ctx, 'preferences', subscriber),
        });
      }
    }
  });

  app.get<TokenRoute>('/digests/:token', hidden, async ({ params }, reply) => {
    const digest = await findWebCopy(ctx, params.token);
    if (!digest) return linkProblem(site, reply, 'invalid');
    return site.send(reply, translatorFor(digest.language), 'digest', { digest, token: params.token });
  });
}
