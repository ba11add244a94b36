/** Bad input by form and by API: refused with a sentence about the field, nothing stored, and what was typed kept and harmless. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readForm } from '../support/html-form.ts';
import { createTestSite, type Fields, type TestSite } from '../support/site.ts';

let site: TestSite;
let preferences: string;
let before: unknown;

beforeAll(async () => {
  site = await createTestSite();
  const id = await site.addReader('reader@example.org', { topics: ['cs-ro'], keywords: ['grasping'] });
  preferences = site.path('preferences', id);
});
beforeEach(async () => {
  before = await site.dump();
});
// The promise of this whole file.
afterEach(async () => {
  expect(await site.dump()).toEqual(before);
});
afterAll(() => site.close());

const crlf = '\r\nBcc: eve@example.org';
const hundredAndOne = Array.from({ length: 101 }, (_, at) => `keyword ${at}`);

/** The field at fault, then values that no door may let in. */
const typed: Record<string, string[]> = {
  email: [
    '',
    ' ',
    'ada',
    'ada@',
    '@example.org',
    'ada@@example.org',
    'ada@example..org',
    'ada@-example.org',
    'ada @example.org',
    '.ada@example.org',
    'ada.@example.org',
    'ada@example.org, eve@example.org',
    'Ada <ada@example.org>',
    '"ada"@example.org',
    'ada@[127.0.0.1]',
    'ada@127.0.0.1',
    'ada@example.org/x',
    'ada@ex%61mple.org',
    `${'a'.repeat(65)}@example.org`,
    `ada@${'a'.repeat(64)}.org`,
    `${'a'.repeat(60)}@${'example.'.repeat(25)}org`,
    `${'a'.repeat(288)}@example.org`,
    `ada@example.org${crlf}`,
    `ada${crlf}@example.org`,
    'ada@exam\nple.org',
    'ada\0@example.org',
    'ada@exa\u202emple.org',
    '\u202eada@example.org',
    'ada@example.org\u2028',
    '😀@example.org',
    'аda@example.org',
    `ada@example.org'); drop table subscribers; --`,
  ],
  topics: ['none-such', 'CS-CL', `cs-cl${crlf}`, 'cs-cl\0', "' or 1=1 --", '__proto__', 'a'.repeat(81)],
  keywords: [`robots${crlf}`, 'robots\nhands', 'robots\0', 'robots\u2029', '\u001b[31mred', 'a'.repeat(121)],
  frequency: ['hourly', 'Daily', `daily${crlf}`, 'daily\0'],
  weekday: ['7', '-1', 'x', '1.5', '1\r\n', '1e0', '٣', 'Monday'],
  hour: ['99', '24', '-1', 'x', '1.5', '8\r\n', '0x8', '8\0', 'Infinity', '8:00'],
  timezone: [
    'Mars',
    '+02:00',
    'UTC+2',
    `UTC${crlf}`,
    'UTC\0',
    'IST',
    '../../etc/passwd',
    'Europe/Atlantis',
    'a'.repeat(65),
  ],
};
const onlyPreferences: Record<string, string[]> = {
  excludedWords: [`survey${crlf}`, 'survey\0', 'a'.repeat(121)],
  authors: [`Ada Lovelace${crlf}`, 'Ada\0', 'a'.repeat(121)],
  weekdays: ['7', 'x', '1\r\n'],
  paperCount: ['2', '21', '0', '-5', '3.5', 'ten', '1e1', `5${crlf}`],
  pickiness: ['picky', `low${crlf}`],
};
const each = (table: Record<string, string[]>) =>
  Object.entries(table).flatMap(([field, values]) =>
    values.map((value) => ({ field, value, name: show(value) })),
  );
const show = (value: unknown) => JSON.stringify(value).slice(0, 60);

/** A page that says in a sentence what is wrong with `field`, and points to it. */
function expectFaultPage(
  { statusCode, headers, body }: Awaited<ReturnType<TestSite['postForm']>>,
  field: string,
) {
  expect([statusCode, headers['content-type']]).toEqual([400, 'text/html; charset=utf-8']);
  expect(body).toContain('role="alert"');
  const [, sentence] = new RegExp(`<p class="problem" id="${field}-error">([^<]*)</p>`).exec(body) ?? [];
  expect(sentence).toMatch(/^[A-Z].{10,}\.$|^topics holds no topic of ours: .*\.$/i);
  expect(body).toContain(`href="#${field}">${sentence}<`);
}

