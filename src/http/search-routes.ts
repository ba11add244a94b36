/** The search over all papers. */
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import type { Translate } from '../messages.ts';
import { paperUrl } from '../papers/paper-links.ts';
import { MOST_PAGES, PAPERS_A_PAGE, searchPapers } from '../papers/search-papers.ts';
import type { SearchPage } from '../template-views.ts';
import { toListedPaper } from './listed-paper.ts';
import { translatorOf } from './page-language.ts';
import type { PageSite } from './page-site.ts';
import { addressWith, type Query, queryPage, queryText } from './query-values.ts';
import type { RequestLimit } from './request-limit.ts';

export function registerSearch(
  app: FastifyInstance,
  ctx: Context,
  site: PageSite,
  limit: RequestLimit,
): void {
  app.get<{ Querystring: Query }>('/search', { schema: { hide: true } }, async (request, reply) => {
    const t = translatorOf(request);
    const asked = readSearchQuery(request.query);
    const { q, newestFirst, page } = asked;
    // What people look for is nobody else's, and its pages are without end.
    const view = { q, noindex: true, title: q ? t('search.tab', { q }) : t('search.title') };
    const forms = t('search.forms');
    if (q === '') return site.send(reply, t, 'search', { ...view, found: null, advice: forms });
    await limit(request);
    const answer = await searchPapers(ctx, asked);
    switch (answer.result) {
      case 'paper':
        return reply.header('cache-control', 'no-store').redirect(paperUrl(answer.paper), 303);
      case 'nothing_asked':
        return site.send(reply, t, 'search', {
          ...view,
          found: null,
          advice: `${t('search.nothingAsked')} ${forms}`,
        });
      case 'found': {
        const { papers, count, isMore } = answer;
        const pages = Math.min(MOST_PAGES, Math.ceil(count / PAPERS_A_PAGE));
        const sort = newestFirst ? 'newest' : '';
        const to = (number: number) =>
          number >= 1 && number <= pages
            ? addressWith('/search', { q, sort, page: number === 1 ? '' : String(number) })
            : null;
        return site.send(reply, t, 'search', {
          ...view,
          found: {
            papers: papers.map((paper) => toListedPaper({ paper, reasons: [] }, t)),
            count: countWords(count, isMore, t),
            tabs: [
              { label: t('search.best'), url: addressWith('/search', { q }), current: !newestFirst },
              {
                label: t('search.newest'),
                url: addressWith('/search', { q, sort: 'newest' }),
                current: newestFirst,
              },
            ],
            place: pages > 1 ? t('pager.place', { page, pages }) : '',
            previousUrl: to(Math.min(page - 1, pages)),
            nextUrl: to(page + 1),
          } satisfies SearchPage['found'],
          advice: count === 0 ? `${t('search.nothingFound')} ${forms}` : '',
        });
      }
    }
  });
}

/** From an address to what the search takes; `q` is "" where nothing was typed. */
export function readSearchQuery(query: Query): { q: string; newestFirst: boolean; page: number } {
  return {
    q: queryText(query, 'q'),
    newestFirst: queryText(query, 'sort') === 'newest',
    page: queryPage(query, MOST_PAGES),
  };
}

function countWords(n: number, isMore: boolean, t: Translate): string {
  return isMore ? t('search.more', { n }) : t('search.count', { n });
}
