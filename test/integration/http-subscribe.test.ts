/** Signing up over HTTP: the answer tells nothing about an address, and each request causes exactly the mail it should. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestSite, type TestSite } from '../support/site.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let site: TestSite;

let count = 0;

beforeAll(async () => {
  site = await createTestSite();
});
afterAll(() => site.close());

/** An address that no other test uses. */
const fresh = () => `reader${++count}@example.org`;

const request = {
  form: (email: string) => site.postForm('/subscribe', { email, keywords: 'robots' }),
  api: (email: string) => site.postJson('/api/subscriptions', { email, keywords: ['robots'] }),
};

/** The kinds of mail that wait for an address, oldest first. */
async function mailsFor(email: string): Promise<string[]> {
  const rows = await site.sql`select kind from deliveries join subscribers s on s.id = subscriber_id
    where email_key = ${email.toLowerCase()} order by deliveries.id`;
  return rows.map(({ kind }) => kind);
}

const states = {
  unknown: { causes: ['confirm'], setUp: async () => {} },
  pending: {
    causes: ['confirm'],
    setUp: async (email: string) => {
      await site.addPending(email);
      site.clock.advance(11 * MINUTE);
    },
  },
  active: {
    causes: ['already_subscribed'],
    setUp: async (email: string) => void (await site.addReader(email)),
  },
  unsubscribed: {
    causes: ['confirm'],
    setUp: async (email: string) => {
      const id = await site.addReader(email);
      await site.app.inject({ method: 'POST', url: site.path('unsubscribe', id) });
    },
  },
  suppressed: {
    causes: [],
    setUp: (email: string) => site.suppress(email),
  },
};

describe.each(['form', 'api'] as const)('a sign-up by %s', (way) => {
  it('is answered the same, headers and all, whether the address is unknown, pending, active, gone or suppressed', async () => {
    const answers = [];
    for (const { setUp } of Object.values(states)) {
      const email = fresh();
      await setUp(email);
      const { statusCode, headers, body } = await request[way](email);
      const { date, ...rest } = headers;
      answers.push({ statusCode, headers: rest, body });
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject(
      way === 'form'
        ? { statusCode: 303, headers: { location: '/subscribed' }, body: '' }
        : { statusCode: 202, body: '{"status":"check_inbox"}' },
    );
  });

  it('is answered no sooner for an address that is known, of which less is written', async () => {
    for (const { setUp } of Object.values(states)) {
      const email = fresh();
      await setUp(email);
      await request[way](email);
      const askedAt = performance.now();
      await request[way](email);
      // Timers may be a millisecond early.
      expect(performance.now() - askedAt).toBeGreaterThan(23);
    }
  });

  it.each(Object.entries(states))(
    'of an address that is %s causes its one mail',
    async (_state, { setUp, causes }) => {
      const email = fresh();
      await setUp(email);
      const before = await mailsFor(email);
      await request[way](email);
      expect(await mailsFor(email)).toEqual([...before, ...causes]);
    },
  );

  it('of one address in other letters is the same subscriber', async () => {
    const email = fresh();
    await request[way](email.toUpperCase());
    await request[way](email);
    expect(await site.sql`select status from subscribers where lower(email) = ${email}`).toEqual([
      { status: 'pending' },
    ]);
    expect(await mailsFor(email)).toEqual(['confirm']);
  });
});

describe('repeated sign-ups', () => {
  it('of a pending address send a mail every ten minutes at most', async () => {
    const email = fresh();
    await request.form(email);
    site.clock.advance(10 * MINUTE - 1000);
    await request.api(email);
    expect(await mailsFor(email)).toEqual(['confirm']);
    site.clock.advance(2000);
    await request.api(email);
    expect(await mailsFor(email)).toEqual(['confirm', 'confirm']);
  });

  it('of an active address send a mail every 24 hours at most', async () => {
    const email = fresh();
    await site.addReader(email);
    await request.form(email);
    site.clock.advance(24 * HOUR - 1000);
    await request.api(email);
    expect(await mailsFor(email)).toEqual(['already_subscribed']);
    site.clock.advance(2000);
    await request.form(email);
    expect(await mailsFor(email)).toEqual(['already_subscribed', 'already_subscribed']);
  });

  it.each(['unknown', 'pending', 'active'] as const)(
    'at the same moment make one mail: %s',
    async (state) => {
      const email = fresh();
      await states[state].setUp(email);
      const before = await mailsFor(email);
      const answers = await Promise.all(Array.from({ length: 10 }, () => request.api(email)));
      expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(10).fill(202));
      expect(await mailsFor(email)).toEqual([...before, ...states[state].causes]);
    },
  );

  it('by a stranger change nothing of what an active reader chose', async () => {
    const email = fresh();
    const id = await site.addReader(email, { keywords: ['tactile'], hour: 6 });
    await site.postForm('/subscribe', { email, keywords: 'spam', hour: '20' });
    expect(
      await site.sql`select hour, status, keywords from subscribers join profiles on subscriber_id = id where id = ${id}`,
    ).toEqual([{ hour: 6, status: 'active', keywords: ['tactile'] }]);
  });
});

describe('the form', () => {
  it('stores all that was chosen', async () => {
    await site.postForm('/subscribe', {
      email: 'Grace+papers@Example.org',
      topics: ['cs-cl', 'cs-ro', 'cs-cl'],
      keywords: ' tactile sensing , robots,, robots ',
      frequency: 'weekly',
      weekday: '0',
      hour: '0',
      timezone: 'Asia/Kathmandu',
    });
    const [row] = await site.sql`select email, frequency, weekdays, hour, timezone, next_due_at, keywords,
      array(select slug from profile_topics join topics on topics.id = topic_id order by slug) as topics
      from subscribers join profiles on subscriber_id = subscribers.id where email_key like 'grace%'`;
    expect(row).toEqual({
      email: 'Grace+papers@example.org',
      frequency: 'weekly',
      weekdays: [0],
      hour: 0,
      timezone: 'Asia/Kathmandu',
      next_due_at: null,
      keywords: ['tactile sensing', 'robots'],
      topics: ['cs-cl', 'cs-ro'],
    });
  });

  it('tells a program that fills in the hidden field that all went well, and stores nothing', async () => {
    const honest = await request.form(fresh());
    const before = await site.dump();
    const bot = await site.postForm('/subscribe', { email: fresh(), website: 'https://spam.example' });
    expect([bot.statusCode, bot.headers.location, bot.body]).toEqual([303, '/subscribed', honest.body]);
    expect(await site.dump()).toEqual(before);
  });
});

describe('a flood of sign-ups', () => {
  it('from one network address is held back, other addresses are not, and mistakes do not count', async () => {
    const limited = await createTestSite({ env: { SUBSCRIBE_LIMIT: '2' } });
    const post = (email: string, remoteAddress: string) =>
      limited.app.inject({ method: 'POST', url: '/api/subscriptions', payload: { email }, remoteAddress });
    const codes = [];
    for (const email of ['no address', 'a@example.org', 'also none', 'b@example.org', 'c@example.org']) {
      codes.push((await post(email, '192.0.2.1')).statusCode);
    }
    expect(codes).toEqual([400, 202, 400, 202, 429]);
    expect((await post('d@example.org', '192.0.2.1')).json()).toEqual({
      error: { code: 'TOO_MANY_REQUESTS', message: expect.stringContaining('Please wait') },
    });
    expect((await post('d@example.org', '192.0.2.2')).statusCode).toBe(202);
    expect(await limited.sql`select count(*)::int from subscribers`).toEqual([{ count: 3 }]);
    await limited.close();
  });
});
