/** Leaving, with a way back and less mail instead; pausing until a date; and every digest of the past. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { parseMetrics } from '../support/metrics.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { createTestSite, type Fields, type TestSite } from '../support/site.ts';

let site: TestSite;
let id: number;
let email: string;
let leaveUrl: string;
let pauseUrl: string;
let preferencesUrl: string;
let count = 0;

beforeAll(async () => {
  site = await createTestSite();
});
beforeEach(async () => {
  site.clock.set('2026-11-24T09:30:00Z');
  email = `reader${++count}@example.org`;
  id = await site.addReader(email, { topics: ['cs-ro'], hour: 8 });
  // As if the first digest were behind them.
  await site.sql`update subscribers set next_due_at = '2026-11-25T08:00:00Z' where id = ${id}`;
  leaveUrl = site.path('unsubscribe', id);
  pauseUrl = site.path('pause', id);
  preferencesUrl = site.path('preferences', id);
});
afterAll(() => site.close());

const show = async (url: string) => (await site.app.inject({ url })).body;
async function stored() {
  const [row] = await site.sql`select status, frequency, weekdays, paper_count, leave_reason, erase_at,
    paused_until, next_due_at from subscribers where id = ${id}`;
  return { ...row };
}
/** What the buttons of the form to this address carry, by their words. */
function buttons(page: string, action: string): Record<string, string> {
  const form = page.slice(page.indexOf(`action="${action}"`)).split('</form>')[0] ?? '';
  const found = form.matchAll(/<button[^>]*value="(\w+)">([^<]*)</g);
  return Object.fromEntries([...found].map(([, value = '', label = '']) => [label, value]));
}

