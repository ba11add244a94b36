/** Keeps the pages that most visitors ask for, as they were sent, for some seconds: what a proxy in front may do, for sites without one. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { languageOf } from './page-language.ts';
import { SHARED, sendMarked } from './send-cacheable.ts';

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
  body: Buffer;
  headers: Record<string, string>;
  /** In milliseconds since 1970: from when on the next visitor gets the page anew, and from when on all do. */
  renewAt: number;
  endsAt: number;
}

/**
 * Works out what is shared by everyone anyway once in a while, not for each request: for so long, by the pattern of its
 * route. After half of that time one visitor gets a page anew while all others get the kept one, so nobody waits in a crowd.
 */
export function keepAnswers(
  app: FastifyInstance,
  now: () => Date,
  keepMs: ReadonlyMap<string, number>,
): void {
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
    const at = now().getTime();
    if (!answer || at >= answer.endsAt) return;
    if (at >= answer.renewAt) {
      answer.renewAt = answer.endsAt;
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
    const ms = keepMs.get(request.routeOptions.url ?? '');
    const isKept =
      ms !== undefined &&
      method === 'GET' &&
      reply.statusCode === 200 &&
      typeof payload === 'string' &&
      url.length <= LONGEST_URL &&
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
    const at = now().getTime();
    kept.set(name, { body, headers: Object.fromEntries(set), renewAt: at + ms / 2, endsAt: at + ms });
    keptBytes += body.length;
    for (const oldest of kept.keys()) {
      if (keptBytes <= MOST_KEPT_BYTES) break;
      drop(oldest);
    }
    return body;
  });
}
