/** The open pages and the promises of every answer: what the front page shows, security headers, no cookies, health. */
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readForm } from '../support/html-form.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

let site: TestSite;
let readerId: number;

beforeAll(async () => {
  site = await createTestSite();
  const papers = [
    makePaper({
      title: 'Robots that <b>feel</b> & grasp',
      arxivId: '2611.01234',
      upvotes: 58,
      categories: ['cs.RO'],
    }),
    makePaper({ title: 'A paper nobody noticed', categories: ['cs.CL'] }),
  ];
  await storePapers(site.ctx, papers, site.clock.now());
  readerId = await site.addReader('ada@example.org');
});
afterAll(() => site.close());

const get = (url: string) => site.app.inject({ method: 'GET', url });

describe('the front page', () => {
  it('has the form, ready to send with its defaults', async () => {
    const page = await get('/');
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.body).toMatch(/<form method="post" action="\/subscribe"/);
    expect(readForm(page.body)).toEqual({
      email: [''],
      website: [''],
      keywords: [''],
      frequency: ['daily'],
      weekday: ['1'],
      hour: ['8'],
      timezone: ['UTC'],
      language: ['en'],
    });
    expect(page.body).toContain('name="topics" value="cs-ro"');
  });

  it('shows trending papers with their votes and links, and their markup as text', async () => {
    const { body } = await get('/');
    expect(body).toContain('Robots that &lt;b&gt;feel&lt;/b&gt; &amp; grasp');
    expect(body).toContain('<b>58</b> upvotes');
    expect(body).toContain('href="https://arxiv.org/abs/2611.01234"');
    expect(body).not.toContain('<b>feel</b>');
  });

  it('may be kept by a shared cache, as nobody else’s data is in it, and needs nothing from elsewhere', async () => {
    const page = await get('/');
    expect(page.headers['cache-control']).toBe('public, max-age=60');
    expect(page.body).not.toContain('ada@example.org');
    const loaded = [
      ...page.body.matchAll(/<(?:link rel="(?:icon|stylesheet)"|script|img)[^>]*(?:href|src)="([^"]*)"/g),
    ];
    expect(loaded.length).toBeGreaterThan(3);
    for (const [, url = ''] of loaded) {
      expect(url).toMatch(/^\/assets\//);
      expect((await get(url)).statusCode).toBe(200);
    }
  });

  it('has neither script nor style of its own, which its policy would block', async () => {
    const { body } = await get('/');
    expect(body).not.toMatch(/<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:/i);
  });
});

