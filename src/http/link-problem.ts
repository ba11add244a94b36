/** The page behind a link that opens nothing. */
import type { FastifyReply } from 'fastify';
import { translatorOf } from './page-language.ts';
import type { PageSite } from './page-site.ts';

/** 410 where it once did, 404 where it never did. */
export function linkProblem(
  site: PageSite,
  reply: FastifyReply,
  reason: 'expired' | 'invalid',
): FastifyReply {
  const t = translatorOf(reply.request);
  return site.send(reply.code(reason === 'expired' ? 410 : 404), t, 'linkProblem', { reason });
}
