/** Moving to another address: only whoever reads its mail can agree, nobody learns who is subscribed, and the old mailbox is left with nothing. */
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { deliver } from '../../src/deliveries/deliver.ts';
import { composePage } from '../../src/digests/compose.ts';
import { hashAddress } from '../../src/mail/address.ts';
import { takeReturnedMail } from '../../src/returned-mail.ts';
import { makeComplaint, makeReport } from '../support/bounces.ts';
import { fewPapers, storePapers } from '../support/papers.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

const OLD = 'ada@example.org';
const NEW = 'Ada@new.example.net';
const START = '2026-11-24T09:30:00Z';
const REFUSED = /new\.example/;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3600_000;

let site: TestSite;
let id: number;
let preferences: string;

beforeAll(async () => {
  site = await createTestSite();
  await storePapers(site.ctx, fewPapers, site.clock.now());
});
beforeEach(async () => {
  site.clock.set(START);
  site.sink.refuse(REFUSED, null);
  await site.sql`truncate subscribers, suppressions cascade`;
  id = await site.addReader(OLD, { topics: ['cs-ro'] });
  preferences = site.path('preferences', id);
});
afterAll(() => site.close());

const ask = (email = NEW) => site.postForm(`${preferences}/address`, { email });
const get = (url: string) => site.app.inject({ url });
const post = (url: string) => site.postForm(url, {});
const reader = async () => (await site.sql`select * from subscribers where id = ${id}`)[0] ?? {};
const deliveries = () =>
  site.sql`select subscriber_id::int, kind, status from deliveries order by id`.then((rows) => [...rows]);
const suppressed = () => site.sql`select email_hash from suppressions`.then((rows) => [...rows]);
const hashOf = (address: string) => ({ email_hash: hashAddress(address.toLowerCase()) });

/** Sends all that waits; who got a mail, in the order of arrival. */
async function send(): Promise<string[]> {
  site.sink.mails.length = 0;
  const waiting = await site.sql`select id::int from deliveries where status = 'pending'`;
  await deliver(
    site.ctx,
    waiting.map((row) => Number(row.id)),
  );
  return site.sink.mails.map(({ to }) => to);
}

/** The link in the mail that was sent last. */
async function linkInMail(): Promise<string> {
  const { text = '' } = await simpleParser(site.sink.mails.at(-1)?.raw ?? '');
  return /https:\/\/papers\.example\.org(\/address\/[\w.-]+)/.exec(text)?.[1] ?? 'no link';
}

async function askAndOpen(email = NEW): Promise<string> {
  await ask(email);
  await send();
  return linkInMail();
}

/** The envelope sender of the mail that was sent last: where a report on it goes. */
const returnTo = () => site.sink.mails.at(-1)?.from ?? '';