describe('after leaving', () => {
  it('offers what would be less mail for this reader, and nothing that would not', async () => {
    const offered = async () =>
      Object.keys(buttons((await site.postForm(leaveUrl, {})).body, `${leaveUrl}/instead`));
    expect(await offered()).toEqual(['Once a week, every Monday', 'At most 5 papers', 'A month’s pause']);
    await site.sql`update subscribers set paper_count = 5, weekdays = '{3,5}' where id = ${id}`;
    expect(await offered()).toEqual(['Once a week, every Wednesday', 'A month’s pause']);
    await site.sql`update subscribers set weekdays = '{3}', paused_until = '9999-12-31T00:00:00Z' where id = ${id}`;
    expect(await offered()).toEqual([]);
  });

  it.each([
    [
      'weekly',
      'From now on it comes every Monday at 08:00, UTC. Your next digest comes on Monday, 30 November 2026',
      { frequency: 'weekly', weekdays: [1], next_due_at: new Date('2026-11-30T08:00:00Z') },
      'changed',
    ],
    [
      'fewer',
      'From now on it has at most 5 papers. Your next digest comes on Wednesday, 25 November 2026',
      { frequency: 'daily', paper_count: 5, next_due_at: new Date('2026-11-25T08:00:00Z') },
      'changed',
    ],
    [
      'month',
      'It is paused until 24 December 2026. Your next digest comes on Friday, 25 December 2026',
      { frequency: 'daily', next_due_at: new Date('2026-12-25T08:00:00Z') },
      'paused',
    ],
  ])('comes back with one change in one click: %s', async (change, words, expected, action) => {
    await site.postForm(leaveUrl, {});
    await site.postForm(`${leaveUrl}/reason`, { reason: 'too_many' });
    const answer = await site.postForm(`${leaveUrl}/instead`, { change });
    expect([answer.statusCode, answer.body.includes(words)]).toEqual([200, true]);
    expect(await stored()).toMatchObject({ status: 'active', leave_reason: null, ...expected });
    const consents = await site.sql`select action from consents where subscriber_id = ${id} order by id`;
    expect(consents.slice(-2).map((row) => row.action)).toEqual(['confirmed', action]);
    // Sent twice, as by an impatient click or a reload.
    const before = await site.dump();
    const again = await site.postForm(`${leaveUrl}/instead`, { change });
    expect([again.statusCode, again.body.includes(words)]).toEqual([200, true]);
    expect(await site.dump()).toEqual(before);
  });

  it.each([{}, { change: '' }, { change: 'daily' }, { change: ['weekly', 'x'] }])(
    'refuses a change that it does not offer: %j',
    async (fields) => {
      await site.postForm(leaveUrl, {});
      const before = await site.dump();
      expect((await site.postForm(`${leaveUrl}/instead`, fields as Fields)).statusCode).toBe(400);
      expect(await site.dump()).toEqual(before);
    },
  );

  it('changes nothing for someone who has not left, whatever the link asks for', async () => {
    const before = await site.dump();
    for (const [path, fields] of [
      ['instead', { change: 'weekly' }],
      ['reason', { reason: 'other' }],
      ['undo', {}],
    ] as [string, Fields][]) {
      expect((await site.postForm(`${leaveUrl}/${path}`, fields)).body).toContain('You are subscribed');
    }
    expect(await site.dump()).toEqual(before);
  });

  it('takes a reason, thanks for it, shows it again and lets it be changed', async () => {
    expect((await site.postForm(leaveUrl, {})).body).not.toContain('checked');
    const given = await site.postForm(`${leaveUrl}/reason`, { reason: 'not_for_me' });
    expect(given.body).toContain('Thank you.');
    expect(await stored()).toMatchObject({ status: 'unsubscribed', leave_reason: 'not_for_me' });
    expect(await show(leaveUrl)).toContain('value="not_for_me" checked');
    await site.postForm(`${leaveUrl}/reason`, { reason: 'found_other' });
    expect(await stored()).toMatchObject({ leave_reason: 'found_other' });
    await site.postForm(`${leaveUrl}/undo`, {});
    expect(await stored()).toMatchObject({ status: 'active', leave_reason: null });
  });

  it.each([{}, { reason: '' }, { reason: 'spam' }, { reason: 'too_many\n' }])(
    'says beside the field that it takes one of four reasons: %j',
    async (fields) => {
      await site.postForm(leaveUrl, {});
      await site.postForm(`${leaveUrl}/reason`, { reason: 'other' });
      const before = await site.dump();
      const answer = await site.postForm(`${leaveUrl}/reason`, fields as Fields);
      expect([answer.statusCode, answer.body.includes('id="reason-error"')]).toEqual([400, true]);
      expect(await site.dump()).toEqual(before);
    },
  );

  it('forgets the reason of someone who subscribes and confirms anew', async () => {
    await site.postForm(leaveUrl, {});
    await site.postForm(`${leaveUrl}/reason`, { reason: 'other' });
    await site.postForm('/subscribe', { email });
    // Asked anew: the link to leave tells and changes nothing of how it was.
    expect((await site.postForm(`${leaveUrl}/reason`, { reason: 'too_many' })).statusCode).toBe(404);
    expect((await site.postForm(`${leaveUrl}/instead`, { change: 'weekly' })).statusCode).toBe(404);
    expect(await stored()).toMatchObject({ status: 'pending', leave_reason: 'other' });
    await site.app.inject({ method: 'POST', url: site.path('confirm', id) });
    expect(await stored()).toMatchObject({ status: 'active', leave_reason: null });
  });

  it('asks nothing of someone who never agreed, and offers them no way in', async () => {
    const pending = await site.addPending(`stranger${count}@example.org`);
    const url = site.path('unsubscribe', pending);
    const left = await site.postForm(url, {});
    expect(left.body).toContain('You are unsubscribed');
    expect(left.body.match(/<form method="post"/g)).toBeNull();
    for (const [path, fields] of [
      ['instead', { change: 'month' }],
      ['reason', { reason: 'other' }],
    ] as [string, Fields][]) {
      expect((await site.postForm(`${url}/${path}`, fields)).statusCode).toBe(404);
    }
  });

  it('does not bring back an address that is suppressed', async () => {
    const left = await site.postForm(leaveUrl, {});
    expect(left.body).toContain(`${leaveUrl}/instead`);
    await site.suppress(email);
    expect(await show(leaveUrl)).not.toContain('/instead');
    expect((await site.postForm(`${leaveUrl}/instead`, { change: 'month' })).statusCode).toBe(404);
    expect(await stored()).toMatchObject({ status: 'unsubscribed' });
  });

  it('keeps someone who comes back while their erasure waits', async () => {
    await site.postForm(leaveUrl, {});
    await site.sql`update subscribers set erase_at = '2026-11-25T09:30:00Z' where id = ${id}`;
    await site.postForm(`${leaveUrl}/undo`, {});
    expect(await stored()).toMatchObject({ status: 'active', erase_at: null });
  });

  it('lets a link from before the reader’s links were ended leave, and do or tell nothing else', async () => {
    await site.sql`update subscribers set token_version = 2 where id = ${id}`;
    for (const page of [
      await show(leaveUrl),
      (await site.postForm(leaveUrl, {})).body,
      await show(leaveUrl),
    ]) {
      expect(page).toMatch(/Unsubscribe<|You are unsubscribed/);
      expect(page).not.toContain(email);
      expect(page).not.toMatch(/\/(pause|preferences)\/|\/(undo|instead|reason)/);
    }
    expect(await stored()).toMatchObject({ status: 'unsubscribed' });
    const before = await site.dump();
    for (const [path, fields] of [
      ['undo', {}],
      ['instead', { change: 'month' }],
      ['reason', { reason: 'other' }],
    ] as [string, Fields][]) {
      expect((await site.postForm(`${leaveUrl}/${path}`, fields)).statusCode).toBe(404);
    }
    expect(await site.dump()).toEqual(before);
    const current = site.path('unsubscribe', id, { version: 2 });
    expect((await site.postForm(`${current}/undo`, {})).statusCode).toBe(200);
  });

  it('is counted by reason, as numbers alone', async () => {
    const own = await createTestSite();
    const leave = async (name: string, reason?: string) => {
      const url = own.path('unsubscribe', await own.addReader(`${name}@example.org`));
      await own.postForm(url, {});
      if (reason) await own.postForm(`${url}/reason`, { reason });
      return url;
    };
    await own.addReader('stays@example.org');
    await leave('a', 'too_many');
    await leave('b', 'too_many');
    await leave('c');
    await own.postForm(`${await leave('d', 'other')}/undo`, {});
    const { body } = await (await buildApp(own.ctx)).inject({ url: '/metrics', remoteAddress: '127.0.0.1' });
    const samples = parseMetrics(body).filter(({ name }) => name === 'paperboy_unsubscribed_readers');
    expect(Object.fromEntries(samples.map(({ labels, value }) => [labels.reason, value]))).toEqual({
      too_many: 2,
      not_for_me: 0,
      found_other: 0,
      other: 0,
      none: 1,
    });
    expect(body).not.toContain('@example.org');
    await own.close();
  });
});

