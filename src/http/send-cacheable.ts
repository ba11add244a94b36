/** Sends what may be asked for again: with a mark of its content, and without the content where the asker has it. */
import { hash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

/** What everyone sees alike may be kept by any cache for a minute. */
export const SHARED = 'public, max-age=60';

/** `type` and other headers are set before. `modifiedAt` null: not known. */
export function sendCacheable(
  reply: FastifyReply,
  body: string,
  { cacheControl = SHARED, modifiedAt = null }: { cacheControl?: string; modifiedAt?: Date | null } = {},
): FastifyReply {
  const etag = `"${hash('sha256', body, 'base64url').slice(0, 22)}"`;
  reply.header('cache-control', cacheControl).header('etag', etag);
  if (modifiedAt) reply.header('last-modified', modifiedAt.toUTCString());
  return sendMarked(reply, body, { etag, modifiedAt });
}

/** All headers are set before. */
export function sendMarked(
  reply: FastifyReply,
  body: string | Buffer,
  { etag, modifiedAt }: { etag: string; modifiedAt: Date | null },
): FastifyReply {
  return isKnown(reply, etag, modifiedAt)
    ? reply.code(304).removeHeader('content-type').send()
    : reply.send(body);
}

/** RFC 9110: the time counts only where no mark was sent. */
function isKnown({ request }: FastifyReply, etag: string, modifiedAt: Date | null): boolean {
  const marks = request.headers['if-none-match'];
  if (marks !== undefined) {
    return marks.split(',').some((mark) => ['*', etag].includes(mark.trim().replace(/^W\//, '')));
  }
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  // The header tells whole seconds.
  return modifiedAt !== null && Math.floor(modifiedAt.getTime() / 1000) * 1000 <= since;
}
