/** The preference and pause pages over HTTP: what is stored is shown, all is saved or nothing, and the next digest moves along. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readForm } from '../support/html-form.ts';
import { createTestSite, type Fields, type TestSite } from '../support/site.ts';

/** Everything the form can hold, away from all defaults. */
const choices: Fields = {
  topics: ['cs-cl', 'cs-ro'],
  keywords: 'tactile sensing, "grasp"',
  authors: 'Ada Lovelace, Emmy Noether',
  excludedWords: 'survey, <blockchain>',
  frequency: 'daily',
  weekdays: ['1', '3', '0'],
  weekday: '4',
  hour: '0',
  timezone: 'Asia/Kathmandu',
  paperCount: '17',
  pickiness: 'high',
};

let site: TestSite;
let id: number;
let url: string;
let pauseUrl: string;
let count = 0;

beforeAll(async () => {
  site = await createTestSite();
});
beforeEach(async () => {
  site.clock.set('2026-11-24T09:30:00Z');
  id = await site.addReader(`reader${++count}@example.org`, {
    keywords: ['old'],
    topics: ['cs-ai'],
    hour: 8,
  });
  url = site.path('preferences', id);
  pauseUrl = site.path('pause', id);
  // As if the first digest were behind them.
  await site.sql`update subscribers set next_due_at = '2026-11-25T08:00:00Z' where id = ${id}`;
});
afterAll(() => site.close());

const show = async (page = url) => (await site.app.inject({ url: page })).body;
async function dueAt(): Promise<string | null> {
  const [row] = await site.sql`select next_due_at from subscribers where id = ${id}`;
  return row?.next_due_at?.toISOString() ?? null;
}
async function consents(): Promise<string[]> {
  const rows =
    await site.sql`select action from consents where subscriber_id = ${id} and via = 'link' order by id`;
  return rows.map(({ action }) => action);
}

describe('the preference page', () => {
  it('shows what is stored and whose it is', async () => {
    const page = await show();
    expect(page).toContain(`reader${count}@example.org`);
    expect(page).not.toContain('Saved.');
    expect(readForm(page)).toEqual({
      topics: ['cs-ai'],
      keywords: ['old'],
      authors: [''],
      excludedWords: [''],
      frequency: ['daily'],
      weekdays: ['1', '2', '3', '4', '5', '6', '0'],
      weekday: ['1'],
      hour: ['8'],
      timezone: ['UTC'],
      language: ['en'],
      paperCount: ['10'],
      pickiness: ['medium'],
    });
  });

  it('saves all of the form, says so and shows it again', async () => {
    const answer = await site.postForm(url, choices);
    expect([answer.statusCode, answer.body.includes('Saved.')]).toEqual([200, true]);
    const expected = {
      topics: ['cs-cl', 'cs-ro'],
      keywords: ['tactile sensing, "grasp"'],
      authors: ['Ada Lovelace, Emmy Noether'],
      excludedWords: ['survey, <blockchain>'],
      frequency: ['daily'],
      weekdays: ['1', '3', '0'],
      // The day of a weekly digest is not kept for a daily one.
      weekday: ['1'],
      hour: ['0'],
      timezone: ['Asia/Kathmandu'],
      language: ['en'],
      paperCount: ['17'],
      pickiness: ['high'],
    };
    for (const page of [answer.body, await show()]) {
      const shown = readForm(page);
      expect({ ...shown, topics: shown.topics?.toSorted() }).toEqual(expected);
    }
    expect(await consents()).toEqual(['changed']);
  });

  it('sent back untouched changes no choice', async () => {
    await site.postForm(url, choices);
    const before = readForm(await show());
    await site.postForm(url, before);
    expect(readForm(await show())).toEqual(before);
  });

  it('takes back words and topics that were emptied', async () => {
    await site.postForm(url, choices);
    await site.postForm(url, { keywords: '', authors: ' , ', excludedWords: '', frequency: 'daily' });
    const shown = readForm(await show());
    expect(shown).toMatchObject({ keywords: [''], authors: [''], excludedWords: [''] });
    expect(shown.topics).toBeUndefined();
  });

  it.each([
    ['a later hour', { hour: '20' }, '2026-11-24T20:00:00.000Z'],
    ['an hour that is over for today', { hour: '7' }, '2026-11-25T07:00:00.000Z'],
    ['another zone', { hour: '8', timezone: 'America/Los_Angeles' }, '2026-11-24T16:00:00.000Z'],
    ['chosen days', { hour: '8', weekdays: ['5', '6'] }, '2026-11-27T08:00:00.000Z'],
    ['once a week', { hour: '8', frequency: 'weekly', weekday: '0' }, '2026-11-29T08:00:00.000Z'],
  ] as [string, Fields, string][])(
    'moves the next digest along with the schedule: %s',
    async (_name, wish, due) => {
      await site.postForm(url, wish);
      expect(await dueAt()).toBe(due);
    },
  );

  it('keeps what was typed when something is wrong, and saves nothing', async () => {
    const before = await site.dump();
    const answer = await site.postForm(url, {
      ...choices,
      frequency: 'weekly',
      keywords: `${'a'.repeat(121)}, fine`,
      authors: 'Someone <new>',
      pickiness: 'low',
    });
    expect([answer.statusCode, answer.body.includes('Saved.')]).toEqual([400, false]);
    const { topics, weekdays, ...shown } = readForm(answer.body);
    expect(topics?.toSorted()).toEqual(['cs-cl', 'cs-ro']);
    expect(weekdays?.toSorted()).toEqual(['0', '1', '3']);
    expect(shown).toEqual({
      keywords: [`${'a'.repeat(121)}, fine`],
      authors: ['Someone <new>'],
      excludedWords: ['survey, <blockchain>'],
      frequency: ['weekly'],
      weekday: ['4'],
      hour: ['0'],
      timezone: ['Asia/Kathmandu'],
      language: ['en'],
      paperCount: ['17'],
      pickiness: ['low'],
    });
    expect(await site.dump()).toEqual(before);
  });

  it('saves nothing at all when only a topic is unknown', async () => {
    const before = await site.dump();
    const answer = await site.postForm(url, { ...choices, topics: ['cs-cl', 'gone'] });
    expect([answer.statusCode, answer.body.includes('holds no topic of ours: gone')]).toEqual([400, true]);
    expect(await site.dump()).toEqual(before);
  });
});

