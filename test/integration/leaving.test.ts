/** Leaving: with a way back, less mail instead, and a reason for whoever wants to give one. */
import { describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { parseMetrics } from '../support/metrics.ts';
import { useOneReader } from '../support/one-reader.ts';
import { createTestSite, type Fields, type TestSite } from '../support/site.ts';

let site: TestSite;
let id: number;
let email: string;
let count: number;
let leaveUrl: string;
const { show, stored } = useOneReader((reader) => {
  ({ site, id, email, count, leaveUrl } = reader);
});

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
