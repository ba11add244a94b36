/** Sends pages: fills the template with what all pages share, and sets what belongs to their kind. */
import type { FastifyReply } from 'fastify';
import type { Context } from '../context.ts';
import type { Translate } from '../messages.ts';
import type { PageName, PageViews } from '../template-views.ts';
import { sendCacheable } from './send-cacheable.ts';

export interface PageSite {
  /** `t`: of the reader's language, or of the browser's where nobody is known. */
  send<N extends PageName>(
    reply: FastifyReply,
    t: Translate,
    name: N,
    view: Omit<PageViews[N], 'site' | 'language'>,
  ): FastifyReply;
}

/** All others show what belongs to one reader, or may change the next moment. */
const PUBLIC_PAGES: readonly PageName[] = ['landing', 'topics', 'topic', 'search', 'paper'];

export function createPageSite({ config, templates }: Context, assetVersion: string): PageSite {
  const site = { publicUrl: config.publicUrl, assetVersion };
  return {
    send(reply, t, name, view) {
      const isPublic = PUBLIC_PAGES.includes(name);
      const page = templates.page(name, { ...view, site, language: t.language } as PageViews[typeof name]);
      reply.type('text/html; charset=utf-8').header('content-language', t.language);
      if (!isPublic || view.noindex) reply.header('x-robots-tag', 'noindex');
      // With errors in it, or as the answer to a form, a page shows what one reader typed.
      if (isPublic && reply.statusCode < 400 && reply.request.method !== 'POST')
        return sendCacheable(reply.header('vary', 'accept-language'), page);
      return reply.header('cache-control', 'no-store').send(page);
    },
  };
}