describe('every answer', () => {
  const answers = {
    'the front page': () => get('/'),
    'the page after signing up': () => get('/subscribed'),
    'a sign-up': () => site.postForm('/subscribe', { email: 'new@example.org' }),
    'a mistake': () => site.postForm('/subscribe', { email: 'none' }),
    'a preview': () => site.postForm('/preview', { keywords: 'robots' }),
    'an API answer': () => site.postJson('/api/subscriptions', { email: 'new@example.org' }),
    'an API error': () => site.postJson('/api/subscriptions', {}),
    'the preference page': () => get(site.path('preferences', readerId)),
    'the pause page': () => get(site.path('pause', readerId)),
    'the page to leave': () => get(site.path('unsubscribe', readerId)),
    'a dead link': () => get('/confirm/nothing'),
    'a missing page': () => get('/nothing'),
    'a missing API page': () => get('/api/nothing'),
    'an asset': () => get('/assets/paperboy.js'),
    health: () => get('/healthz'),
  };

  it.each(Object.entries(answers))('carries the security headers and no cookie: %s', async (_name, ask) => {
    const { headers } = await ask();
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/default-src 'none'/);
    expect(policy).toMatch(/frame-ancestors 'none'/);
    expect(policy).not.toMatch(/unsafe-|\*|https?:/);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    expect(headers['strict-transport-security']).toContain('max-age=');
    expect(headers['set-cookie']).toBeUndefined();
  });

  it('that belongs to one reader is kept by no cache and listed by no search engine', async () => {
    for (const purpose of ['preferences', 'pause', 'unsubscribe'] as const) {
      const { headers } = await get(site.path(purpose, readerId));
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-robots-tag': 'noindex' });
    }
  });

  it('to a mistake in the form is kept by no cache, since it shows what was typed', async () => {
    const { headers, body } = await site.postForm('/subscribe', { email: 'secret at example' });
    expect(body).toContain('secret at example');
    expect(headers['cache-control']).toBe('no-store');
  });

  it('to a missing page is a page for people and JSON for programs', async () => {
    const page = await get('/nothing');
    expect([page.statusCode, page.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    expect(page.body).toContain('There is no page at this address.');
    for (const answer of [
      await get('/api/nothing'),
      await site.app.inject({ url: '/nothing', headers: { accept: 'application/json' } }),
    ]) {
      expect([answer.statusCode, answer.json()]).toEqual([
        404,
        { error: { code: 'NOT_FOUND', message: 'There is no page at this address.' } },
      ]);
    }
  });
});

describe('the API', () => {
  it('describes its routes, their input and their answers', async () => {
    const description = (await get('/api/openapi.json')).json();
    expect(description.openapi).toMatch(/^3\./);
    expect(Object.keys(description.paths).sort()).toEqual([
      '/api/papers/{id}',
      '/api/preview',
      '/api/search',
      '/api/subscriptions',
      '/api/topics',
      '/api/trending',
      '/healthz',
      '/metrics',
      '/readyz',
    ]);
    const { requestBody, responses } = description.paths['/api/subscriptions'].post;
    const { schema } = requestBody.content['application/json'];
    expect(schema.required).toEqual(['email']);
    expect(Object.keys(schema.properties)).toEqual(
      expect.arrayContaining(['email', 'topics', 'keywords', 'frequency', 'weekday', 'hour', 'timezone']),
    );
    expect(schema.properties.hour.default).toBe(8);
    expect(Object.keys(responses)).toEqual(['202', '400', '413', '415', '429']);
    const preview = description.paths['/api/preview'].post;
    expect(Object.keys(preview.requestBody.content['application/json'].schema.properties)).toEqual(
      expect.arrayContaining(['topics', 'keywords', 'liked', 'excluded', 'authors']),
    );
    expect(Object.keys(preview.responses['200'].content['application/json'].schema.properties)).toEqual([
      'subject',
      'intro',
      'papers',
      'notKnown',
    ]);
  });

  it('lists the topics that a sign-up may name', async () => {
    const { groups } = (await get('/api/topics')).json();
    const slugs: string[] = groups.flatMap((group: { topics: { slug: string }[] }) =>
      group.topics.map(({ slug }) => slug),
    );
    const answer = await site.postJson('/api/subscriptions', { email: 'all@example.org', topics: slugs });
    expect(slugs.length).toBeGreaterThan(50);
    expect(answer.statusCode).toBe(202);
  });
});

describe('when the database goes away', () => {
  it('the process lives, is not ready, says so without details, and recovers by itself', async () => {
    const broken = await createTestSite();
    const admin = postgres(inject('postgresUrl'), { max: 1, onnotice: () => {} });
    const name = new URL(broken.ctx.config.databaseUrl ?? '').pathname.slice(1);
    const ask = (url: string) => broken.app.inject({ method: 'GET', url });
    expect((await ask('/readyz')).json()).toEqual({
      status: 'ready',
      database: 'ok',
      queue: 'ok',
      sources: {},
    });

    await admin.unsafe(`alter database ${name} allow_connections false`);
    await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name}`;
    const ready = await ask('/readyz');
    expect([ready.statusCode, ready.json()]).toEqual([
      503,
      { status: 'not_ready', database: 'unreachable', queue: 'unreachable' },
    ]);
    expect((await ask('/healthz')).statusCode).toBe(200);
    const refused = await broken.postJson('/api/subscriptions', { email: 'ada@example.org' });
    expect(refused.statusCode).toBeGreaterThanOrEqual(500);
    expect(refused.json().error).toEqual({ code: 'INTERNAL', message: expect.stringContaining('try again') });
    expect(refused.body).not.toContain(name);

    await admin.unsafe(`alter database ${name} allow_connections true`);
    await expect.poll(async () => (await ask('/readyz')).statusCode, { timeout: 20_000 }).toBe(200);
    await broken.close();
    await admin.end();
  });
});
