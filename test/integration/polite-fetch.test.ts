/** Turns, redirects, refusals and retries, against real servers on loopback. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGzip, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { getText, getTextIfChanged } from '../../src/papers/sources/get-text.ts';
import { createPoliteFetch } from '../../src/papers/sources/polite-fetch.ts';
import { assertPublicAddress } from '../../src/papers/sources/public-address.ts';
import type { SourceContext } from '../../src/papers/sources/source.ts';

const NOW = new Date('2025-07-01T06:00:00Z');
const LIMITS = { timeoutMs: 5_000, maxBytes: 1_000_000, accept: '*/*', tries: 3 };

let handle: RequestListener;
const servers: Server[] = [];
let url: string;
let other: string;
let seen: { path: string; headers: NodeJS.Dict<string | string[]> }[] = [];
let log: string[] = [];
let waits: number[] = [];

async function listen(): Promise<string> {
  const server = createServer((request, response) => {
    seen.push({ path: request.url ?? '', headers: request.headers });
    log.push(`request ${request.url}`);
    handle(request, response);
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  url = await listen();
  other = await listen();
});
beforeEach(() => {
  handle = (_request, response) => response.end('fine');
});
afterEach(() => {
  seen = [];
  log = [];
  waits = [];
});
afterAll(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

const polite = createPoliteFetch({
  fetch: globalThis.fetch,
  reserve: async (host) => {
    log.push(`reserve ${host}`);
    return 3_000;
  },
  sleep: async (ms) => void log.push(`wait ${ms}`),
});
const context = (fetch: typeof globalThis.fetch): SourceContext => ({
  fetch,
  now: () => NOW,
  userAgent: 'Paperboy/1.0 (+https://paperboy.test)',
  sleep: async (ms) => void waits.push(ms),
  random: () => 0.5,
});
const ctx = context(polite);
const paths = () => seen.map(({ path }) => path);

/** Answers each path with a redirect to what it maps to, and any other path with its own name. */
function redirecting(hops: Record<string, string>, status = 301): RequestListener {
  return (request, response) => {
    const location = hops[request.url ?? ''];
    if (location === undefined) return response.end(request.url);
    response.writeHead(status, { location });
    response.end('elsewhere');
  };
}

describe('taking turns', () => {
  it('books, waits, and only then asks', async () => {
    await expect(getText(ctx, `${url}/a`, LIMITS)).resolves.toBe('fine');
    expect(log).toEqual([`reserve ${new URL(url).host}`, 'wait 3000', 'request /a']);
  });

  it('books every hop and every retry at the host it goes to', async () => {
    let refusals = 1;
    handle = (request, response) => {
      if (request.url === '/b' && refusals-- > 0) {
        response.writeHead(503);
        response.end();
      } else redirecting({ '/a': `${other}/b` })(request, response);
    };
    await expect(getText(ctx, `${url}/a`, LIMITS)).resolves.toBe('/b');
    const [one, two] = [url, other].map((each) => `reserve ${new URL(each).host}`);
    expect(log.filter((line) => line.startsWith('reserve'))).toEqual([one, two, one, two]);
    expect(paths()).toEqual(['/a', '/b', '/a', '/b']);
  });

  it('leaves a host alone whose next turn is far off', async () => {
    const busy = createPoliteFetch({ fetch: globalThis.fetch, reserve: async () => 60_000 });
    await expect(getText(context(busy), url, LIMITS)).rejects.toMatchObject({
      code: 'SOURCE_BUSY',
      retry: true,
    });
    expect(seen).toEqual([]);
  });

  it('stops waiting when the run is called off', async () => {
    const run = new AbortController();
    const slow = createPoliteFetch({
      fetch: globalThis.fetch,
      reserve: async () => {
        setImmediate(() => run.abort(new Error('stopping')));
        return 14_000;
      },
    });
    const answer = getText({ ...context(slow), signal: run.signal }, url, { ...LIMITS, timeoutMs: 60_000 });
    await expect(answer).rejects.toThrow('stopping');
    expect(seen).toEqual([]);
  });
});

describe('redirects', () => {
  it.each([301, 302, 303, 307, 308])('follows a %i, relative or not, to the end', async (status) => {
    handle = redirecting(
      { '/1': '/2', '/2': `${other}/3`, '/3': `${url}/4`, '/4': '5', '/5': '/6#part' },
      status,
    );
    await expect(getText(ctx, `${url}/1`, LIMITS)).resolves.toBe('/6');
  });

  it('gives up after five', async () => {
    handle = redirecting({ '/1': '/2', '/2': '/1' });
    const error = { code: 'SOURCE_REDIRECT_REFUSED', retry: false };
    await expect(getText(ctx, `${url}/1`, LIMITS)).rejects.toMatchObject(error);
    expect(seen).toHaveLength(6);
  });

  it.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/xml,<rss/>',
    'ftp://a.test/',
    'http://[::bad',
  ])('refuses to be sent to %s', async (location) => {
    handle = redirecting({ '/1': location });
    await expect(getText(ctx, `${url}/1`, LIMITS)).rejects.toMatchObject({ code: 'SOURCE_REDIRECT_REFUSED' });
    expect(seen).toHaveLength(1);
  });

  it('never goes from https to http', async () => {
    const secure = createPoliteFetch({
      fetch: async () => new Response(null, { status: 302, headers: { location: `${url}/plain` } }),
      reserve: async () => 0,
    });
    await expect(secure('https://example.org/')).rejects.toMatchObject({ code: 'SOURCE_REDIRECT_REFUSED' });
    expect(seen).toEqual([]);
  });

  it('checks every hop before it is asked', async () => {
    const guarded = createPoliteFetch({
      fetch: globalThis.fetch,
      reserve: async () => 0,
      // The first server stands for one on the public internet.
      guard: async (to) => (to.origin === url ? undefined : assertPublicAddress(to)),
    });
    const hidden = { code: 'SOURCE_ADDRESS_REFUSED' };
    for (const location of [
      `${other}/admin`,
      'http://169.254.169.254/latest/',
      'http://user:pw@example.org/',
    ]) {
      handle = redirecting({ '/1': '/2', '/2': location });
      await expect(getText(context(guarded), `${url}/1`, LIMITS)).rejects.toMatchObject(hidden);
    }
    await expect(getText(context(guarded), `${other}/admin`, LIMITS)).rejects.toMatchObject(hidden);
    expect(new Set(paths())).toEqual(new Set(['/1', '/2']));
  });

  it('carries the caller’s headers along, but no credentials to another host', async () => {
    handle = redirecting({ '/1': '/2', '/2': `${other}/3` });
    await polite(`${url}/1`, { headers: { 'user-agent': 'me', authorization: 'secret' } });
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['secret', 'secret', undefined]);
    expect(seen.map(({ headers }) => headers['user-agent'])).toEqual(['me', 'me', 'me']);
  });
});

