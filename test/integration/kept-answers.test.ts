/** Pages that everyone sees alike are worked out once in a while; nothing that belongs to one reader is. */
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { makePaper, storePapers } from '../support/papers.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

let site: TestSite;
let stored = 0;

/** Puts one paper more on the front page of today, and returns its title. */
async function storeAnother(): Promise<string> {
  const title = `Robots of kind ${++stored}`;
  await storePapers(site.ctx, [makePaper({ title, upvotes: 9, categories: ['cs.RO'] })], site.clock.now());
  return title;
}

const TODAY = '/?day=2026-11-24';
const get = (url: string, headers = {}) => site.app.inject({ url, headers });

beforeAll(async () => {
  site = await createTestSite();
});
beforeEach(() => site.clock.advance(60_000));
afterAll(() => site.close());

it('shows a change ten seconds later, with another mark', async () => {
  const first = await storeAnother();
  const before = await get(TODAY);
  expect(before.body).toContain(first);
  const second = await storeAnother();
  const kept = await get(TODAY);
  expect([kept.body, kept.headers.etag]).toEqual([before.body, before.headers.etag]);
  site.clock.advance(10_000);
  const after = await get(TODAY);
  expect(after.body).toContain(second);
  expect(after.headers.etag).not.toBe(before.headers.etag);
});

it('works a page out anew for one visitor before its time is over, while others get the kept one', async () => {
  const before = await get(TODAY);
  const title = await storeAnother();
  site.clock.advance(6_000);
  const [first, ...others] = await Promise.all([get(TODAY), get(TODAY), get(TODAY)]);
  expect(first.body).toContain(title);
  for (const other of others) expect(other.body).toBe(before.body);
  site.clock.advance(6_000);
  expect((await get(TODAY)).body).toContain(title);
});

it('keeps what a search found for a minute', async () => {
  expect((await get('/search?q=kind')).body).not.toContain('Robots of kind 99');
  await storePapers(site.ctx, [makePaper({ title: 'Robots of kind 99' })], site.clock.now());
  expect((await get('/search?q=kind')).body).not.toContain('Robots of kind 99');
  expect((await get('/search?q=kind&sort=newest')).body).toContain('Robots of kind 99');
  site.clock.advance(60_000);
  expect((await get('/search?q=kind')).body).toContain('Robots of kind 99');
});

it('answers from what is kept as it did at first: same headers, 304 to whoever has it', async () => {
  for (const url of ['/', '/topics/cs-ro', '/search?q=robots', '/feed.atom', '/topics/cs-ro/feed.json']) {
    const { headers: first, body } = await get(url);
    const kept = await get(url);
    // All but the time of the answer.
    expect({ ...kept.headers, date: '' }).toEqual({ ...first, date: '' });
    expect(kept.body).toBe(body);
    const known = await get(url, { 'if-none-match': first.etag });
    expect([known.statusCode, known.body, known.headers.etag]).toEqual([304, '', first.etag]);
    const head = await site.app.inject({ method: 'HEAD', url });
    expect([head.statusCode, head.body]).toEqual([200, '']);
  }
});

it('shows a topic as it was while all papers are indexed anew, and keeps nobody waiting', async () => {
  const topic = '/topics/cs-ro';
  const before = await get(topic);
  const title = await storeAnother();
  site.clock.advance(5 * 60_000);
  const [first, second] = await Promise.all([get(`${topic}?period=day`), get(topic)]);
  expect(first.body).not.toContain(title);
  expect(second.body).toBe(before.body);
  await vi.waitFor(async () => {
    site.clock.advance(10_000);
    expect((await get(topic)).body).toContain(title);
  });
});

it('tells addresses apart by all that stands in them', async () => {
  const plain = await get('/');
  const chosen = await get('/?topic=cs-ro');
  expect(chosen.body).not.toBe(plain.body);
  expect((await get('/')).body).toBe(plain.body);
});

it('keeps no page of one reader or with an error', async () => {
  const id = await site.addReader('ada@example.org', { keywords: ['robots'] });
  const preferences = site.path('preferences', id);
  expect((await get(preferences)).body).toContain('robots');
  await site.postForm(preferences, { keywords: 'caves' });
  expect((await get(preferences)).body).toContain('caves');

  const empty = '/?day=2026-11-23';
  expect((await get(empty)).statusCode).toBe(404);
  const listedAt = new Date('2026-11-23T00:00:00Z');
  const late = makePaper({ title: 'Late', upvotes: 1, listedAt });
  await storePapers(site.ctx, [late], new Date('2026-11-23T12:00:00Z'));
  expect((await get(empty)).statusCode).toBe(200);
});
