/** Turns and redirects, against real servers on loopback: every hop is booked, checked, and then asked. */
import { describe, expect, it } from 'vitest';
import { getText } from '../../src/papers/sources/get-text.ts';
import { createPoliteFetch } from '../../src/papers/sources/polite-fetch.ts';
import { assertPublicAddress } from '../../src/papers/sources/public-address.ts';
import { LIMITS, redirecting, usePoliteServers } from '../support/polite-servers.ts';

const net = usePoliteServers();
const { context, ctx, log, paths, polite, seen } = net;

describe('taking turns', () => {
  it('books, waits, and only then asks', async () => {
    await expect(getText(ctx, `${net.url}/a`, LIMITS)).resolves.toBe('fine');
    expect(log).toEqual([`reserve ${new URL(net.url).host}`, 'wait 3000', 'request /a']);
  });

  it('books every hop and every retry at the host it goes to', async () => {
    let refusals = 1;
    net.handle = (request, response) => {
      if (request.url === '/b' && refusals-- > 0) {
        response.writeHead(503);
        response.end();
      } else redirecting({ '/a': `${net.other}/b` })(request, response);
    };
    await expect(getText(ctx, `${net.url}/a`, LIMITS)).resolves.toBe('/b');
    const [one, two] = [net.url, net.other].map((each) => `reserve ${new URL(each).host}`);
    expect(log.filter((line) => line.startsWith('reserve'))).toEqual([one, two, one, two]);
    expect(paths()).toEqual(['/a', '/b', '/a', '/b']);
  });

  it('leaves a host alone whose next turn is far off', async () => {
    const busy = createPoliteFetch({ fetch: globalThis.fetch, reserve: async () => 60_000 });
    await expect(getText(context(busy), net.url, LIMITS)).rejects.toMatchObject({
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
    const answer = getText({ ...context(slow), signal: run.signal }, net.url, {
      ...LIMITS,
      timeoutMs: 60_000,
    });
    await expect(answer).rejects.toThrow('stopping');
    expect(seen).toEqual([]);
  });
});

describe('redirects', () => {
  it.each([301, 302, 303, 307, 308])('follows a %i, relative or not, to the end', async (status) => {
    net.handle = redirecting(
      { '/1': '/2', '/2': `${net.other}/3`, '/3': `${net.url}/4`, '/4': '5', '/5': '/6#part' },
      status,
    );
    await expect(getText(ctx, `${net.url}/1`, LIMITS)).resolves.toBe('/6');
  });

  it('gives up after five', async () => {
    net.handle = redirecting({ '/1': '/2', '/2': '/1' });
    const error = { code: 'SOURCE_REDIRECT_REFUSED', retry: false };
    await expect(getText(ctx, `${net.url}/1`, LIMITS)).rejects.toMatchObject(error);
    expect(seen).toHaveLength(6);
  });

  it.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/xml,<rss/>',
    'ftp://a.test/',
    'http://[::bad',
  ])('refuses to be sent to %s', async (location) => {
    net.handle = redirecting({ '/1': location });
    await expect(getText(ctx, `${net.url}/1`, LIMITS)).rejects.toMatchObject({
      code: 'SOURCE_REDIRECT_REFUSED',
    });
    expect(seen).toHaveLength(1);
  });

  it('never goes from https to http', async () => {
    const secure = createPoliteFetch({
      fetch: async () => new Response(null, { status: 302, headers: { location: `${net.url}/plain` } }),
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
      guard: async (to) => (to.origin === net.url ? undefined : assertPublicAddress(to)),
    });
    const hidden = { code: 'SOURCE_ADDRESS_REFUSED' };
    for (const location of [
      `${net.other}/admin`,
      'http://169.254.169.254/latest/',
      'http://user:pw@example.org/',
    ]) {
      net.handle = redirecting({ '/1': '/2', '/2': location });
      await expect(getText(context(guarded), `${net.url}/1`, LIMITS)).rejects.toMatchObject(hidden);
    }
    await expect(getText(context(guarded), `${net.other}/admin`, LIMITS)).rejects.toMatchObject(hidden);
    expect(new Set(paths())).toEqual(new Set(['/1', '/2']));
  });

  it('carries the caller’s headers along, but no credentials to another host', async () => {
    net.handle = redirecting({ '/1': '/2', '/2': `${net.other}/3` });
    await polite(`${net.url}/1`, { headers: { 'user-agent': 'me', authorization: 'secret' } });
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['secret', 'secret', undefined]);
    expect(seen.map(({ headers }) => headers['user-agent'])).toEqual(['me', 'me', 'me']);
  });
});
