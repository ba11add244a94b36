/** Keeps the pages that most visitors ask for, as they were sent, for some seconds: what a proxy in front may do, for sites without one. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { languageOf } from './page-language.ts';
import { SHARED, sendMarked } from './send-cacheable.ts';

const KEEP_MS = 10_000;
/** From this age on, one visitor gets a page worked out anew, while all others get the kept one: so nobody waits in a crowd. */
const RENEW_MS = 5_000;
/** Whatever is asked for; compressed, the same takes a fifth of this besides. */
const MOST_KEPT_BYTES = 24_000_000;
const LONGEST_URL = 200;

/** Of the headers that a page sets itself, those that belong to its content. */
const HEADERS = [
  'content-type',
  'content-language',
  'vary',
  'cache-control',
  'etag',
  'last-modified',
  'x-robots-tag',
] as const;

interface Kept {
  at: number;
  body: Buffer;
  headers: Record<string, string>;
  isBeingRenewed: boolean;
}

/** Of routes with these patterns, what is shared by everyone anyway is worked out once in a while, not for each request. */
export function keepAnswers(app: FastifyInstance, now: () => Date, patterns: ReadonlySet<string>): void {
  const kept = new Map<string, Kept>();
  let keptBytes = 0;
  const drop = (name: string) => {
    keptBytes -= kept.get(name)?.body.length ?? 0;
    kept.delete(name);
  };

  // Each language of ours, not each header that browsers send.
  const nameOf = (request: FastifyRequest) => `${languageOf(request)} ${request.url}`;

  app.addHook('onRequest', async (request, reply) => {
    const answer = request.method === 'GET' ? kept.get(nameOf(request)) : undefined;
    const age = answer ? now().getTime() - answer.at : KEEP_MS;
    if (!answer || age >= KEEP_MS) return;
    if (age >= RENEW_MS && !answer.isBeingRenewed) {
      answer.isBeingRenewed = true;
      return;
    }
    const { etag = '', 'last-modified': modified } = answer.headers;
    return sendMarked(reply.headers(answer.headers), answer.body, {
      etag,
      modifiedAt: modified ? new Date(modified) : null,
    });
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const { url, method } = request;
    const isKept =
      method === 'GET' &&
      reply.statusCode === 200 &&
      typeof payload === 'string' &&
      url.length <= LONGEST_URL &&
      patterns.has(request.routeOptions.url ?? '') &&
      reply.getHeader('cache-control') === SHARED;
    if (!isKept) return payload;
    const body = Buffer.from(payload);
    const set = HEADERS.flatMap((name) => {
      const value = reply.getHeader(name);
      return value === undefined ? [] : [[name, String(value)]];
    });
    // Behind all others, so that the first is the oldest.
    const name = nameOf(request);
    drop(name);
    kept.set(name, { at: now().getTime(), body, headers: Object.fromEntries(set), isBeingRenewed: false });
    keptBytes += body.length;
    for (const oldest of kept.keys()) {
      if (keptBytes <= MOST_KEPT_BYTES) break;
      drop(oldest);
    }
    return body;
  });
}
