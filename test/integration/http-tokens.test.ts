/** A link is all the login there is: only an untouched one, of the right purpose and in its time, opens anything. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { composePage } from '../../src/digests/compose.ts';
import { addressVersion, type LinkPurpose } from '../../src/mail/links.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

const purposes: LinkPurpose[] = [
  'confirm',
  'preferences',
  'pause',
  'unsubscribe',
  'address',
  'digest',
  'feed',
  'more',
  'less',
];
/** Where a token can be tried, by the purpose that opens it. */
const doors: Record<LinkPurpose, { get?: string; post?: string; fields: Record<string, string> }[]> = {
  confirm: [{ get: '/confirm/*', post: '/confirm/*', fields: {} }],
  preferences: [
    { get: '/preferences/*', post: '/preferences/*', fields: { keywords: 'changed' } },
    { post: '/preferences/*/forget', fields: { paper: '1' } },
    { get: '/preferences/*/digests', fields: {} },
    { post: '/preferences/*/address', fields: { email: 'ada@else.example.net' } },
    { post: '/preferences/*/address/cancel', fields: {} },
    { post: '/preferences/*/export', fields: {} },
    { get: '/preferences/*/erase', post: '/preferences/*/erase', fields: {} },
    { post: '/preferences/*/erase/undo', fields: {} },
  ],
  pause: [
    { get: '/pause/*', post: '/pause/*', fields: { until: 'month' } },
    { post: '/pause/*/weekly', fields: {} },
    { post: '/pause/*/daily', fields: { weekdays: '1,2' } },
  ],
  unsubscribe: [
    { get: '/unsubscribe/*', post: '/unsubscribe/*', fields: { 'List-Unsubscribe': 'One-Click' } },
    { post: '/unsubscribe/*/undo', fields: {} },
    { post: '/unsubscribe/*/instead', fields: { change: 'weekly' } },
    { post: '/unsubscribe/*/reason', fields: { reason: 'other' } },
  ],
  address: [{ get: '/address/*', post: '/address/*', fields: {} }],
  digest: [{ get: '/digests/*', fields: {} }],
  feed: [{ get: '/digests/feed/*.xml', fields: {} }],
  more: [
    { get: '/more/*', post: '/more/*', fields: {} },
    { post: '/more/*/undo', fields: {} },
  ],
  less: [
    { get: '/less/*', post: '/less/*', fields: {} },
    { post: '/less/*/undo', fields: {} },
  ],
};

/** The one paper there is. */
const PAPER = 1;
/** Where the reader wants to move. */
const NEW_EMAIL = 'ada@new.example.net';

let site: TestSite;
let id: number;
let before: unknown;
let askedAt: Date;

beforeAll(async () => {
  site = await createTestSite();
  const papers = [makePaper({ title: 'Hands that feel', upvotes: 9, categories: ['cs.RO'] })];
  await storePapers(site.ctx, papers, site.clock.now());
  id = await site.addReader('ada@example.org', { topics: ['cs-ro'] });
  await composePage(site.ctx, site.clock.now(), [id]);
  askedAt = site.clock.now();
  await site.postForm(`${site.path('preferences', id)}/address`, { email: NEW_EMAIL });
  // So that a token of another purpose would find its row if purposes were not told apart.
  expect(await site.sql`select id::int from digests`).toEqual([{ id }]);
  expect(await site.sql`select id::int from papers`).toEqual([{ id: PAPER }]);
});
beforeEach(async () => {
  before = await site.dump();
});
afterAll(() => site.close());

const tokenFor = (purpose: LinkPurpose) => pathFor(purpose).split('/').at(-1) ?? '';
const pathFor = (purpose: LinkPurpose, tokenVersion = 1) =>
  site.path(purpose, id, { version: versionOf(purpose, tokenVersion), ...paperOf(purpose) });
const versionOf = (purpose: LinkPurpose, tokenVersion: number) =>
  purpose === 'address'
    ? addressVersion({ tokenVersion, newEmail: NEW_EMAIL, newEmailAt: askedAt })
    : tokenVersion;
const paperOf = (purpose: LinkPurpose) =>
  purpose === 'more' || purpose === 'less' ? { paperId: PAPER } : {};
const get = (pattern: string, token: string) =>
  site.app.inject({ method: 'GET', url: pattern.replace('*', () => token) });
const post = (pattern: string, token: string, fields: Record<string, string>) =>
  site.postForm(
    pattern.replace('*', () => token),
    fields,
  );

/** The statuses of everything that can be done with a token at the doors of a purpose. */
async function tryAll(purpose: LinkPurpose, token: string) {
  const statuses: number[] = [];
  for (const door of doors[purpose]) {
    if (door.get) statuses.push((await get(door.get, token)).statusCode);
    if (door.post) statuses.push((await post(door.post, token, door.fields)).statusCode);
  }
  return statuses;
}

