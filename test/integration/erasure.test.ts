/** The erasure of all that belongs to a reader: it can be taken back for a day, and then is complete. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { composePage, forEachDuePage } from '../../src/digests/compose.ts';
import { hashAddress } from '../../src/mail/address.ts';
import { takeReturnedMail } from '../../src/returned-mail.ts';
import { eraseDue } from '../../src/subscribers/erase.ts';
import { startWorkers } from '../../workers/workers.ts';
import { ADA, FIRST_ID, useAccount } from '../support/account.ts';
import { makeReport } from '../support/bounces.ts';
import type { TestSite } from '../support/site.ts';

const HOUR_MS = 3600_000;

let site: TestSite;
let id: number;
let preferences: string;
const { get, post, exported, sendAll, live } = useAccount((account) => {
  ({ site, id, preferences } = account);
});

const erase = () => post(`${preferences}/erase`);
const undo = () => post(`${preferences}/erase/undo`);
const reader = async () => (await site.sql`select * from subscribers where id = ${id}`)[0] ?? {};

describe('erasure', () => {
  it('is explained before it begins, and looking at it changes nothing', async () => {
    const before = await site.dump();
    const { statusCode, body } = await get(`${preferences}/erase`);
    expect([statusCode, body.includes('For 24 hours')]).toEqual([200, true]);
    expect(await site.dump()).toEqual(before);
  });

  it('stops all mail at once, what waits included', async () => {
    await composePage(site.ctx, site.clock.now(), [id]);
    await post(`${preferences}/address`, { email: 'ada@new.example.net' });
    const { statusCode, body } = await erase();
    expect([statusCode, body.includes('Wednesday, 25 November 2026 at 09:30 (UTC)')]).toEqual([200, true]);
    expect(await reader()).toMatchObject({ status: 'unsubscribed', next_due_at: null, new_email: null });
    site.clock.advance(23 * HOUR_MS);
    await forEachDuePage(site.ctx, site.clock.now(), (ids) => composePage(site.ctx, site.clock.now(), ids));
    await sendAll();
    expect(site.sink.mails).toEqual([]);
    expect((await get(preferences)).body).toContain('Everything about you will be erased');
  });

  it('comes no later when it is asked for again', async () => {
    await erase();
    const { erase_at } = await reader();
    site.clock.advance(HOUR_MS);
    await erase();
    expect(await reader()).toMatchObject({ erase_at });
  });

  it.each(['page', 'preferences'])(
    'can be undone within a day, from the %s: all is as it was',
    async (where) => {
      await live();
      const before = await reader();
      await erase();
      site.clock.advance(23 * HOUR_MS);
      const { body } = await get(where === 'page' ? `${preferences}/erase` : preferences);
      expect(body).toContain(`action="${preferences}/erase/undo"`);
      const undone = await undo();
      expect([undone.statusCode, undone.body.includes('Nothing will be erased')]).toEqual([200, true]);
      expect(await reader()).toEqual({ ...before, next_due_at: new Date('2026-11-26T08:00:00Z') });
      site.clock.advance(2 * HOUR_MS);
      expect(await eraseDue(site.ctx)).toBe(0);
      expect((await exported()).feedback).toHaveLength(2);
    },
  );

  it('undone, brings no mail to someone who had left before, and keeps a pause', async () => {
    await post(site.path('pause', id), { until: 'month' });
    const paused = await reader();
    await erase();
    await undo();
    expect(await reader()).toEqual(paused);
    await post(site.path('unsubscribe', id));
    const left = await reader();
    site.clock.advance(HOUR_MS);
    await erase();
    await undo();
    expect(await reader()).toEqual(left);
    expect((await undo()).statusCode).toBe(200);
  });

  it('leaves nothing of the reader in any table or queue, and all of everyone else', async () => {
    const workers = await startWorkers(site.ctx);
    const bob = await site.addReader('bob@example.org', { topics: ['cs-ro'] });
    await vi.waitFor(() => expect(site.sink.mails).toHaveLength(2), { timeout: 20_000, interval: 50 });
    await live();
    await site.suppress('bob@example.org');
    await post(`${preferences}/address`, { email: 'ada@new.example.net' });
    expect(await tracesOf(id)).toEqual(
      expect.arrayContaining(['subscribers', 'digests', 'deliveries', 'feedback']),
    );
    // Done jobs leave the queue by themselves.
    await vi.waitFor(async () => expect(await tracesOf(bob)).not.toContain('job'), { timeout: 20_000 });
    const bobs = await tracesOf(bob);
    await erase();
    site.clock.advance(24 * HOUR_MS - 1);
    expect(await eraseDue(site.ctx)).toBe(0);
    site.clock.advance(1);
    await site.ctx.queues.add('recover', {});
    await vi.waitFor(async () => expect(await tracesOf(id)).toEqual([]), { timeout: 20_000, interval: 50 });
    await workers.close();
    expect(await tracesOf(bob)).toEqual(bobs);
    expect(await site.sql`select email from subscribers`).toEqual([{ email: 'bob@example.org' }]);
  });

  it('ends every link like one that never was, and what comes back finds nothing', async () => {
    await live();
    const returnTo = site.sink.mails[0]?.from;
    const links = [
      ...(['preferences', 'pause', 'unsubscribe', 'confirm', 'feed'] as const).map((purpose) =>
        site.path(purpose, id),
      ),
      site.path('digest', FIRST_ID),
      site.path('more', id, { paperId: 1 }),
    ];
    await erase();
    site.clock.advance(25 * HOUR_MS);
    expect(await eraseDue(site.ctx)).toBe(1);
    for (const url of [...links, `${preferences}/erase`, `${preferences}/digests`]) {
      expect([url, (await get(url)).statusCode]).toEqual([url, 404]);
    }
    const posts = ['', '/address', '/address/cancel', '/export', '/erase', '/erase/undo', '/forget'];
    for (const url of [...posts.map((rest) => preferences + rest), site.path('unsubscribe', id)]) {
      const answer = await post(url, {
        email: 'ada@new.example.net',
        paper: '1',
        'List-Unsubscribe': 'One-Click',
      });
      expect([url, answer.statusCode]).toEqual([url, 404]);
    }
    expect(await takeReturnedMail(site.ctx, makeReport({ to: returnTo }))).toMatchObject({
      result: 'ignored',
      because: 'unknown_delivery',
    });
    const leaving = await site.ctx.links.proof('unsubscribe', id);
    const mail = Buffer.from(`To: unsubscribe+${id}.${leaving}@example.org\r\nSubject: unsubscribe\r\n\r\n`);
    expect(await takeReturnedMail(site.ctx, mail)).toEqual({ result: 'not_ours' });
  });

  it('keeps the hash of an address that must get no mail, and nothing else', async () => {
    await live();
    const [mail] = site.sink.mails;
    await takeReturnedMail(site.ctx, makeReport({ to: mail?.from }));
    await erase();
    site.clock.advance(25 * HOUR_MS);
    await eraseDue(site.ctx);
    expect(await site.sql`select email_hash from suppressions`).toEqual([{ email_hash: hashAddress(ADA) }]);
    expect(await site.sql`select id from subscribers`).toEqual([]);
    await site.postForm('/subscribe', { email: ADA });
    await sendAll();
    expect(site.sink.mails).toHaveLength(1);
  });
});

describe('someone who asks for the digest again while being erased', () => {
  const signUp = () => site.postForm('/subscribe', { email: ADA, topics: 'cs-cl' });

  beforeEach(async () => {
    await live();
    await erase();
    await signUp();
  });

  it('is erased all the same, unless they confirm: a stranger may have typed the address', async () => {
    expect(await reader()).toMatchObject({ status: 'pending', erase_at: new Date('2026-11-25T09:30:01Z') });
    site.clock.advance(25 * HOUR_MS);
    expect(await eraseDue(site.ctx)).toBe(1);
    expect((await get(site.path('confirm', id))).statusCode).toBe(404);
  });

  it('is kept once they confirm, with what they liked', async () => {
    expect((await post(site.path('confirm', id))).statusCode).toBe(200);
    expect(await reader()).toMatchObject({ status: 'active', erase_at: null });
    site.clock.advance(25 * HOUR_MS);
    expect(await eraseDue(site.ctx)).toBe(0);
    expect((await exported()).feedback).toHaveLength(2);
  });

  it('may undo instead, and gets digests as before', async () => {
    await undo();
    expect(await reader()).toMatchObject({ status: 'active', erase_at: null });
  });
});

it('coming back by the button after leaving ends an erasure too', async () => {
  await erase();
  await post(`${site.path('unsubscribe', id)}/undo`);
  expect(await reader()).toMatchObject({ status: 'active', erase_at: null });
});

/** The tables, of ours and of the queue, in which a row holds this reader's id, address, or what either leads to. */
async function tracesOf(subscriberId: number): Promise<string[]> {
  const whose = subscriberId === id ? 'ada@' : 'bob@';
  const tables = await site.sql`select schemaname as schema, tablename as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema') order by 2`;
  const found: string[] = [];
  for (const { schema, name } of tables) {
    const [row] = await site.sql`select count(*)::int as rows from ${site.sql(schema)}.${site.sql(name)} t
      where to_jsonb(t)::text ~* ${`${whose}|\\D${subscriberId}\\D`}`;
    if (Number(row?.rows) > 0) found.push(name);
  }
  return found;
}