describe('refusals and faults', () => {
  it('waits as long as a 429 asks for', async () => {
    handle = (_request, response) => {
      if (seen.length > 2) return response.end('fine');
      response.writeHead(429, { 'retry-after': '7' });
      response.end();
    };
    await expect(getText(ctx, url, LIMITS)).resolves.toBe('fine');
    expect(waits).toEqual([7_000, 7_000]);
  });

  it('does not wait longer than half a minute', async () => {
    handle = (_request, response) => {
      response.writeHead(429, { 'retry-after': '31' });
      response.end();
    };
    await expect(getText(ctx, url, LIMITS)).rejects.toMatchObject({ code: 'SOURCE_HTTP_ERROR', retry: true });
    expect(seen).toHaveLength(1);
  });

  it('tries three times in all, with growing waits of random length', async () => {
    handle = (_request, response) => {
      response.writeHead(500);
      response.end();
    };
    await expect(getText(ctx, url, LIMITS)).rejects.toMatchObject({ code: 'SOURCE_HTTP_ERROR', retry: true });
    expect(seen).toHaveLength(3);
    expect(waits).toEqual([500, 1_000]);
  });

  it('reads on where the third answer is whole: one cut before it began, one in the middle', async () => {
    handle = (request, response) => {
      if (seen.length === 1) return request.socket.destroy();
      if (seen.length > 2) return response.end('whole');
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => request.socket.destroy());
    };
    await expect(getText(ctx, url, LIMITS)).resolves.toBe('whole');
    expect(waits).toEqual([500, 1_000]);
  });

  it('never takes half a body for the whole', async () => {
    handle = (request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.write(gzipSync('x'.repeat(5_000)).subarray(0, 20), () => request.socket.destroy());
    };
    await expect(getText(ctx, url, LIMITS)).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      retry: true,
    });
  });

  it('does not ask again for what will not change', async () => {
    handle = (_request, response) => {
      response.writeHead(404);
      response.end();
    };
    await expect(getText(ctx, url, LIMITS)).rejects.toMatchObject({
      code: 'SOURCE_HTTP_ERROR',
      retry: false,
    });
    expect(seen).toHaveLength(1);
  });

  it('stops at the limit: 50 MB announced, 50 MB without end, and 500 MB packed into 500 kB', async () => {
    const answers: RequestListener[] = [
      (_request, response) => response.writeHead(200, { 'content-length': '50000000' }).write('x'),
      (_request, response) => {
        const chunk = Buffer.alloc(1_000_000, 'x');
        const more = (left: number) =>
          left > 0 && !response.destroyed ? response.write(chunk, () => more(left - 1)) : response.end();
        more(50);
      },
      (_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        const gzip = createGzip();
        gzip.pipe(response);
        const chunk = Buffer.alloc(1_000_000);
        const more = (left: number) =>
          left > 0 && !response.destroyed ? gzip.write(chunk, () => more(left - 1)) : gzip.end();
        more(500);
      },
    ];
    for (const answer of answers) {
      handle = answer;
      await expect(getText(ctx, url, LIMITS)).rejects.toMatchObject({
        code: 'SOURCE_TOO_LARGE',
        retry: false,
      });
    }
    expect(seen).toHaveLength(3);
  });

  it('reads the encoding that the header or the document names', async () => {
    const xml = '<?xml version="1.0" encoding="ISO-8859-1"?><a>Zoë</a>';
    handle = (_request, response) => response.end(Buffer.from(xml, 'latin1'));
    await expect(getText(ctx, url, LIMITS)).resolves.toContain('Zoë');
    handle = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain; charset=windows-1252' });
      response.end(Buffer.from('Zo\xeb', 'latin1'));
    };
    await expect(getText(ctx, url, LIMITS)).resolves.toBe('Zoë');
    handle = (_request, response) =>
      response.writeHead(200, { 'content-type': 'a/b; charset=none' }).end('Zoë');
    await expect(getText(ctx, url, LIMITS)).resolves.toBe('Zoë');
  });
});