describe('pausing', () => {
  it('lasts until a date in the reader’s own zone, whose digest comes again, be it at midnight', async () => {
    // Kathmandu is 5:45 ahead.
    await site.sql`update subscribers set timezone = 'Asia/Kathmandu', hour = 0 where id = ${id}`;
    const answer = await site.postForm(pauseUrl, { until: 'date', date: '2026-12-24' });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain('paused until 24 December 2026');
    expect(answer.body).toContain(
      'Your next digest comes on Thursday, 24 December 2026 at 00:00 (Asia/Kathmandu).',
    );
    expect(await stored()).toMatchObject({
      paused_until: new Date('2026-12-23T18:15:00Z'),
      next_due_at: new Date('2026-12-23T18:15:00Z'),
    });
    site.clock.set('2026-12-23T18:14:59Z');
    expect(await show(pauseUrl)).toContain('Your digest is paused');
    site.clock.set('2026-12-23T18:15:00Z');
    expect(await show(pauseUrl)).toContain('Pause your digest');
  });

  it('takes tomorrow to a year ahead, as it is there and not here', async () => {
    // Already the 25th in Auckland, and still the 24th in Los Angeles.
    site.clock.set('2026-11-25T05:00:00Z');
    for (const [timezone, first, last, early, late] of [
      ['Pacific/Auckland', '2026-11-26', '2027-11-25', '2026-11-25', '2027-11-26'],
      ['America/Los_Angeles', '2026-11-25', '2027-11-24', '2026-11-24', '2027-11-25'],
    ] as const) {
      await site.sql`update subscribers set timezone = ${timezone} where id = ${id}`;
      expect(await show(pauseUrl)).toContain(`min="${first}" max="${last}"`);
      for (const date of [early, late]) {
        expect([date, (await site.postForm(pauseUrl, { until: 'date', date })).statusCode]).toEqual([
          date,
          400,
        ]);
      }
      for (const date of [first, last]) {
        expect([date, (await site.postForm(pauseUrl, { until: 'date', date })).statusCode]).toEqual([
          date,
          200,
        ]);
      }
    }
  });

  it.each(['', '2026-02-30', '2027-02-29', '24.12.2026', '2026-12-24T00:00', '"><script>', '12026-12-24'])(
    'says beside the field what date it takes, and keeps what was typed: %s',
    async (date) => {
      const before = await site.dump();
      const answer = await site.postForm(pauseUrl, { until: 'date', date });
      expect(answer.statusCode).toBe(400);
      expect(answer.body).toContain(
        '<p class="problem" id="date-error">Choose a date from 25 November 2026 to 24 November 2027.</p>',
      );
      const kept = date.replace('"><script>', '&quot;&gt;&lt;script&gt;');
      expect(answer.body).toMatch(new RegExp(`name="date" value="${kept}"[^>]* aria-invalid="true"`));
      expect(await site.dump()).toEqual(before);
    },
  );

  it('can be once a week instead, which undo takes back to the very days', async () => {
    await site.sql`update subscribers set weekdays = '{2,4}' where id = ${id}`;
    const weekly = await site.postForm(`${pauseUrl}/weekly`, {});
    expect(weekly.body).toContain('From now on your digest comes every Tuesday at 08:00, UTC.');
    expect(await stored()).toMatchObject({
      frequency: 'weekly',
      weekdays: [2],
      next_due_at: new Date('2026-12-01T08:00:00Z'),
    });
    const before = await site.dump();
    expect((await site.postForm(`${pauseUrl}/weekly`, {})).statusCode).toBe(200);
    expect(await site.dump()).toEqual(before);
    const [, weekdays = ''] = /name="weekdays" value="([^"]*)"/.exec(weekly.body) ?? [];
    const daily = await site.postForm(`${pauseUrl}/daily`, { weekdays });
    expect(daily.body).toContain('Your digest comes every Tuesday and Thursday at 08:00, UTC again.');
    expect(await stored()).toMatchObject({
      frequency: 'daily',
      weekdays: [2, 4],
      next_due_at: new Date('2026-11-26T08:00:00Z'),
    });
  });

  it.each([{}, { weekdays: '' }, { weekdays: '7' }, { weekdays: '1,x' }, { weekdays: '1,'.repeat(50) }])(
    'refuses days that are none: %j',
    async (fields) => {
      const before = await site.dump();
      expect((await site.postForm(`${pauseUrl}/daily`, fields as Fields)).statusCode).toBe(400);
      expect(await site.dump()).toEqual(before);
    },
  );

  it('offers someone who left the way back in its place', async () => {
    await site.postForm(leaveUrl, {});
    const page = await show(pauseUrl);
    expect(page).toContain('You are unsubscribed, so no digest comes.');
    expect(page).not.toContain('name="until"');
    await site.postForm(/action="(\/unsubscribe\/[^"]*\/undo)"/.exec(page)?.[1] ?? '', {});
    expect(await stored()).toMatchObject({ status: 'active' });
    expect(await show(pauseUrl)).toContain('name="until"');
  });
});

