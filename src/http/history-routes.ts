/** All digests of one reader, reached from their preferences. */
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { listDigestHistory } from '../digests/own-digests.ts';
import { longDate } from '../mail/words.ts';
import { translatorFor } from '../messages.ts';
import { openLink } from '../subscribers/open-link.ts';
import { linkProblem } from './link-problem.ts';
import type { PageSite } from './page-site.ts';
import { addressWith, type Query, queryPage } from './query-values.ts';
import { linkTo } from './reader-links.ts';

/** More than a daily digest fills in a lifetime. */
const MOST_PAGES = 10_000;

interface HistoryRoute {
  Params: { token: string };
  Querystring: Query;
}

export function registerHistory(app: FastifyInstance, ctx: Context, site: PageSite): void {
  app.get<HistoryRoute>(
    '/preferences/:token/digests',
    { schema: { hide: true } },
    async ({ params, query }, reply) => {
      const link = await openLink(ctx, params.token, 'preferences');
      if (link.result !== 'valid') return linkProblem(site, reply, link.result);
      const { subscriber } = link;
      const t = translatorFor(subscriber.language);
      const { digests, page, pages } = await listDigestHistory(ctx, subscriber, queryPage(query, MOST_PAGES));
      const to = (number: number) =>
        number >= 1 && number <= pages
          ? addressWith(`/preferences/${params.token}/digests`, { page: number === 1 ? '' : String(number) })
          : null;
      return site.send(reply, t, 'history', {
        digests: digests.map(({ composedAt, view }) => ({
          date: longDate(composedAt, subscriber.timezone, t),
          subject: view.subject,
          papers: view.papers.length,
          url: view.links.web,
        })),
        place: pages > 1 ? t('pager.place', { page, pages }) : '',
        newerUrl: to(page - 1),
        olderUrl: to(page + 1),
        preferencesUrl: linkTo(ctx, 'preferences', subscriber),
      });
    },
  );
}