describe('getTextIfChanged', () => {
  it('hands out the validators and sends them back, redirects or not', async () => {
    const modified = 'Tue, 01 Jul 2025 00:00:00 GMT';
    handle = (request, response) => {
      if (request.url === '/old') return redirecting({ '/old': '/new' })(request, response);
      const same = request.headers['if-none-match'] === '"v1"';
      response.writeHead(same ? 304 : 200, { etag: '"v1"', 'last-modified': modified });
      response.end(same ? undefined : 'text');
    };
    const first = await getTextIfChanged(ctx, `${url}/old`, LIMITS);
    expect(first).toEqual({ status: 'changed', body: 'text', etag: '"v1"', lastModified: modified });
    const second = await getTextIfChanged(ctx, `${url}/old`, {
      ...LIMITS,
      etag: '"v1"',
      lastModified: modified,
    });
    expect(second).toEqual({ status: 'unchanged' });
    expect(seen.at(-1)?.headers).toMatchObject({ 'if-none-match': '"v1"', 'if-modified-since': modified });
  });

  it('does not believe a 304 that nobody asked for', async () => {
    handle = (_request, response) => response.writeHead(304).end();
    await expect(getTextIfChanged(ctx, url, LIMITS)).rejects.toMatchObject({ code: 'SOURCE_HTTP_ERROR' });
  });
});
