/** The log of the web site: a line for every request, and never an address, a token or a word that a reader chose. */
import { PassThrough } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { createLogger } from '../../src/logger.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

let site: TestSite;
let app: FastifyInstance;
let written: string;

beforeAll(async () => {
  site = await createTestSite();
  const destination = new PassThrough();
  destination.on('data', (chunk: Buffer) => {
    written += chunk.toString();
  });
  const log = createLogger('info', destination);
  app = await buildApp({ ...site.ctx, log });
});
beforeEach(() => {
  written = '';
});
afterAll(async () => {
  await app.close();
  await site.close();
});

const lines = (): Record<string, unknown>[] =>
  written
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const signUp = () =>
  app.inject({
    method: 'POST',
    url: '/api/subscriptions',
    payload: { email: 'secret@example.org', keywords: ['hush'] },
  });

describe('a request', () => {
  it('is one line with its route, status and time', async () => {
    await app.inject({ url: '/unsubscribe/some-token?mail=secret@example.org' });
    expect(lines()).toEqual([
      expect.objectContaining({
        level: 'info',
        event: 'http.request',
        method: 'GET',
        route: '/unsubscribe/:token',
        status: 404,
        ms: expect.any(Number),
      }),
    ]);
    expect(written).not.toMatch(/some-token|secret/);
  });

  it('with a good token, a bad address or a broken body leaves none of it in the log', async () => {
    const id = await site.addReader('reader@example.org');
    const path = site.path('preferences', id);
    const headers = { 'content-type': 'application/json' };
    await app.inject({ url: path });
    await app.inject({ method: 'POST', url: '/subscribe', payload: { email: 'secret at example' } });
    await app.inject({
      method: 'POST',
      url: '/api/subscriptions',
      headers,
      payload: '{"email":"secret@example.org',
    });
    await app.inject({ url: `/secret@example.org/${path}` });
    expect(lines()).toHaveLength(4);
    expect(written).not.toMatch(/secret|reader@/);
    expect(written).not.toContain(path.split('/')[2]);
  });

  it('that says more of a paper names reader and verdict, and neither paper nor token', async () => {
    const id = await site.addReader('liker@example.org');
    await storePapers(
      site.ctx,
      [makePaper({ title: 'Hush paper', arxivId: '2611.00001' })],
      site.clock.now(),
    );
    const [paper] = await site.sql`select id::int from papers`;
    const path = site.path('more', id, { paperId: Number(paper?.id) });
    await app.inject({ method: 'POST', url: path });
    await app.inject({ method: 'POST', url: `${path}/undo` });
    expect(lines().map(({ event, route }) => route ?? event)).toEqual([
      'feedback.given',
      '/more/:token',
      'feedback.taken_back',
      '/more/:token/undo',
    ]);
    expect(lines()[0]).toMatchObject({ subscriberId: id, verdict: 'liked' });
    expect(written).not.toMatch(/liker|Hush|2611/);
    expect(written).not.toContain(path.split('/')[2]);
  });

  it('for a preview leaves its route, and nothing of what was typed', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const words = { keywords: ['hush'], liked: ['2601.00007'], authors: ['Secret Person'] };
    await app.inject({ method: 'POST', url: '/api/preview', payload: words });
    await app.inject({ method: 'POST', url: '/api/preview', payload: { ...words, topics: ['hush'] } });
    await app.inject({ method: 'POST', url: '/preview', headers, payload: 'keywords=hush&email=secret' });
    await site.sql`alter table paper_keys rename to elsewhere`;
    await app.inject({ method: 'POST', url: '/api/preview', payload: words });
    await site.sql`alter table elsewhere rename to paper_keys`;
    expect(lines().map(({ event, route, status }) => [event, route, status])).toEqual([
      ['http.request', '/api/preview', 200],
      ['http.request', '/api/preview', 400],
      ['http.request', '/preview', 200],
      ['http.error', undefined, undefined],
      ['http.request', '/api/preview', 500],
    ]);
    expect(written).not.toMatch(/hush|secret|2601/i);
  });

  it('that the database fails leaves what the database said, without the parameters of the query', async () => {
    await site.sql`alter table subscribers rename to elsewhere`;
    const { statusCode } = await signUp();
    await site.sql`alter table elsewhere rename to subscribers`;
    expect(statusCode).toBe(500);
    expect(lines().map(({ event }) => event)).toEqual(['http.error', 'http.request']);
    expect(lines()[0]).toMatchObject({
      level: 'error',
      error: 'relation "subscribers" does not exist',
      stack: expect.stringContaining('subscribe.ts'),
    });
    expect(written).not.toMatch(/secret|hush/);
  });

  it('that signs someone up names the subscriber by number', async () => {
    expect((await signUp()).statusCode).toBe(202);
    expect(lines()).toEqual([
      expect.objectContaining({
        event: 'subscriber.requested',
        subscriberId: expect.any(Number),
        via: 'api',
      }),
      expect.objectContaining({ event: 'http.request', route: '/api/subscriptions', status: 202 }),
    ]);
    expect(written).not.toMatch(/secret|hush/);
  });
});