describe('the pause page', () => {
  it.each([
    ['week', 'paused until 1 December 2026', '2026-12-02T08:00:00.000Z'],
    ['month', 'paused until 24 December 2026', '2026-12-25T08:00:00.000Z'],
    ['resumed', 'paused until you resume', null],
  ])('pauses for a %s and says until when', async (until, words, due) => {
    const answer = await site.postForm(pauseUrl, { until });
    expect([answer.statusCode, answer.body.includes(words)]).toEqual([200, true]);
    expect(await dueAt()).toBe(due);
    expect(await show()).toContain(words);
    expect(await consents()).toEqual(['paused']);
  });

  it('resumes at the next slot', async () => {
    await site.postForm(pauseUrl, { until: 'resumed' });
    site.clock.set('2026-12-10T09:00:00Z');
    const answer = await site.postForm(pauseUrl, { until: 'now' });
    expect([answer.statusCode, answer.body.includes('paused until')]).toEqual([200, false]);
    expect(await dueAt()).toBe('2026-12-11T08:00:00.000Z');
    expect(await consents()).toEqual(['paused', 'resumed']);
  });

  it('shows nothing of a pause that is over', async () => {
    await site.postForm(pauseUrl, { until: 'week' });
    site.clock.set('2026-12-01T09:30:00Z');
    expect(await show(pauseUrl)).toContain('Pause your digest');
    expect(await show()).not.toContain('paused until');
  });

  it.each([{}, { until: '' }, { until: 'forever' }, { until: '2099-01-01' }, { until: 'week\r\n' }])(
    'refuses what it does not offer: %j',
    async (fields) => {
      const before = await site.dump();
      const answer = await site.postForm(pauseUrl, fields as Fields);
      expect([answer.statusCode, answer.body.includes('must be week, month, date, resumed or now')]).toEqual([
        400,
        true,
      ]);
      expect(await site.dump()).toEqual(before);
    },
  );

  it('outlasts a change of preferences', async () => {
    await site.postForm(pauseUrl, { until: 'resumed' });
    await site.postForm(url, { hour: '20' });
    expect(await dueAt()).toBeNull();
    await site.postForm(pauseUrl, { until: 'now' });
    await site.postForm(pauseUrl, { until: 'week' });
    await site.postForm(url, { hour: '6' });
    expect(await dueAt()).toBe('2026-12-02T06:00:00.000Z');
  });
});

describe('someone who left', () => {
  beforeEach(() => site.app.inject({ method: 'POST', url: site.path('unsubscribe', id) }));

  it('can change, pause and resume, and still gets no mail', async () => {
    for (const change of [
      () => site.postForm(url, choices),
      () => site.postForm(pauseUrl, { until: 'week' }),
      () => site.postForm(pauseUrl, { until: 'now' }),
    ]) {
      expect((await change()).statusCode).toBe(200);
      expect(await site.sql`select status, next_due_at from subscribers where id = ${id}`).toEqual([
        { status: 'unsubscribed', next_due_at: null },
      ]);
    }
  });

  it('finds the choices again after an undo', async () => {
    await site.postForm(url, choices);
    const page = await show();
    // Behind the button to subscribe again.
    const before = readForm(page.slice(page.indexOf(`<form method="post" action="${url}"`)));
    await site.app.inject({ method: 'POST', url: `${site.path('unsubscribe', id)}/undo` });
    expect(readForm(await show())).toEqual(before);
    // Kathmandu is 5:45 ahead; midnight of Wednesday there.
    expect(await dueAt()).toBe('2026-11-24T18:15:00.000Z');
  });
});
