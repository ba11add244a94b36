/** The address in the sign-up form: a mistyped one is taken and leads back, and one of a refused domain is told so. */
import { describe, expect, it } from 'vitest';
import { importSubscribers } from '../../src/subscribers/import.ts';
import { parseEmail } from '../../src/subscribers/subscription-input.ts';
import { readForm } from '../support/html-form.ts';
import { KNOWN, list, useSignUpForm } from '../support/sign-up-form.ts';
import type { TestSite } from '../support/site.ts';

let site: TestSite;
const { fresh, post, likedBy } = useSignUpForm((opened) => {
  site = opened;
});

describe('a mistyped address', () => {
  it('is taken, shown, and leads back by POST to the form with all that was typed', async () => {
    const email = fresh('gmial.com');
    const fields = {
      topics: ['cs-ro', 'cs-cl'],
      keywords: '"a <b>", c',
      liked: '2611.00001\n2611.00002',
      frequency: 'weekly',
      weekday: '3',
      hour: '6',
      timezone: 'Asia/Kathmandu',
      language: 'en',
    };
    const sent = await post('/subscribe', { email, ...fields }, [list]);
    expect([sent.statusCode, sent.headers['cache-control']]).toEqual([200, 'no-store']);
    const meant = email.replace('gmial', 'gmail');
    expect(sent.body).toContain(`<b>${email}</b>`);
    expect(sent.body).toContain(`Did you mean <b>${meant}</b>?`);
    expect(await likedBy(email)).toContain(KNOWN);
    expect(await site.sql`select status from subscribers where email = ${email}`).toEqual([
      { status: 'pending' },
    ]);

    const before = await site.dump();
    const again = await site.postForm('/subscribe/again', readForm(sent.body));
    expect([again.statusCode, again.headers['cache-control'], again.headers['x-robots-tag']]).toEqual([
      200,
      'no-store',
      'noindex',
    ]);
    const { website, ...values } = readForm(again.body);
    const { liked, ...others } = fields;
    expect(values).toEqual({
      email: [meant],
      ...Object.fromEntries(Object.entries(others).map(([name, value]) => [name, [value].flat()])),
      topics: expect.arrayContaining(fields.topics),
    });
    // Browsers send line breaks as two characters.
    expect(again.body).toContain(`>${liked.replace('\n', '\r\n')}</textarea>`);
    expect(again.body).toContain('Please choose <b>mine.bib</b> again');
    expect(await site.dump()).toEqual(before);
  });

  it('stands in no address of ours', async () => {
    const { body } = await post('/subscribe', { email: fresh('gmial.com') });
    expect(
      [...body.matchAll(/(?:href|action)="([^"]*)"/g)].filter(([, url]) => /gm[ia]/.test(url ?? '')),
    ).toEqual([]);
  });
});

it('answers a mistyped address and a bibliography the same for every state of the address', async () => {
  const states: ((email: string) => Promise<unknown>)[] = [
    async () => {},
    (email) => site.addPending(email),
    (email) => site.addReader(email),
    async (email) =>
      site.app.inject({ method: 'POST', url: site.path('unsubscribe', await site.addReader(email)) }),
    (email) => site.suppress(email),
  ];
  const answers: string[] = [];
  for (const [at, setUp] of states.entries()) {
    // Of one length, so that all bytes can be compared.
    const email = `state${at}@gmial.com`;
    await setUp(email);
    const { statusCode, headers, body } = await post('/subscribe', { email }, [list], { from: '192.0.2.9' });
    const { date, ...rest } = headers;
    answers.push(JSON.stringify([statusCode, rest, body.replaceAll(`state${at}@`, '@')]));
  }
  expect(new Set(answers).size).toBe(1);
});

describe('a domain that is refused', () => {
  const sentence =
    /Email is at (a\.)?mailinator\.com, which may not subscribe here; please take an address elsewhere\./;

  it('is told beside the field, with what else is wrong, and nothing is stored', async () => {
    const before = await site.dump();
    for (const email of [fresh('mailinator.com'), fresh('A.Mailinator.COM')]) {
      const { statusCode, body } = await post('/subscribe', { email, keywords: 'a'.repeat(121) });
      expect(statusCode).toBe(400);
      expect(body).toMatch(new RegExp(`id="email-error">${sentence.source}`));
      expect(body).toContain('id="keywords-error"');
      expect(readForm(body).email).toEqual([email]);
    }
    expect(await site.dump()).toEqual(before);
  });

  it('is refused by the API with its field', async () => {
    const answer = await site.postJson('/api/subscriptions', { email: fresh('throwaway.example') });
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      {
        error: {
          code: 'INPUT_INVALID',
          field: 'email',
          message: expect.stringContaining('throwaway.example'),
        },
      },
    ]);
    expect(
      (await site.postJson('/api/subscriptions', { email: fresh('notmailinator.com') })).statusCode,
    ).toBe(202);
  });

  it('is left out of an import, by its line', async () => {
    const good = fresh();
    const bad: [number, string][] = [];
    async function* rows() {
      yield { line: 2, input: { email: fresh('mailinator.com') } };
      yield { line: 3, input: { email: good } };
    }
    const counts = await importSubscribers(site.ctx, rows(), {
      onBad: (...told) => bad.push(told),
      onBatch() {},
    });
    expect(counts).toMatchObject({ imported: 1, bad: 1 });
    expect(bad).toEqual([[2, expect.stringContaining('email is at mailinator.com')]]);
  });

  it('is refused for an address alone, by the same rule', () => {
    const { refusedDomains } = site.ctx.config;
    expect(parseEmail({ email: 'Ada@Example.org' }, refusedDomains)).toEqual({
      ok: true,
      value: { address: 'Ada@example.org', key: 'ada@example.org' },
    });
    expect(parseEmail({ email: 'ada@mailinator.com' }, refusedDomains)).toMatchObject({
      ok: false,
      faults: [{ field: 'email' }],
    });
    expect(parseEmail({ email: 'ada' }, refusedDomains).ok).toBe(false);
  });
});