describe('a wish to move', () => {
  it('brings the new address one mail, and changes nothing until its link’s button is pressed', async () => {
    const { statusCode, body } = await ask();
    expect(statusCode).toBe(200);
    expect(body).toContain(`We asked <b>${NEW}</b>`);
    expect(await send()).toEqual([NEW]);
    const link = await linkInMail();
    const page = await get(link);
    expect([page.statusCode, page.body.includes(`to <b>${NEW}</b>`)]).toEqual([200, true]);
    expect(await reader()).toMatchObject({ email: OLD, email_key: OLD, token_version: 1 });

    const { statusCode: done, body: changed } = await post(link);
    expect(done).toBe(200);
    expect(await reader()).toMatchObject({
      email: NEW,
      email_key: NEW.toLowerCase(),
      ...hashOf(NEW),
      status: 'active',
      new_email: null,
      new_email_at: null,
    });
    const next = /https:\/\/papers\.example\.org(\/preferences\/[\w.-]+)/.exec(changed)?.[1] ?? '';
    expect((await get(next)).body).toContain(`Mailed to <b>${NEW}</b>`);
    expect(await site.sql`select action, via from consents order by id desc limit 1`).toMatchObject([
      { action: 'changed', via: 'link' },
    ]);
  });

  it('tells whoever reads the mail, a stranger perhaps, nothing of the reader and gives no way to act for them', async () => {
    const link = await askAndOpen();
    const raw = site.sink.mails.at(-1)?.raw.toString('latin1') ?? '';
    expect(raw).not.toMatch(/ada@example\.org|List-Unsubscribe|unsubscribe\+|\/preferences\/|\/pause\//i);
    expect((await get(link)).body).not.toMatch(/ada@example\.org|\/preferences\/|\/unsubscribe\//i);
  });

  it('sends what comes meanwhile to the old address, and what comes afterwards to the new one', async () => {
    const link = await askAndOpen();
    await composePage(site.ctx, site.clock.now(), [id]);
    expect(await send()).toEqual([OLD]);
    await site.sql`update deliveries set status = 'pending' where kind = 'digest'`;
    await post(link);
    expect(await send()).toEqual([NEW]);
  });

  it('ends every earlier link, also those in digests; leaving alone works on and shows nothing', async () => {
    await composePage(site.ctx, site.clock.now(), [id]);
    await send();
    const { text = '' } = await simpleParser(site.sink.mails[0]?.raw ?? '');
    const old = [...text.matchAll(/https:\/\/papers\.example\.org(\/[a-z]+\/[\w.-]+)/g)].map(
      ([, path = '']) => path,
    );
    const kinds = old.map((path) => path.split('/')[1]);
    expect(kinds).toEqual(expect.arrayContaining(['digests', 'preferences', 'pause', 'more', 'less']));
    await post(await askAndOpen());
    for (const path of [...old, `${site.path('feed', id)}.xml`]) {
      if (path.startsWith('/unsubscribe/')) continue;
      expect([path, (await get(path)).statusCode]).toEqual([path, 404]);
    }
    const leave = site.path('unsubscribe', id);
    expect((await get(leave)).body).not.toMatch(/new\.example|\/pause\/|\/preferences\//);
    expect((await post(leave)).statusCode).toBe(200);
    expect(await reader()).toMatchObject({ status: 'unsubscribed' });
  });

  it('can be taken back, and made anew for another address: each time the earlier link ends', async () => {
    const first = await askAndOpen();
    const cancelled = await post(`${preferences}/address/cancel`);
    expect(cancelled.body).not.toContain('We asked');
    expect((await get(first)).statusCode).toBe(404);
    site.clock.advance(11 * MINUTE_MS);
    const second = await askAndOpen();
    // At the same moment, so that the address alone tells the links apart.
    const third = await askAndOpen('ada@third.example.net');
    for (const path of [first, second]) {
      expect([(await get(path)).statusCode, (await post(path)).statusCode]).toEqual([404, 404]);
    }
    expect(await reader()).toMatchObject({ email: OLD });
    await post(third);
    expect(await reader()).toMatchObject({ email: 'ada@third.example.net' });
  });

  it('says that it was done already when its link is opened or its button pressed again', async () => {
    const first = await askAndOpen();
    site.clock.advance(11 * MINUTE_MS);
    const link = await askAndOpen();
    expect((await post(link)).body).toContain('Your digest comes here now');
    const before = await site.dump();
    for (const again of [await post(link), await get(link), await post(first)]) {
      // The one before it asked the same address, but was outlived by it.
      expect(again.statusCode).toBe(200);
      expect(again.body).toContain('<h1>Your address has been changed already</h1>');
      expect(again.body).toContain(`It goes to <b>${NEW}</b>.`);
    }
    expect(await site.dump()).toEqual(before);
    await post(site.path('unsubscribe', id, { version: 2 }));
    expect((await post(link)).statusCode).toBe(404);
  });

  it('says so too to the later of two presses at once', async () => {
    const link = await askAndOpen();
    const answers = await Promise.all([post(link), post(link), post(link)]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect(await reader()).toMatchObject({ email: NEW, token_version: 2 });
  });

  it('says so of no link to an address that digests do not go to, and of none that has ended', async () => {
    const elsewhere = await askAndOpen('ada@third.example.net');
    const link = await askAndOpen();
    await post(link);
    expect([(await get(elsewhere)).statusCode, (await post(elsewhere)).statusCode]).toEqual([404, 404]);
    await site.sql`update subscribers set token_version = 3 where id = ${id}`;
    expect([(await get(link)).statusCode, (await post(link)).statusCode]).toEqual([404, 404]);
    await site.sql`update subscribers set token_version = 2, email = 'ada@moved.example.net' where id = ${id}`;
    expect([(await get(link)).statusCode, (await post(link)).statusCode]).toEqual([404, 404]);
    await site.sql`update subscribers set email = ${NEW} where id = ${id}`;
    expect((await get(link)).statusCode).toBe(200);
    site.clock.advance(7 * DAY_MS + 1000);
    expect([(await get(link)).statusCode, (await post(link)).statusCode]).toEqual([410, 410]);
  });

  it('ends after seven days, with the reader’s links, and when they leave', async () => {
    const link = await askAndOpen();
    await site.sql`update subscribers set token_version = 2`;
    expect((await post(link)).statusCode).toBe(404);
    await site.sql`update subscribers set token_version = 1`;
    await post(site.path('unsubscribe', id));
    expect([(await get(link)).statusCode, (await post(link)).statusCode]).toEqual([404, 404]);
    await post(`${site.path('unsubscribe', id)}/undo`);
    expect((await get(link)).statusCode).toBe(200);
    site.clock.advance(7 * DAY_MS + 1000);
    expect([(await get(link)).statusCode, (await post(link)).statusCode]).toEqual([410, 410]);
    expect((await get(preferences)).body).not.toContain('We asked');
    expect(await reader()).toMatchObject({ email: OLD });
  });

  it('is not sent once it was taken back, nor twice when the mail before it still waits', async () => {
    await ask();
    await post(`${preferences}/address/cancel`);
    expect(await send()).toEqual([]);
    await ask();
    site.clock.advance(1000);
    await ask('ada@third.example.net');
    expect(await send()).toEqual(['ada@third.example.net']);
    expect(await deliveries()).toMatchObject([{ status: 'skipped' }, { status: 'sent' }]);
  });

  it.each([
    ['nonsense', 400, 'Email is not a mail address we can send to.'],
    ['', 400, 'Email is not a mail address we can send to.'],
    ['ADA@example.org', 400, 'Your digest goes to this address already.'],
  ])('to %j comes back with what was typed and what is wrong', async (typed, status, sentence) => {
    const before = await site.dump();
    const { statusCode, body } = await ask(typed);
    expect(statusCode).toBe(status);
    expect(body).toContain(sentence);
    expect(body).toMatch(new RegExp(`name="email" value="${typed}"[^>]* aria-invalid="true"`));
    expect(await site.dump()).toEqual(before);
  });

  it('of someone who gets no digest is refused, and not offered', async () => {
    await post(site.path('unsubscribe', id));
    expect((await get(preferences)).body).not.toContain('name="email"');
    expect((await ask()).statusCode).toBe(400);
    expect(await reader()).toMatchObject({ new_email: null });
  });
});

describe('an address that is asked', () => {
  it('gets one mail in ten minutes, whose link stays good', async () => {
    const link = await askAndOpen();
    site.clock.advance(9 * MINUTE_MS);
    expect((await ask()).statusCode).toBe(200);
    expect(await send()).toEqual([]);
    expect((await get(link)).statusCode).toBe(200);
    site.clock.advance(2 * MINUTE_MS);
    await ask();
    expect(await send()).toEqual([NEW]);
  });

  it('gets no other mail where the wish went elsewhere and came back, and its link is good again', async () => {
    const link = await askAndOpen();
    for (const between of [
      () => askAndOpen('ada@third.example.net'),
      () => post(`${preferences}/address/cancel`),
    ]) {
      site.clock.advance(MINUTE_MS);
      await between();
      expect((await get(link)).statusCode).toBe(404);
      site.clock.advance(MINUTE_MS);
      // The same mailbox, however it is spelled.
      expect((await ask(NEW.toLowerCase())).body).toContain('We asked');
      expect(await send()).toEqual([]);
      expect((await get(link)).statusCode).toBe(200);
    }
    // It was asked for twice, of three times in an hour.
    expect((await ask('ada@fourth.example.net')).statusCode).toBe(200);
  });

  it('is mailed after all where the wish came back before the first mail was sent', async () => {
    await ask();
    site.clock.advance(1000);
    await ask('ada@third.example.net');
    expect(await send()).toEqual(['ada@third.example.net']);
    await ask();
    expect(await send()).toEqual([NEW]);
    expect((await get(await linkInMail())).statusCode).toBe(200);
    site.clock.advance(11 * MINUTE_MS - 2000);
    await ask('ada@third.example.net');
    expect(await send()).toEqual(['ada@third.example.net']);
  });

  it('gets one mail in ten minutes, however many readers wish to move there', async () => {
    const others: string[] = [];
    for (const name of 'bcdefghijk')
      others.push(site.path('preferences', await site.addReader(`${name}@example.org`)));
    const answers = await Promise.all(
      [preferences, ...others].map((own) => site.postForm(`${own}/address`, { email: NEW })),
    );
    expect(answers.map(({ body }) => body.includes(`We asked <b>${NEW}</b>`))).not.toContain(false);
    expect(await send()).toEqual([NEW]);
    site.clock.advance(11 * MINUTE_MS);
    await site.postForm(`${others[0]}/address`, { email: NEW });
    await site.postForm(`${others[1]}/address`, { email: NEW });
    expect(await send()).toEqual([NEW]);
  });

  it('gets no mail for a wish that comes while another’s is being stored', async () => {
    const other = await site.addReader('b@example.org');
    const { email_hash: hash } = hashOf(NEW);
    const at = site.clock.now();
    const { asked } = await site.sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended(${hash}, 0))`;
      await tx`insert into deliveries (kind, subscriber_id, address_hash, status, next_attempt_at, created_at, finished_at)
        values ('new_address', ${other}, ${hash}, 'sent', ${at}, ${at}, ${at})`;
      const asked = ask();
      await vi.waitFor(async () => {
        const waiting = await site.sql`select 1 from pg_locks l join pg_database d on d.oid = l.database
          where l.locktype = 'advisory' and not l.granted and d.datname = current_database()`;
        expect(waiting).toHaveLength(1);
      });
      // In an object, so that the end of the transaction does not wait for it.
      return { asked };
    });
    expect((await asked).body).toContain('We asked');
    expect(await send()).toEqual([]);
  });

  it('gets no other mail soon after one that was long on its way', async () => {
    await ask();
    site.clock.advance(8 * MINUTE_MS);
    expect(await send()).toEqual([NEW]);
    const link = await linkInMail();
    site.clock.advance(4 * MINUTE_MS);
    await ask();
    expect(await send()).toEqual([]);
    expect((await get(link)).statusCode).toBe(200);
  });

  it('is one of three in an hour; a fourth is kept in its field and not asked', async () => {
    for (const name of ['a', 'b', 'c']) await ask(`${name}@new.example.net`);
    const { statusCode, body } = await ask('d@new.example.net');
    expect([statusCode, body.includes('value="d@new.example.net"')]).toEqual([429, true]);
    expect(await reader()).toMatchObject({ new_email: 'c@new.example.net' });
    site.clock.advance(61 * MINUTE_MS);
    expect((await ask('d@new.example.net')).statusCode).toBe(200);
  });

  it('is held back for a network address that asks too often', async () => {
    const strict = await createTestSite({ env: { SUBSCRIBE_LIMIT: '1' } });
    const url = `${strict.path('preferences', await strict.addReader(OLD))}/address`;
    expect((await strict.postForm(url, { email: 'a@new.example.net' })).statusCode).toBe(200);
    const { statusCode, body } = await strict.postForm(url, { email: 'b@new.example.net' });
    expect([statusCode, body.includes('value="b@new.example.net"')]).toEqual([429, true]);
    await strict.close();
  });

  /** What the reader sees, without their own token and the address. */
  const answer = async (email: string) => {
    const { statusCode, body } = await ask(email);
    const after = await get(preferences);
    const exported = await post(`${preferences}/export`);
    return [statusCode, body, after.body, exported.body].map((part) => String(part).replaceAll(email, 'NEW'));
  };

  it('gives the same answer whether it is free, taken or must get no mail', async () => {
    await site.addReader('taken@new.example.net');
    await site.suppress('gone@new.example.net');
    const ids = [id];
    for (const name of ['b', 'c'])
      ids.push(await site.addReader(`${name}@example.org`, { topics: ['cs-ro'] }));
    const answers: unknown[] = [];
    for (const [at, email] of ['free', 'taken', 'gone'].entries()) {
      preferences = site.path('preferences', ids[at] ?? 0);
      await site.sql`update subscribers set next_due_at = null`;
      const before = [preferences.split('/')[2] ?? '', ['ada', 'b', 'c'][at] ?? ''];
      const told = await answer(`${email}@new.example.net`);
      const anonymous = told.map((part) =>
        part
          .replaceAll(/\/(preferences|pause|unsubscribe|digests\/feed)\/[\w.-]+/g, '/$1/TOKEN')
          .replaceAll(`${before[1]}@example.org`, 'OLD'),
      );
      answers.push(anonymous);
      await send();
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    const asked = (await deliveries()).filter(({ kind }) => kind === 'new_address');
    expect(asked.map(({ status }) => status)).toEqual(['sent', 'skipped', 'skipped']);
  });

  it('and is another reader’s is told that it has a digest, once a day, and stays theirs', async () => {
    await site.addReader('taken@new.example.net');
    await ask('taken@new.example.net');
    expect(await send()).toEqual(['taken@new.example.net']);
    expect((await site.sink.parsed())[0]?.subject).toBe('You already get Paperboy');
    site.clock.advance(11 * MINUTE_MS);
    await ask('taken@new.example.net');
    expect(await send()).toEqual([]);
  });

  it('and became another reader’s before it agreed keeps that digest', async () => {
    const link = await askAndOpen();
    const other = await site.addReader(NEW);
    const { statusCode, body } = await post(link);
    expect([statusCode, body.includes('has a digest of its own')]).toEqual([400, true]);
    expect(await reader()).toMatchObject({ email: OLD, token_version: 1 });
    expect(await site.sql`select status from subscribers where id = ${other}`).toMatchObject([
      { status: 'active' },
    ]);
  });

  it.each(['left', 'pending'])(
    'and once was someone’s who is %s takes this digest in its place',
    async (how) => {
      const other = how === 'left' ? await site.addReader(NEW) : await site.addPending(NEW);
      if (how === 'left') await post(site.path('unsubscribe', other));
      await post(await askAndOpen());
      expect(await site.sql`select id::int, email from subscribers`).toMatchObject([{ id, email: NEW }]);
    },
  );

  it('and may get no mail by now can’t be moved to', async () => {
    const link = await askAndOpen();
    await site.suppress(NEW);
    expect((await post(link)).statusCode).toBe(404);
    expect(await reader()).toMatchObject({ email: OLD });
  });
});

describe('what comes back', () => {
  it('of the mail that asks suppresses the new address, ends the wish, and leaves the reader’s own alone', async () => {
    const link = await askAndOpen();
    const report = makeReport({ to: returnTo() });
    expect(await takeReturnedMail(site.ctx, report)).toMatchObject({ result: 'suppressed' });
    expect(await suppressed()).toEqual([hashOf(NEW)]);
    expect(await reader()).toMatchObject({ email: OLD, status: 'active', new_email: null });
    expect((await post(link)).statusCode).toBe(404);
  });

  it('at once, when the server refuses the new address, does the same', async () => {
    site.sink.refuse(REFUSED, 550, '5.1.1 User unknown');
    await ask();
    expect(await send()).toEqual([]);
    expect(await suppressed()).toEqual([hashOf(NEW)]);
    expect(await reader()).toMatchObject({ status: 'active', new_email: null });
  });

  it('as a complaint of whoever was asked does not end the reader’s digest', async () => {
    await askAndOpen();
    await takeReturnedMail(site.ctx, makeComplaint('abuse', returnTo()));
    expect(await suppressed()).toEqual([hashOf(NEW)]);
    expect(await reader()).toMatchObject({ status: 'active', new_email: null });
  });

  it('of a wish that was replaced says nothing of the address that is asked now', async () => {
    await askAndOpen();
    const to = returnTo();
    site.clock.advance(MINUTE_MS);
    await askAndOpen('ada@third.example.net');
    expect(await takeReturnedMail(site.ctx, makeReport({ to }))).toMatchObject({ because: 'former_address' });
    expect(await suppressed()).toEqual([]);
    expect(await reader()).toMatchObject({ new_email: 'ada@third.example.net' });
  });

  it('late, of mail to the old address, touches neither the new address nor the digest', async () => {
    await composePage(site.ctx, site.clock.now(), [id]);
    await send();
    const to = returnTo();
    site.clock.advance(MINUTE_MS);
    await post(await askAndOpen());
    for (const raw of [makeReport({ to }), makeComplaint('abuse', to)]) {
      expect(await takeReturnedMail(site.ctx, raw)).toMatchObject({ because: 'former_address' });
    }
    expect(await suppressed()).toEqual([]);
    expect(await reader()).toMatchObject({ email: NEW, status: 'active' });
  });

  it('softly of the old address is no part of a row of failures of the new one', async () => {
    const soft = { status: '5.2.2', diagnostic: 'smtp; 552 5.2.2 Mailbox full' };
    const failOnce = async () => {
      const at = site.clock.now();
      const [row] =
        await site.sql`insert into deliveries (kind, subscriber_id, status, next_attempt_at, created_at,
        finished_at) values ('already_subscribed', ${id}, 'sent', ${at}, ${at}, ${at}) returning id::int`;
      const to = `bounce+${row?.id}.${site.ctx.links.proof('bounce', Number(row?.id))}@example.org`;
      site.clock.advance(3 * DAY_MS);
      return takeReturnedMail(site.ctx, makeReport({ to, ...soft }));
    };
    for (const inRow of [1, 2, 3, 4]) expect(await failOnce()).toMatchObject({ result: 'counted', inRow });
    await post(await askAndOpen());
    expect(await failOnce()).toMatchObject({ result: 'counted', inRow: 1 });
  });
});
