/** Pausing until a date, once a week instead, and what the page of saved preferences promises to who gets no digest. */
import { describe, expect, it } from 'vitest';
import { useOneReader } from '../support/one-reader.ts';
import type { Fields, TestSite } from '../support/site.ts';

let site: TestSite;
let id: number;
let email: string;
let count: number;
let leaveUrl: string;
let pauseUrl: string;
let preferencesUrl: string;
const { show, stored } = useOneReader((reader) => {
  ({ site, id, email, count, leaveUrl, pauseUrl, preferencesUrl } = reader);
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
