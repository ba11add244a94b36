/** The page behind a link that opens nothing. */
import type { FastifyReply } from 'fastify';
import type { PageSite } from './page-site.ts';

/** 410 where it once did, 404 where it never did. */
export function linkProblem(
  site: PageSite,
  reply: FastifyReply,
  reason: 'expired' | 'invalid',
): FastifyReply {
  return site.send(reply.code(reason === 'expired' ? 410 : 404), 'linkProblem', { reason });
}