describe('saved preferences', () => {
  const save = async (url = preferencesUrl) =>
    (await site.postForm(url, { topics: 'cs-ro', hour: '8' })).body;
  const SAVED = '<p><b>Saved.</b> ';

  it('promise the next digest to who gets one', async () => {
    expect(await save()).toContain(`${SAVED}Your next digest follows these choices.`);
  });

  it('say until when there is none for who paused', async () => {
    await site.postForm(pauseUrl, { until: 'week' });
    expect(await save()).toContain(
      `${SAVED}Your digest is paused until 1 December 2026, and the first one after that follows these choices.`,
    );
    await site.postForm(pauseUrl, { until: 'resumed' });
    expect(await save()).toContain(`${SAVED}Your digest is paused until you resume`);
  });

  it('say that none comes to who left, with the way back', async () => {
    await site.postForm(leaveUrl, {});
    const page = await save();
    expect(page).toContain(`${SAVED}You are unsubscribed, so no digest comes.`);
    expect(await show(preferencesUrl)).toContain('You are unsubscribed, so no digest comes.');
    const [, back = ''] = /action="(\/unsubscribe\/[^"]*\/undo)"/.exec(page) ?? [];
    await site.postForm(back, {});
    expect(await stored()).toMatchObject({ status: 'active' });
    expect(await save()).toContain(`${SAVED}Your next digest follows these choices.`);
  });

  it('say that none comes to who has not confirmed, or whose mail came back, and offer no way around that', async () => {
    const pending = await site.addPending(`pending${count}@example.org`);
    const unconfirmed = await save(site.path('preferences', pending));
    expect(unconfirmed).toContain(`${SAVED}You have not confirmed yet, so no digest comes.`);
    await site.suppress(email);
    const suppressed = await save();
    expect(suppressed).toContain(`${SAVED}Mail to your address came back`);
    for (const page of [unconfirmed, suppressed]) expect(page).not.toContain('/undo"');
  });
});

