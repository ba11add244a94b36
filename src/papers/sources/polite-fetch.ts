/**
 * A `fetch` with good manners: it takes its turn at each host, and follows redirects by hand, so that every hop is
 * waited for and checked like the first request.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../errors.ts';

export interface PoliteFetchOptions {
  fetch: typeof globalThis.fetch;
  /** Books the next free moment at a host (`name` or `name:port`) and returns the milliseconds until then. */
  reserve: (host: string) => Promise<number>;
  /** Throws where an address must not be asked; called before each request. */
  guard?: (url: URL) => Promise<void>;
  /** Waits between booking and request; the signal is the request's own. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** The wait runs against the caller's timeout (30 s and more), so it must leave most of that to the answer. */
const LONGEST_TURN_MS = 15_000;

/** Headers that are meant for one host and must not travel to another. */
const PRIVATE_HEADERS = ['authorization', 'cookie', 'proxy-authorization'];

/**
 * The result is called like `fetch` and answers like it, a 304 included; `redirect` is ignored.
 * Throws `SOURCE_BUSY` (the next turn is too far off), `SOURCE_REDIRECT_REFUSED`, and what `guard` and `fetch` throw.
 */
export function createPoliteFetch({
  fetch,
  reserve,
  guard = async () => {},
  sleep = (ms, signal) => delay(ms, undefined, { signal }),
}: PoliteFetchOptions): typeof globalThis.fetch {
  const takeTurn = async (url: URL, signal: AbortSignal) => {
    const waitMs = await reserve(url.host);
    if (waitMs > LONGEST_TURN_MS) {
      throw new AppError('SOURCE_BUSY', `${url.host} is asked too often to be asked now.`, { retry: true });
    }
    if (waitMs > 0) await sleep(waitMs, signal);
    signal.throwIfAborted();
  };

  return async (input, init) => {
    let url = new URL(input instanceof Request ? input.url : input);
    // Guarded first: the constructor of `Request` has its own, less telling words for some bad addresses.
    await guard(url);
    const { method, headers, signal } = new Request(input, init);
    for (let redirects = 0; ; redirects += 1) {
      await takeTurn(url, signal);
      const response = await fetch(url, { ...init, method, headers, signal, redirect: 'manual' });
      const location = REDIRECTS.has(response.status) ? response.headers.get('location') : null;
      if (location === null) return response;
      // The connection is free again only when the body is done with.
      await response.body?.cancel();
      if (redirects === MAX_REDIRECTS) throw refused(url, `more than ${MAX_REDIRECTS} times`);
      if (method !== 'GET' && method !== 'HEAD') throw refused(url, `a ${method}`);
      const next = nextHop(url, location);
      await guard(next);
      if (next.origin !== url.origin) for (const name of PRIVATE_HEADERS) headers.delete(name);
      url = next;
    }
  };
}

function nextHop(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href)) throw refused(from, 'to an address that is none');
  const to = new URL(location, from);
  if (to.protocol !== 'https:' && to.protocol !== 'http:') {
    throw refused(from, `to an address of the kind ${to.protocol}`);
  }
  if (from.protocol === 'https:' && to.protocol === 'http:') throw refused(from, 'from https to http');
  return to;
}

function refused(url: URL, how: string): AppError {
  return new AppError('SOURCE_REDIRECT_REFUSED', `${url.host} redirects ${how}.`);
}
