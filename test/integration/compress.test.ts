/** What everyone sees alike is compressed for whoever takes it, and reads the same; what belongs to one reader is not. */
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seedPapers } from '../../src/papers/seed-papers.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

let site: TestSite;

beforeAll(async () => {
  site = await createTestSite();
  await seedPapers(site.ctx);
});
afterAll(() => site.close());

const get = (url: string, accepted?: string, headers = {}) =>
  site.app.inject({ url, headers: { ...(accepted ? { 'accept-encoding': accepted } : {}), ...headers } });

const unpack = { br: brotliDecompressSync, gzip: gunzipSync };

it.each(['/', '/topics', '/search?q=model', '/feed.atom', '/topics/cs-lg/feed.json'])(
  'sends %s the smaller, and the same once unpacked',
  async (url) => {
    const plain = await get(url);
    expect([plain.statusCode, plain.headers['content-encoding']]).toEqual([200, undefined]);
    expect(plain.headers.vary).toContain('accept-encoding');
    // The second time from what is kept.
    for (const _time of ['first', 'again']) {
      for (const coding of ['br', 'gzip'] as const) {
        const packed = await get(url, coding);
        expect(packed.headers['content-encoding']).toBe(coding);
        expect(Number(packed.headers['content-length'])).toBe(packed.rawPayload.length);
        expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 2);
        expect(unpack[coding](packed.rawPayload).toString()).toBe(plain.body);
        expect(packed.headers.etag).toBe(`W/${plain.headers.etag}`);
        const known = await get(url, coding, { 'if-none-match': packed.headers.etag });
        expect([known.statusCode, known.body, known.headers['content-encoding']]).toEqual([
          304,
          '',
          undefined,
        ]);
      }
    }
  },
);

it.each([
  ['gzip, deflate, br, zstd', 'br'],
  ['GZIP;q=1.0, identity; q=0.5', 'gzip'],
  ['br;q=0, gzip', 'gzip'],
  ['br;q=0, gzip;q=0.0', undefined],
  ['identity', undefined],
  ['*', undefined],
  ['brotli', undefined],
  ['', undefined],
])('takes %j for what it says', async (accepted, coding) => {
  expect((await get('/', accepted)).headers['content-encoding']).toBe(coding);
  expect((await get('/assets/paperboy.css', accepted)).headers['content-encoding']).toBe(coding);
});

it('leaves alone what belongs to one reader, and what is small', async () => {
  const id = await site.addReader('ada@example.org', { topics: ['cs-lg'] });
  for (const url of [site.path('preferences', id), site.path('unsubscribe', id), '/robots.txt', '/healthz']) {
    const answer = await get(url, 'br, gzip');
    expect([answer.statusCode, answer.headers['content-encoding']]).toEqual([200, undefined]);
  }
});