describe('the history', () => {
  const url = () => `${preferencesUrl}/digests`;
  async function addDigests(subscriberId: number, days: number): Promise<void> {
    const titles = Array.from({ length: days + 1 }, (_, n) => `Paper ${count}-${subscriberId}-${n}`);
    await storePapers(
      site.ctx,
      titles.map((title) => makePaper({ title })),
      site.clock.now(),
    );
    for (let day = 0; day < days; day++) {
      const [digest] = await site.sql`insert into digests (subscriber_id, edition, composed_at)
        values (${subscriberId}, ${`day-${day}`}, ${new Date(Date.UTC(2026, 8, 1 + day, 23, 30))}) returning id`;
      const of = day === 0 ? titles.slice(0, 2) : titles.slice(day + 1, day + 2);
      await site.sql`insert into digest_papers (digest_id, subscriber_id, position, paper_id, score, reasons)
        select ${digest?.id}, ${subscriberId}, row_number() over (order by id), id, 1, '[]'
        from papers where title in ${site.sql(of)}`;
    }
  }
  const dates = (page: string) => [...page.matchAll(/<small>([^<]*) 2026 · /g)].map(([, date]) => date);

  it('says that there is none yet', async () => {
    expect(await show(preferencesUrl)).toContain(`href="${url()}"`);
    expect(await show(url())).toContain('No digest yet');
  });

  it('lists a reader’s own, newest first, with the date where they are, the subject, the count and the web copy', async () => {
    await site.sql`update subscribers set timezone = 'Asia/Tokyo' where id = ${id}`;
    await addDigests(id, 2);
    await addDigests(await site.addReader(`other${count}@example.org`), 1);
    const page = await show(url());
    expect(dates(page)).toEqual(['Thursday, 3 September', 'Wednesday, 2 September']);
    expect(page).toContain(`>Paper ${count}-${id}-0 and 1 more</a>`);
    expect(page).toContain('Wednesday, 2 September 2026 · 2 papers');
    expect(page).toContain('Thursday, 3 September 2026 · 1 paper<');
    const links = [...page.matchAll(/href="https:\/\/papers\.example\.org(\/digests\/[^"]*)"/g)];
    expect(links).toHaveLength(2);
    expect(await show(links[1]?.[1] ?? '')).toContain(`Paper ${count}-${id}-0`);
  });

  it('comes in pages, of which the last stands for all beyond', async () => {
    await addDigests(id, 41);
    const pages = await Promise.all(['', '?page=2', '?page=3'].map((query) => show(url() + query)));
    expect(pages.map((page) => dates(page).length)).toEqual([20, 20, 1]);
    expect(new Set(pages.flatMap(dates)).size).toBe(41);
    expect(pages[1]).toContain('Page 2 of 3');
    expect(pages[1]).toContain(`rel="prev" href="${url()}"`);
    expect(pages[1]).toContain(`rel="next" href="${url()}?page=3"`);
    expect(await show(`${url()}?page=99`)).toBe(pages[2]);
    for (const page of ['0', '-1', 'x', '1e9', '']) {
      expect([page, (await site.app.inject({ url: `${url()}?page=${page}` })).statusCode]).toEqual([
        page,
        200,
      ]);
    }
  });

  it('is nobody else’s: kept by no cache and by no search engine', async () => {
    const { headers } = await site.app.inject({ url: url() });
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-robots-tag': 'noindex' });
  });
});