describe.each(purposes)('the doors of %s', (purpose) => {
  afterEach(async () => {
    expect(await site.dump()).toEqual(before);
  });

  it.each(purposes.filter((other) => other !== purpose))('stay shut to a token made to %s', async (other) => {
    for (const status of await tryAll(purpose, tokenFor(other))) expect(status).toBe(404);
  });

  it('stay shut when any one character of the token is another, missing or added', async () => {
    const token = tokenFor(purpose);
    const forged = [...token].flatMap((character, at) => {
      const head = token.slice(0, at);
      const tail = token.slice(at + 1);
      const other = character === 'A' ? 'B' : 'A';
      const swapped =
        character === character.toLowerCase() ? character.toUpperCase() : character.toLowerCase();
      return [head + other + tail, head + swapped + tail, head + tail, `${head + character}x${tail}`];
    });
    for (const each of forged.filter((candidate) => candidate !== token)) {
      const url = `${doors[purpose][0]?.get?.replace('*', () => each)}`;
      const method = doors[purpose][0]?.post ? 'POST' : 'GET';
      const { statusCode } = await site.app.inject({ method, url });
      expect([each, statusCode]).toEqual([each, 404]);
    }
  });

  it('stay shut to what is no token', async () => {
    const parts = tokenFor(purpose).split('.');
    const nonsense = [
      'x',
      '.',
      '....',
      'undefined',
      'null',
      '1',
      "'%20or%201=1--",
      '%F0%9F%98%80',
      'a'.repeat(290),
      [...parts, parts[4]].join('.'),
      parts.slice(0, 4).join('.'),
      [...parts.slice(0, 4), ''].join('.'),
      [parts[0], '-1', ...parts.slice(2)].join('.'),
      [parts[0], 'zzzzzzzzzzzzz', ...parts.slice(2)].join('.'),
    ];
    for (const token of nonsense) {
      for (const status of await tryAll(purpose, token)) expect([token, status]).toEqual([token, 404]);
    }
    for (const status of await tryAll(purpose, 'a'.repeat(2000))) expect([404, 414]).toContain(status);
  });

  it('stay shut to a token signed with another secret', async () => {
    const stranger = await createTestSite({ env: { SECRET_KEY: 'another secret for tests' } });
    const token = stranger.path(purpose, id, paperOf(purpose)).split('/').at(-1) ?? '';
    await stranger.close();
    for (const status of await tryAll(purpose, token)) expect(status).toBe(404);
  });

  it('stay shut to a token of someone who does not exist', async () => {
    const token = site.path(purpose, 4711, paperOf(purpose)).split('/').at(-1) ?? '';
    for (const status of await tryAll(purpose, token)) expect(status).toBe(404);
  });
});

describe.each(['more', 'less'] as const)('the doors of %s', (purpose) => {
  it('stay shut to a token for no paper, and for one that is gone', async () => {
    for (const paper of [{}, { paperId: 4711 }, { paperId: 0 }]) {
      const token = site.path(purpose, id, paper).split('/').at(-1) ?? '';
      for (const status of await tryAll(purpose, token)) expect(status).toBe(404);
    }
    expect(await site.dump()).toEqual(before);
  });
});

describe('a token that ran out', () => {
  it('says so, and confirms nothing', async () => {
    const pending = await site.addPending('late@example.org');
    const expiresAt = new Date(site.clock.now().getTime() + 60_000);
    const url = site.path('confirm', pending, { expiresAt });
    expect((await site.app.inject({ url })).statusCode).toBe(200);
    site.clock.advance(60_001);
    for (const method of ['GET', 'POST'] as const) {
      const answer = await site.app.inject({ method, url });
      expect([answer.statusCode, answer.body.includes('This link has expired')]).toEqual([410, true]);
    }
    expect(await site.sql`select status from subscribers where id = ${pending}`).toEqual([
      { status: 'pending' },
    ]);
  });
});

describe('when a reader’s links are ended', () => {
  it('old ones open nothing any more, except that leaving always works', async () => {
    await site.sql`update subscribers set token_version = 2 where id = ${id}`;
    before = await site.dump();
    for (const purpose of ['confirm', 'preferences', 'pause', 'address', 'more', 'less'] as const) {
      for (const status of await tryAll(purpose, tokenFor(purpose))) expect(status).toBe(404);
      expect(await site.dump()).toEqual(before);
      const url = pathFor(purpose, 2);
      expect((await site.app.inject({ url })).statusCode).toBe(200);
    }
    expect((await post('/unsubscribe/*', tokenFor('unsubscribe'), {})).statusCode).toBe(200);
    expect(await site.sql`select status from subscribers where id = ${id}`).toEqual([
      { status: 'unsubscribed' },
    ]);
  });
});
