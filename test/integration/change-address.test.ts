/** Moving to another address: only whoever reads its mail can agree, and the old mailbox is left with nothing. */
import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { composePage } from '../../src/digests/compose.ts';
import { DAY_MS, hashOf, MINUTE_MS, NEW, OLD, useMovingReader } from '../support/moving-reader.ts';

const moving = useMovingReader();
const { ask, askAndOpen, deliveries, get, linkInMail, mover, post, reader, send } = moving;

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
    expect(await moving.site.sql`select action, via from consents order by id desc limit 1`).toMatchObject([
      { action: 'changed', via: 'link' },
    ]);
  });

  it('tells whoever reads the mail, a stranger perhaps, nothing of the reader and gives no way to act for them', async () => {
    const link = await askAndOpen();
    const raw = moving.site.sink.mails.at(-1)?.raw.toString('latin1') ?? '';
    expect(raw).not.toMatch(/ada@example\.org|List-Unsubscribe|unsubscribe\+|\/preferences\/|\/pause\//i);
    expect((await get(link)).body).not.toMatch(/ada@example\.org|\/preferences\/|\/unsubscribe\//i);
  });

  it('sends what comes meanwhile to the old address, and what comes afterwards to the new one', async () => {
    const link = await askAndOpen();
    await composePage(moving.site.ctx, moving.site.clock.now(), [mover.id]);
    expect(await send()).toEqual([OLD]);
    await moving.site.sql`update deliveries set status = 'pending' where kind = 'digest'`;
    await post(link);
    expect(await send()).toEqual([NEW]);
  });

  it('ends every earlier link, also those in digests; leaving alone works on and shows nothing', async () => {
    await composePage(moving.site.ctx, moving.site.clock.now(), [mover.id]);
    await send();
    const { text = '' } = await simpleParser(moving.site.sink.mails[0]?.raw ?? '');
    const old = [...text.matchAll(/https:\/\/papers\.example\.org(\/[a-z]+\/[\w.-]+)/g)].map(
      ([, path = '']) => path,
    );
    const kinds = old.map((path) => path.split('/')[1]);
    expect(kinds).toEqual(expect.arrayContaining(['digests', 'preferences', 'pause', 'more', 'less']));
    await post(await askAndOpen());
    for (const path of [...old, `${moving.site.path('feed', mover.id)}.xml`]) {
      if (path.startsWith('/unsubscribe/')) continue;
      expect([path, (await get(path)).statusCode]).toEqual([path, 404]);
    }
    const leave = moving.site.path('unsubscribe', mover.id);
    expect((await get(leave)).body).not.toMatch(/new\.example|\/pause\/|\/preferences\//);
    expect((await post(leave)).statusCode).toBe(200);
    expect(await reader()).toMatchObject({ status: 'unsubscribed' });
  });

  it('can be taken back, and made anew for another address: each time the earlier link ends', async () => {
    const first = await askAndOpen();
    const cancelled = await post(`${mover.preferences}/address/cancel`);
    expect(cancelled.body).not.toContain('We asked');
    expect((await get(first)).statusCode).toBe(404);
    moving.site.clock.advance(11 * MINUTE_MS);
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
    moving.site.clock.advance(11 * MINUTE_MS);
    const link = await askAndOpen();
    expect((await post(link)).body).toContain('Your digest comes here now');
    const before = await moving.site.dump();
    for (const again of [await post(link), await get(link), await post(first)]) {
      // The one before it asked the same address, but was outlived by it.
      expect(again.statusCode).toBe(200);
      expect(again.body).toContain('<h1>Your address has been changed already</h1>');
      expect(again.body).toContain(`It goes to <b>${NEW}</b>.`);
    }
    expect(await moving.site.dump()).toEqual(before);
    await post(moving.site.path('unsubscribe', mover.id, { version: 2 }));
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
    await moving.site.sql`update subscribers set token_version = 3 where id = ${mover.id}`;
    expect([(await get(link)).statusCode, (await post(link)).statusCode]).toEqual([404, 404]);
    await moving.site
      .sql`update subscribers set token_version = 2, email = 'ada@moved.example.net' where id = ${mover.id}`;
    expect([(await get(link)).statusCode, (await post(link)).statusCode]).toEqual([404, 404]);
    await moving.site.sql`update subscribers set email = ${NEW} where id = ${mover.id}`;
    expect((await get(link)).statusCode).toBe(200);
    moving.site.clock.advance(7 * DAY_MS + 1000);
    expect([(await get(link)).statusCode, (await post(link)).statusCode]).toEqual([410, 410]);
  });

  it('ends after seven days, with the reader’s links, and when they leave', async () => {
    const link = await askAndOpen();
    await moving.site.sql`update subscribers set token_version = 2`;
    expect((await post(link)).statusCode).toBe(404);
    await moving.site.sql`update subscribers set token_version = 1`;
    await post(moving.site.path('unsubscribe', mover.id));
    expect([(await get(link)).statusCode, (await post(link)).statusCode]).toEqual([404, 404]);
    await post(`${moving.site.path('unsubscribe', mover.id)}/undo`);
    expect((await get(link)).statusCode).toBe(200);
    moving.site.clock.advance(7 * DAY_MS + 1000);
    expect([(await get(link)).statusCode, (await post(link)).statusCode]).toEqual([410, 410]);
    expect((await get(mover.preferences)).body).not.toContain('We asked');
    expect(await reader()).toMatchObject({ email: OLD });
  });

  it('is not sent once it was taken back, nor twice when the mail before it still waits', async () => {
    await ask();
    await post(`${mover.preferences}/address/cancel`);
    expect(await send()).toEqual([]);
    await ask();
    moving.site.clock.advance(1000);
    await ask('ada@third.example.net');
    expect(await send()).toEqual(['ada@third.example.net']);
    expect(await deliveries()).toMatchObject([{ status: 'skipped' }, { status: 'sent' }]);
  });

  it.each([
    ['nonsense', 400, 'Email is not a mail address we can send to.'],
    ['', 400, 'Email is not a mail address we can send to.'],
    ['ADA@example.org', 400, 'Your digest goes to this address already.'],
  ])('to %j comes back with what was typed and what is wrong', async (typed, status, sentence) => {
    const before = await moving.site.dump();
    const { statusCode, body } = await ask(typed);
    expect(statusCode).toBe(status);
    expect(body).toContain(sentence);
    expect(body).toMatch(new RegExp(`name="email" value="${typed}"[^>]* aria-invalid="true"`));
    expect(await moving.site.dump()).toEqual(before);
  });

  it('of someone who gets no digest is refused, and not offered', async () => {
    await post(moving.site.path('unsubscribe', mover.id));
    expect((await get(mover.preferences)).body).not.toContain('name="email"');
    expect((await ask()).statusCode).toBe(400);
    expect(await reader()).toMatchObject({ new_email: null });
  });
});