describe('the form of the front page', () => {
  it.each(each(typed))('refuses $field $name', async ({ field, value }) => {
    const fields = { email: 'ada@example.org', [field]: value };
    expectFaultPage(await site.postForm('/subscribe', fields), field);
  });

  it('refuses 101 keywords and 201 topics', async () => {
    const email = 'ada@example.org';
    expectFaultPage(await site.postForm('/subscribe', { email, keywords: hundredAndOne.join() }), 'keywords');
    expectFaultPage(await site.postForm('/subscribe', { email, topics: Array(201).fill('cs-cl') }), 'topics');
  });

  it('lists each field at fault once', async () => {
    const { body } = await site.postForm('/subscribe', { email: 'ada', hour: '99', timezone: 'Mars' });
    expect(body).toContain('3 things need another look');
    expect([...body.matchAll(/<li><a href="#(\w+)">/g)].map(([, field]) => field)).toEqual([
      'email',
      'hour',
      'timezone',
    ]);
  });

  it('judges the last of repeated fields, as a browser means it', async () => {
    const email = ['ada@example.org', 'not an address'];
    expectFaultPage(await site.postForm('/subscribe', { email }), 'email');
  });

  it('keeps all that was typed', async () => {
    const wishes: Fields = {
      email: 'ada at example.org',
      topics: ['cs-ro', 'cs-cl'],
      keywords: 'grasping,  "tactile", <sensing>',
      frequency: 'weekly',
      weekday: '0',
      hour: '0',
      timezone: 'Asia/Kathmandu',
      language: 'de',
    };
    const kept = readForm((await site.postForm('/subscribe', wishes)).body);
    const { topics = [], ...rest } = kept;
    expect(topics.toSorted()).toEqual(['cs-cl', 'cs-ro']);
    expect(rest).toEqual({
      email: ['ada at example.org'],
      website: [''],
      keywords: ['grasping,  "tactile", <sensing>'],
      frequency: ['weekly'],
      weekday: ['0'],
      hour: ['0'],
      timezone: ['Asia/Kathmandu'],
      language: ['de'],
    });
  });
});

describe('the form of the preference page', () => {
  const { email: _, ...shared } = typed;
  it.each(each({ ...shared, ...onlyPreferences }))('refuses $field $name', async ({ field, value }) => {
    // The one day of a weekly digest counts only there.
    expectFaultPage(await site.postForm(preferences, { frequency: 'weekly', [field]: value }), field);
  });
});

describe('markup that was typed', () => {
  const markup = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`;
  it.each(['/subscribe', 'preferences'])('comes back as text: %s', async (door) => {
    const url = door === 'preferences' ? preferences : door;
    const fields = Object.keys({ ...typed, ...onlyPreferences });
    const { statusCode, body } = await site.postForm(
      url,
      Object.fromEntries(fields.map((name) => [name, markup])),
    );
    expect(statusCode).toBe(400);
    expect(body).not.toContain('<script>alert');
    expect(body).not.toContain('<img');
    expect(readForm(body)).toMatchObject({ keywords: [markup], timezone: [markup] });
  });

  it('comes back as text from an address and from the API', async () => {
    const page = await site.app.inject({ url: `/${encodeURIComponent(markup)}` });
    expect(page.body).not.toContain('<script>alert');
    const answer = await site.postJson('/api/subscriptions', { email: 'ada@example.org', topics: [markup] });
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  });
});

describe('the API', () => {
  const lists = ['topics', 'keywords'];
  const asJson = each(typed).map(({ field, value, name }) => ({
    field,
    value: (lists.includes(field) ? [value] : value) as unknown,
    name,
  }));
  const kinds: Record<string, unknown[]> = {
    email: [null, 5, true, {}, ['ada@example.org'], { toString: 'ada@example.org' }],
    topics: [null, 'cs-cl', [5], [null], [['cs-cl']], { 0: 'cs-cl' }, Array(201).fill('cs-cl')],
    keywords: [null, 'robots', [5], [{}], hundredAndOne],
    frequency: [null, 1, ['daily']],
    weekday: [null, 7, -1, 1.5, true, '', [1]],
    weekdays: [null, 'x', [7], [null], Array(8).fill(1)],
    hour: [null, 99, -1, 1.5, true, '', [8], {}],
    timezone: [null, 0, ['UTC'], ''],
  };
  const wrongKind = Object.entries(kinds).flatMap(([field, values]) =>
    values.map((value) => ({ field, value, name: show(value) })),
  );

  it.each([...asJson, ...wrongKind])('refuses $field $name and names the field', async ({ field, value }) => {
    const answer = await site.postJson('/api/subscriptions', { email: 'ada@example.org', [field]: value });
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      { error: { code: 'INPUT_INVALID', field, message: expect.stringMatching(`^${field} .{8,}\\.$`) } },
    ]);
  });

  it.each([[[]], [null], ['ada@example.org'], [5], [true], [[{ email: 'ada@example.org' }]]])(
    'refuses a body that is no object: %j',
    async (body) => {
      const answer = await site.postJson('/api/subscriptions', body);
      expect([answer.statusCode, answer.json().error]).toEqual([
        400,
        { code: 'INPUT_INVALID', field: 'body', message: expect.stringContaining('wrong kind') },
      ]);
    },
  );

  it.each(['__proto__', 'constructor'])('refuses a body with the key %s', async (key) => {
    const payload = `{"email":"ada@example.org","${key}":{"prototype":{"polluted":1},"polluted":1}}`;
    const headers = { 'content-type': 'application/json' };
    const answer = await site.app.inject({ method: 'POST', url: '/api/subscriptions', headers, payload });
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'BAD_REQUEST']);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect('polluted' in {}).toBe(false);
  });
});
