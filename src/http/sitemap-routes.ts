/** What search engines are told: which pages there are, and which are nobody's business. */
import { escapeUTF8 } from 'entities';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { listPaperNames } from '../papers/open-paper.ts';
import { listTopicGroups } from '../subscribers/topics.ts';
import { keepFor } from './keep-for.ts';
import { sendCacheable } from './send-cacheable.ts';

/** The most that one sitemap may hold. */
const MOST_PAGES = 50_000;
const KEEP_MS = 10 * 60_000;

/** By signed link, made for one visitor, or without end. */
const CLOSED = [
  '/confirm/',
  '/preferences/',
  '/pause/',
  '/unsubscribe/',
  '/digests/',
  '/more/',
  '/less/',
  '/subscribed',
  '/preview',
  '/mailbox',
  '/search?',
  '/api/',
];

const hidden = { schema: { hide: true } };

export function registerSitemap(app: FastifyInstance, ctx: Context): void {
  const { publicUrl } = ctx.config;
  const robots = [
    'User-agent: *',
    ...CLOSED.map((path) => `Disallow: ${path}`),
    '',
    `Sitemap: ${publicUrl}/sitemap.xml`,
    '',
  ].join('\n');
  const sitemap = keepFor(KEEP_MS, ctx.now, () => writeSitemap(ctx));

  app.get('/robots.txt', hidden, async (_request, reply) =>
    sendCacheable(reply.type('text/plain; charset=utf-8'), robots),
  );
  app.get('/sitemap.xml', hidden, async (_request, reply) =>
    sendCacheable(reply.type('application/xml; charset=utf-8'), await sitemap()),
  );
}

async function writeSitemap(ctx: Context): Promise<string> {
  const slugs = (await listTopicGroups(ctx.db)).flatMap(({ topics }) => topics.map(({ slug }) => slug));
  const pages = ['/', '/topics', ...slugs.map((slug) => `/topics/${slug}`)].map((path) => ({
    path,
    day: '',
  }));
  const papers = (await listPaperNames(ctx, MOST_PAGES - pages.length)).map(({ name, updatedAt }) => ({
    path: `/papers/${name}`,
    day: updatedAt.toISOString().slice(0, 10),
  }));
  const entries = [...pages, ...papers].map(({ path, day }) => {
    const changed = day ? `<lastmod>${day}</lastmod>` : '';
    return `<url><loc>${escapeUTF8(ctx.config.publicUrl + path)}</loc>${changed}</url>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
    ...entries,
    '</urlset>',
    '',
  ].join('\n');
}
