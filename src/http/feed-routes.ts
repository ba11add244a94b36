/** Feeds: what is trending, what is new on a topic, and a reader's own digests by a private address. */
import { escapeUTF8 } from 'entities';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Context } from '../context.ts';
import { listTrendingDays, type ToldPaper } from '../digests/list-trending.ts';
import { listOwnDigests, type OwnDigest } from '../digests/own-digests.ts';
import { shorten } from '../mail/words.ts';
import { translatorFor } from '../messages.ts';
import { paperLinks, paperUrl } from '../papers/paper-links.ts';
import type { StoredPaper } from '../papers/papers.repo.ts';
import {
  FEED_FORMATS,
  FEED_TYPES,
  type FeedDocument,
  type FeedFormat,
  type FeedItem,
  writeFeed,
} from './feed-document.ts';
import { linkProblem } from './link-problem.ts';
import type { PageSite } from './page-site.ts';
import { SHARED, sendCacheable } from './send-cacheable.ts';
import { getTopicPapers, WEEK_DAYS } from './topic-routes.ts';

const hidden = { schema: { hide: true } };
const AUTHORS = 20;

export function registerFeeds(app: FastifyInstance, ctx: Context, site: PageSite): void {
  const { publicUrl } = ctx.config;
  const tag = (what: string) => `tag:${new URL(publicUrl).hostname},2026:${what}`;

  for (const format of FEED_FORMATS) {
    app.get(`/feed.${format}`, hidden, async (_request, reply) => {
      const days = await listTrendingDays(ctx);
      return sendPapers(
        reply,
        format,
        {
          id: tag('trending'),
          title: 'Paperboy: trending papers',
          description: 'The papers that readers look at now, by the day they were listed.',
          pageUrl: `${publicUrl}/`,
          feedUrl: `${publicUrl}/feed.${format}`,
        },
        days.flatMap(({ papers }) => papers),
      );
    });

    app.get<{ Params: { slug: string } }>(
      `/topics/:slug/feed.${format}`,
      hidden,
      async ({ params }, reply) => {
        const { topic, papers } = await getTopicPapers(ctx, params.slug, WEEK_DAYS);
        const pageUrl = `${publicUrl}/topics/${topic.slug}`;
        return sendPapers(
          reply,
          format,
          {
            id: tag(`topic/${topic.slug}`),
            title: `Paperboy: ${topic.name}`,
            description: topic.description,
            pageUrl,
            feedUrl: `${pageUrl}/feed.${format}`,
          },
          papers,
        );
      },
    );
  }

  // Tokens hold dots, so the form is taken off their end here.
  app.get<{ Params: { file: string } }>('/digests/feed/:file', hidden, async ({ params }, reply) => {
    const [, token, format] = /^(.+)\.(xml|atom|json)$/.exec(params.file) ?? [];
    const own = token ? await listOwnDigests(ctx, token) : null;
    if (!own) return linkProblem(site, reply, 'invalid');
    const document = {
      id: tag(`reader/${own.subscriberId}`),
      title: 'Paperboy: your digests',
      description: 'The digests that were made for you.',
      pageUrl: `${publicUrl}/`,
      feedUrl: `${publicUrl}/digests/feed/${params.file}`,
      items: own.digests.map((digest) => toDigestItem(digest, tag)),
    };
    reply.header('x-robots-tag', 'noindex');
    return sendFeed(reply, format as FeedFormat, document, own.digests[0]?.composedAt ?? null, 'no-store');
  });

  function sendPapers(
    reply: FastifyReply,
    format: FeedFormat,
    about: Omit<FeedDocument, 'items'>,
    told: readonly ToldPaper[],
  ): FastifyReply {
    const papers = told.map(({ paper }) => paper).sort((a, b) => b.newsAt.getTime() - a.newsAt.getTime());
    const items = papers.map((paper) => toPaperItem(paper, publicUrl, tag));
    // New counts may bring other papers, whose own time is long past.
    const times = papers.flatMap(({ newsAt, trend }) => [newsAt, trend?.observedAt ?? newsAt]);
    const changedAt = times.length > 0 ? new Date(Math.max(...times.map(Number))) : null;
    return sendFeed(reply, format, { ...about, items }, changedAt, SHARED);
  }
}

function sendFeed(
  reply: FastifyReply,
  format: FeedFormat,
  document: FeedDocument,
  modifiedAt: Date | null,
  cacheControl: string,
): FastifyReply {
  reply.type(FEED_TYPES[format]);
  return sendCacheable(reply, writeFeed(document, format), { cacheControl, modifiedAt });
}

/** Without its votes, which change all day and would make every item look new. */
function toPaperItem(paper: StoredPaper, publicUrl: string, tag: (what: string) => string): FeedItem {
  const { abstractUrl, pdfUrl, codeUrl } = paperLinks(paper);
  return {
    id: tag(`paper/${paper.id}`),
    url: publicUrl + paperUrl(paper),
    title: paper.title,
    at: paper.newsAt,
    authors: paper.authors.slice(0, AUTHORS),
    categories: paper.categories,
    html: [
      `<p>${escapeUTF8(shorten(paper.authors.join(', '), 500))}</p>`,
      `<p>${escapeUTF8(paper.abstract)}</p>`,
      `<p>${links({ Abstract: abstractUrl, PDF: pdfUrl, Code: codeUrl })}</p>`,
    ].join('\n'),
  };
}

function toDigestItem({ digestId, composedAt, view }: OwnDigest, tag: (what: string) => string): FeedItem {
  const papers = view.papers.map((paper) =>
    [
      `<h3><a href="${escapeUTF8(paper.abstractUrl)}">${escapeUTF8(paper.title)}</a></h3>`,
      `<p>${escapeUTF8(paper.authors)}</p>`,
      `<p>${escapeUTF8(paper.summary)}</p>`,
      `<p>${escapeUTF8(paper.reasons.join('; '))}</p>`,
      `<p>${links({ PDF: paper.pdfUrl, Code: paper.codeUrl })}</p>`,
    ].join('\n'),
  );
  const also = view.alsoTrending.map(
    ({ title, votes, url }) =>
      `<li><a href="${escapeUTF8(url)}">${escapeUTF8(title)}</a>, ${escapeUTF8(votes)}</li>`,
  );
  const heading = escapeUTF8(translatorFor(view.language)('digest.also'));
  const end = also.length > 0 ? [`<h3>${heading}</h3>`, `<ul>${also.join('')}</ul>`] : [];
  return {
    id: tag(`digest/${digestId}`),
    url: view.links.web,
    title: view.subject,
    at: composedAt,
    authors: [],
    categories: [],
    html: [`<p>${escapeUTF8(view.intro)}</p>`, ...papers, ...end].join('\n'),
  };
}

function links(named: Record<string, string | null>): string {
  return Object.entries(named)
    .flatMap(([name, url]) => (url ? [`<a href="${escapeUTF8(url)}">${name}</a>`] : []))
    .join(' · ');
}
