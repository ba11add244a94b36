/** The digest before there is a reader: what it would be by the same ranking, as a page, as a part of one and as JSON; and no trace. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readForm } from '../support/html-form.ts';
import { fewPapers, storePapers } from '../support/papers.ts';
import { createTestSite, type Fields, type TestSite } from '../support/site.ts';

const NEWS = new Date('2026-11-24T05:00:00Z');

let site: TestSite;
let before: unknown;

beforeAll(async () => {
  site = await createTestSite();
  await storePapers(site.ctx, fewPapers, NEWS);
});
beforeEach(async () => {
  before = await site.dump();
});
// The promise of everything in this file that does not say otherwise.
afterEach(async () => {
  expect(await site.dump()).toEqual(before);
});
afterAll(() => site.close());

const ask = (fields: Fields) => site.postForm('/preview', fields);
const askPart = (fields: Record<string, string>) =>
  site.app.inject({
    method: 'POST',
    url: '/preview',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-part': 'preview' },
    payload: new URLSearchParams(fields).toString(),
  });
const titlesIn = (html: string) =>
  [...html.matchAll(/<h3 lang="en"><a [^>]*>([^<]*)<\/a>/g)].map(([, title]) => title ?? '');

describe('the page of a preview', () => {
  it('shows subject, papers and reasons, without an address and with nothing signed', async () => {
    const { statusCode, headers, body } = await ask({ topics: ['cs-ro'], keywords: 'tactile skins' });
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-robots-tag': 'noindex' });
    expect(body).toContain(
      '<h2 id="preview-title">Tactile skins for &lt;dexterous&gt; robot hands and 2 more</h2>',
    );
    expect(titlesIn(body)).toHaveLength(3);
    expect(body).toContain('<b>Why:</b> matches tactile skins');
    expect(body).toContain('Tuesday, 24 November 2026');
    expect(body).not.toMatch(/\/(more|less|preferences|pause|unsubscribe)\//);
  });

  it('has the form with all that was typed, to change it or to subscribe', async () => {
    const fields = {
      email: 'ada at example.org',
      topics: ['cs-ro', 'cs-cl'],
      keywords: 'grasping,  <sensing>',
      liked: '2401.00001',
      frequency: 'weekly',
      weekday: '0',
      hour: '0',
      timezone: 'Asia/Kathmandu',
    };
    const { body } = await ask(fields);
    expect(body).toContain('Not known here yet, so left out: 2401.00001.');
    expect(body).toMatch(/<textarea id="liked"[^>]*>2401\.00001<\/textarea>/);
    const { topics = [], website: _, ...rest } = readForm(body);
    expect(topics.toSorted()).toEqual(['cs-cl', 'cs-ro']);
    expect(rest).toEqual({
      email: ['ada at example.org'],
      keywords: ['grasping,  <sensing>'],
      frequency: ['weekly'],
      weekday: ['0'],
      hour: ['0'],
      timezone: ['Asia/Kathmandu'],
      language: ['en'],
    });
    expect(body).toContain('<form method="post" action="/subscribe"');
    expect(body).toContain('formaction="/preview"');
  });

  it.each([
    ['keywords', 'a'.repeat(121)],
    ['topics', 'none-such'],
    ['liked', 'my thesis'],
    ['timezone', 'Mars'],
  ])('says beside the field what is wrong with it: %s', async (field, value) => {
    const { statusCode, body } = await ask({ keywords: 'robots', [field]: value });
    expect(statusCode).toBe(400);
    expect(body).toMatch(new RegExp(`<p class="problem" id="${field}-error">[^<]{10,}</p>`));
    expect(body).toContain('role="alert"');
    expect(titlesIn(body)).toEqual([]);
  });

  it('of an empty form shows what is trending, and says so', async () => {
    const { body } = await ask({ email: '' });
    expect(body).toContain('this is what is trending now');
    expect(titlesIn(body)[0]).toBe('Walking gaits for legged robots on sand');
  });

  it('of words that nothing matches shows what is trending instead, and says so', async () => {
    const { body } = await ask({ keywords: 'medieval manuscripts' });
    expect(body).toContain('Little that is new matches what you chose');
    expect(titlesIn(body).length).toBeGreaterThan(0);
  });

  it('says kindly that there is nothing where nothing trends either', async () => {
    const empty = await createTestSite();
    const { statusCode, body } = await empty.postForm('/preview', { keywords: 'medieval manuscripts' });
    expect(statusCode).toBe(200);
    expect(body).toContain('<h2 id="preview-title">No mail today</h2>');
    await empty.close();
  });

  it('whose address someone opens or reloads leads to the form', async () => {
    const { statusCode, headers } = await site.app.inject({ url: '/preview' });
    expect([statusCode, headers.location]).toEqual([303, '/#subscribe']);
  });

  it('takes forms only, of ordinary size', async () => {
    expect((await site.postJson('/preview', { keywords: ['robots'] })).statusCode).toBe(415);
    expect((await ask({ keywords: 'a'.repeat(110 * 1024) })).statusCode).toBe(413);
  });
});

describe('the part of a page', () => {
  it('is the digest alone', async () => {
    const { statusCode, headers, body } = await askPart({ keywords: 'tactile skins' });
    expect([statusCode, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(body).not.toMatch(/<html|<form|<script/);
    expect(titlesIn(body)[0]).toBe('Tactile skins for &lt;dexterous&gt; robot hands');
  });

  it('is a list of what is wrong where something is', async () => {
    const { statusCode, body } = await askPart({ keywords: 'a'.repeat(121), liked: 'my thesis' });
    expect(statusCode).toBe(400);
    expect(JSON.parse(body)).toEqual({
      errors: [
        { field: 'keywords', message: 'Keywords must have at most 120 characters.' },
        { field: 'liked', message: expect.stringContaining('unlike "my thesis"') },
      ],
    });
  });
});

describe('the API', () => {
  const post = (body: unknown) => site.postJson('/api/preview', body);

  it('answers with subject and papers, each with its reasons', async () => {
    const answer = await post({ topics: ['cs-ro'], keywords: ['tactile skins'], liked: ['2401.00001'] });
    expect(answer.statusCode).toBe(200);
    const { papers: listed, ...rest } = answer.json();
    expect(rest).toEqual({
      subject: 'Tactile skins for <dexterous> robot hands and 2 more',
      intro: 'Your first digest: 3 papers for you, best first.',
      notKnown: ['2401.00001'],
    });
    expect(listed[0]).toEqual({
      rank: 1,
      title: 'Tactile skins for <dexterous> robot hands',
      authors: 'Ada Feel, Bo Touch',
      published: '',
      venue: '',
      categories: ['cs.RO'],
      summary: expect.stringContaining('soft fruit'),
      reasons: expect.arrayContaining(['matches tactile skins']),
      abstractUrl: 'https://arxiv.org/abs/2611.00001',
      pdfUrl: 'https://arxiv.org/pdf/2611.00001',
      codeUrl: null,
    });
  });

  it('leaves out what is excluded, follows authors, and never brings a liked paper itself', async () => {
    const titles = async (body: unknown) =>
      (await post(body)).json().papers.map(({ title }: { title: string }) => title);
    expect(await titles({ topics: ['cs-ro'], excluded: ['sand'] })).not.toContain(
      'Walking gaits for legged robots on sand',
    );
    expect((await titles({ topics: ['cs-ro'], authors: ['A. Feel'] }))[0]).toContain('Tactile');
    const liked = await titles({ topics: ['cs-ro'], liked: ['2611.00001'] });
    expect(liked.length).toBeGreaterThan(0);
    expect(liked.join()).not.toContain('Tactile');
  });

  it.each([
    ['topics', ['none-such']],
    ['topics', 'cs-ro'],
    ['keywords', ['robots\r\nBcc: eve@example.org']],
    ['keywords', Array.from({ length: 101 }, (_, at) => `keyword ${at}`)],
    ['liked', ['thesis']],
    ['excluded', ['a'.repeat(121)]],
    ['authors', [5]],
    ['paperCount', 21],
    ['pickiness', 'picky'],
  ])('refuses %s %j and names the field', async (field, value) => {
    const answer = await post({ [field]: value });
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      { error: { code: 'INPUT_INVALID', field, message: expect.stringMatching(`^${field} .{8,}\\.$`) } },
    ]);
  });

  it.each([[[]], ['robots'], [5]])('refuses a body that is no object: %j', async (body) => {
    const answer = await post(body);
    expect([answer.statusCode, answer.json().error.field]).toEqual([400, 'body']);
  });
});

describe('a flood of previews', () => {
  it('from one network address is held back, form and API together, and mistakes do not count', async () => {
    const limited = await createTestSite();
    const post = (keyword: string, remoteAddress: string) =>
      limited.app.inject({
        method: 'POST',
        url: '/api/preview',
        payload: { keywords: [keyword] },
        remoteAddress,
      });
    await post('a'.repeat(121), '192.0.2.1');
    for (let at = 0; at < 120; at += 1) expect((await post('a', '192.0.2.1')).statusCode).toBe(200);
    expect((await post('a', '192.0.2.1')).json()).toEqual({
      error: { code: 'TOO_MANY_REQUESTS', message: expect.stringContaining('Please wait') },
    });
    const form = await limited.app.inject({
      method: 'POST',
      url: '/preview',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json, text/html' },
      payload: 'keywords=a',
      remoteAddress: '192.0.2.1',
    });
    expect([form.statusCode, form.json().error.code]).toEqual([429, 'TOO_MANY_REQUESTS']);
    expect((await post('a', '192.0.2.2')).statusCode).toBe(200);
    await limited.close();
  });
});
