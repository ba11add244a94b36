/** An address that a reader wishes to move to: it is mailed seldom, whoever asks, and nobody learns whether it is subscribed. */
import { describe, expect, it, vi } from 'vitest';
import { hashOf, MINUTE_MS, NEW, OLD, useMovingReader } from '../support/moving-reader.ts';
import { createTestSite } from '../support/site.ts';

const moving = useMovingReader();
const { ask, askAndOpen, deliveries, get, linkInMail, mover, post, reader, send } = moving;

describe('an address that is asked', () => {
  it('gets one mail in ten minutes, whose link stays good', async () => {
    const link = await askAndOpen();
    moving.site.clock.advance(9 * MINUTE_MS);
    expect((await ask()).statusCode).toBe(200);
    expect(await send()).toEqual([]);
    expect((await get(link)).statusCode).toBe(200);
    moving.site.clock.advance(2 * MINUTE_MS);
    await ask();
    expect(await send()).toEqual([NEW]);
  });

  it('gets no other mail where the wish went elsewhere and came back, and its link is good again', async () => {
    const link = await askAndOpen();
    for (const between of [
      () => askAndOpen('ada@third.example.net'),
      () => post(`${mover.preferences}/address/cancel`),
    ]) {
      moving.site.clock.advance(MINUTE_MS);
      await between();
      expect((await get(link)).statusCode).toBe(404);
      moving.site.clock.advance(MINUTE_MS);
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
    moving.site.clock.advance(1000);
    await ask('ada@third.example.net');
    expect(await send()).toEqual(['ada@third.example.net']);
    await ask();
    expect(await send()).toEqual([NEW]);
    expect((await get(await linkInMail())).statusCode).toBe(200);
    moving.site.clock.advance(11 * MINUTE_MS - 2000);
    await ask('ada@third.example.net');
    expect(await send()).toEqual(['ada@third.example.net']);
  });

  it('gets one mail in ten minutes, however many readers wish to move there', async () => {
    const others: string[] = [];
    for (const name of 'bcdefghijk')
      others.push(moving.site.path('preferences', await moving.site.addReader(`${name}@example.org`)));
    const answers = await Promise.all(
      [mover.preferences, ...others].map((own) => moving.site.postForm(`${own}/address`, { email: NEW })),
    );
    expect(answers.map(({ body }) => body.includes(`We asked <b>${NEW}</b>`))).not.toContain(false);
    expect(await send()).toEqual([NEW]);
    moving.site.clock.advance(11 * MINUTE_MS);
    await moving.site.postForm(`${others[0]}/address`, { email: NEW });
    await moving.site.postForm(`${others[1]}/address`, { email: NEW });
    expect(await send()).toEqual([NEW]);
  });

  it('gets no mail for a wish that comes while another’s is being stored', async () => {
    const other = await moving.site.addReader('b@example.org');
    const { email_hash: hash } = hashOf(NEW);
    const at = moving.site.clock.now();
    const { asked } = await moving.site.sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended(${hash}, 0))`;
      await tx`insert into deliveries (kind, subscriber_id, address_hash, status, next_attempt_at, created_at, finished_at)
        values ('new_address', ${other}, ${hash}, 'sent', ${at}, ${at}, ${at})`;
      const asked = ask();
      await vi.waitFor(async () => {
        const waiting = await moving.site
          .sql`select 1 from pg_locks l join pg_database d on d.oid = l.database
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
    moving.site.clock.advance(8 * MINUTE_MS);
    expect(await send()).toEqual([NEW]);
    const link = await linkInMail();
    moving.site.clock.advance(4 * MINUTE_MS);
    await ask();
    expect(await send()).toEqual([]);
    expect((await get(link)).statusCode).toBe(200);
  });

  it('is one of three in an hour; a fourth is kept in its field and not asked', async () => {
    for (const name of ['a', 'b', 'c']) await ask(`${name}@new.example.net`);
    const { statusCode, body } = await ask('d@new.example.net');
    expect([statusCode, body.includes('value="d@new.example.net"')]).toEqual([429, true]);
    expect(await reader()).toMatchObject({ new_email: 'c@new.example.net' });
    moving.site.clock.advance(61 * MINUTE_MS);
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
    const after = await get(mover.preferences);
    const exported = await post(`${mover.preferences}/export`);
    return [statusCode, body, after.body, exported.body].map((part) => String(part).replaceAll(email, 'NEW'));
  };

  it('gives the same answer whether it is free, taken or must get no mail', async () => {
    await moving.site.addReader('taken@new.example.net');
    await moving.site.suppress('gone@new.example.net');
    const ids = [mover.id];
    for (const name of ['b', 'c'])
      ids.push(await moving.site.addReader(`${name}@example.org`, { topics: ['cs-ro'] }));
    const answers: unknown[] = [];
    for (const [at, email] of ['free', 'taken', 'gone'].entries()) {
      mover.preferences = moving.site.path('preferences', ids[at] ?? 0);
      await moving.site.sql`update subscribers set next_due_at = null`;
      const before = [mover.preferences.split('/')[2] ?? '', ['ada', 'b', 'c'][at] ?? ''];
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
    await moving.site.addReader('taken@new.example.net');
    await ask('taken@new.example.net');
    expect(await send()).toEqual(['taken@new.example.net']);
    expect((await moving.site.sink.parsed())[0]?.subject).toBe('You already get Paperboy');
    moving.site.clock.advance(11 * MINUTE_MS);
    await ask('taken@new.example.net');
    expect(await send()).toEqual([]);
  });

  it('and became another reader’s before it agreed keeps that digest', async () => {
    const link = await askAndOpen();
    const other = await moving.site.addReader(NEW);
    const { statusCode, body } = await post(link);
    expect([statusCode, body.includes('has a digest of its own')]).toEqual([400, true]);
    expect(await reader()).toMatchObject({ email: OLD, token_version: 1 });
    expect(await moving.site.sql`select status from subscribers where id = ${other}`).toMatchObject([
      { status: 'active' },
    ]);
  });

  it.each(['left', 'pending'])(
    'and once was someone’s who is %s takes this digest in its place',
    async (how) => {
      const other = how === 'left' ? await moving.site.addReader(NEW) : await moving.site.addPending(NEW);
      if (how === 'left') await post(moving.site.path('unsubscribe', other));
      await post(await askAndOpen());
      expect(await moving.site.sql`select id::int, email from subscribers`).toMatchObject([
        { id: mover.id, email: NEW },
      ]);
    },
  );

  it('and may get no mail by now can’t be moved to', async () => {
    const link = await askAndOpen();
    await moving.site.suppress(NEW);
    expect((await post(link)).statusCode).toBe(404);
    expect(await reader()).toMatchObject({ email: OLD });
  });
});
