/** Keeps the pages that most visitors ask for, as they were sent, for some seconds: what a proxy in front may do, for sites without one. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { languageOf } from './page-language.ts';
import { SHARED, sendMarked } from './send-cacheable.ts';

const KEEP_MS = 10_000;
/** Some megabytes, whatever is asked for. */
const MOST_KEPT = 200;
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
}

/** Of routes with these patterns, what is shared by everyone anyway is worked out once in a while, not for each request. */
export function keepAnswers(app: FastifyInstance, now: () => Date, patterns: ReadonlySet<string>): void {
  const kept = new Map<string, Kept>();

  // Each language of ours, not each header that browsers send.
  const nameOf = (request: FastifyRequest) => `${languageOf(request)} ${request.url}`;

  app.addHook('onRequest', async (request, reply) => {
    const answer = request.method === 'GET' ? kept.get(nameOf(request)) : undefined;
    if (!answer || now().getTime() - answer.at >= KEEP_MS) return;
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
    kept.delete(name);
    kept.set(name, { at: now().getTime(), body, headers: Object.fromEntries(set) });
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    return body;
  });
}
