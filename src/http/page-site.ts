/** Sends pages: fills the template with what all pages share, and sets what belongs to their kind. */
import type { FastifyReply } from 'fastify';
import type { Context } from '../context.ts';
import type { PageName, PageViews } from '../template-views.ts';

export interface PageSite {
  send<N extends PageName>(reply: FastifyReply, name: N, view: Omit<PageViews[N], 'site'>): FastifyReply;
}

/** Pages that show what belongs to one reader, or may change the next moment. */
const PUBLIC_PAGES: readonly PageName[] = ['landing'];

export function createPageSite({ config, templates }: Context, assetVersion: string): PageSite {
  const site = { publicUrl: config.publicUrl, assetVersion };
  return {
    send(reply, name, view) {
      // With errors in it, a page shows what one reader typed.
      const shared = PUBLIC_PAGES.includes(name) && reply.statusCode < 400;
      reply.header('cache-control', shared ? 'public, max-age=60' : 'no-store');
      if (!PUBLIC_PAGES.includes(name)) reply.header('x-robots-tag', 'noindex');
      return reply
        .type('text/html; charset=utf-8')
        .send(templates.page(name, { ...view, site } as PageViews[typeof name]));
    },
  };
}
