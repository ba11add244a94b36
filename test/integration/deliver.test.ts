/** The promise of a mailer: everyone who should get the mail gets it once, nobody else does, whatever dies on the way. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deliver } from '../../src/deliveries/deliver.ts';
import { countByStatus } from '../../src/deliveries/deliveries.repo.ts';
import { recover } from '../../src/deliveries/recover.ts';
import { composePage } from '../../src/digests/compose.ts';
import { createClock } from '../support/clock.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { addReaders } from '../support/readers.ts';

const clock = createClock('2026-11-24T06:00:00Z');
let test: TestContext;
let deliveryIds: number[];

beforeEach(async () => {
  clock.set('2026-11-24T06:00:00Z');
  test = await createTestContext({ now: clock.now });
  const titles = [
    'Federated learning at the edge',
    'Federated learning with few rounds',
    'Private federated learning',
  ];
  await storePapers(
    test.ctx,
    titles.map((title) => makePaper({ title })),
    clock.now(),
  );
  await addReaders(
    test.ctx,
    ['a', 'b', 'c', 'd'].map((name) => ({
      email: `${name}@example.org`,
      topics: ['federated-learning'],
      hour: 8,
    })),
  );
  const ids = (await test.sql`select id::int from subscribers order by id`).map(({ id }) => id as number);
  clock.set('2026-11-24T08:00:00Z');
  ({ deliveryIds } = await composePage(test.ctx, clock.now(), ids));
});

afterEach(() => test.close());

const statuses = () =>
  test.sql`select s.email, d.status from deliveries d join subscribers s on s.id = d.subscriber_id order by 1`.then(
    (rows) => Object.fromEntries(rows.map(({ email, status }) => [(email as string).split('@')[0], status])),
  );

describe('delivering', () => {
  it('sends each mail once, also when several workers get the same job', async () => {
    await Promise.all([
      deliver(test.ctx, deliveryIds),
      deliver(test.ctx, deliveryIds),
      deliver(test.ctx, deliveryIds),
    ]);
    expect(test.sink.mails.map(({ to }) => to).sort()).toEqual(
      ['a', 'b', 'c', 'd'].map((name) => `${name}@example.org`),
    );
    expect(await statuses()).toEqual({ a: 'sent', b: 'sent', c: 'sent', d: 'sent' });
  });

  it('sends nothing to someone who left, paused or was suppressed after the digest was composed', async () => {
    await test.sql`update subscribers set status = 'unsubscribed' where email like 'a@%'`;
    await test.sql`update subscribers set paused_until = '2026-12-01' where email like 'b@%'`;
    await test.sql`insert into suppressions select email_hash, 'complaint', null, now() from subscribers where email like 'c@%'`;
    expect(await deliver(test.ctx, deliveryIds)).toEqual({
      sent: 1,
      failed: 0,
      deferred: 0,
      skipped: 3,
      inHand: 0,
    });
    expect(test.sink.mails.map(({ to }) => to)).toEqual(['d@example.org']);
    expect(await statuses()).toEqual({ a: 'skipped', b: 'skipped', c: 'skipped', d: 'sent' });
  });

  it('gives up on a 5xx at once, and tries a 4xx again without sending the others twice', async () => {
    test.sink.refuse(/^a@/, 550);
    test.sink.refuse(/^b@/, 451);
    expect(await deliver(test.ctx, deliveryIds)).toEqual({
      sent: 2,
      failed: 1,
      deferred: 1,
      skipped: 0,
      inHand: 0,
    });
    expect(await test.ctx.queues.countJobs('send')).toMatchObject({ delayed: 1 });
    expect(await statuses()).toEqual({ a: 'failed', b: 'pending', c: 'sent', d: 'sent' });
    test.sink.refuse(/^b@/, null);
    clock.set('2026-11-24T08:00:31Z');
    expect(await deliver(test.ctx, deliveryIds)).toEqual({
      sent: 1,
      failed: 0,
      deferred: 0,
      skipped: 0,
      inHand: 0,
    });
    expect(test.sink.mails).toHaveLength(3);
    expect(await test.sql`select outcome from deliveries where status = 'failed'`).toEqual([
      { outcome: expect.stringContaining('550') },
    ]);
  });

  it('gives up on a 4xx after the last try, but never because the mail server was away', async () => {
    test.sink.refuse(/^a@/, 451);
    await test.sql`update deliveries set attempts = 11`;
    await expect(deliver(test.ctx, deliveryIds)).resolves.toMatchObject({ failed: 1, sent: 3 });
    expect((await statuses()).a).toBe('failed');

    await test.sql`update deliveries set status = 'pending', attempts = 11 where status = 'failed'`;
    await test.sink.close();
    expect(await deliver(test.ctx, deliveryIds)).toMatchObject({ deferred: 1 });
    expect(await test.sql`select status, attempts from deliveries where status <> 'sent'`).toEqual([
      { status: 'pending', attempts: 11 },
    ]);
  });

  it('sends a mail again with the same Message-ID when its worker died in the middle', async () => {
    await deliver(test.ctx, deliveryIds.slice(0, 1));
    // As a worker leaves it that dies between the server's answer and the record of it.
    await test.sql`update deliveries set status = 'sending', lease_until = ${new Date('2026-11-24T08:02:00Z')} where status = 'sent'`;
    expect(await recover(test.ctx)).toMatchObject({ released: 0 });
    clock.set('2026-11-24T08:03:00Z');
    expect(await recover(test.ctx)).toMatchObject({ released: 1 });
    await deliver(test.ctx, deliveryIds.slice(0, 1));
    const [first, second] = await test.sink.parsed();
    expect(first?.messageId).toBeTruthy();
    expect(second?.messageId).toBe(first?.messageId);
  });

  it('tells mails that wait for their time from those that came free and may go at once', async () => {
    await test.sql`update deliveries set status = 'sending', lease_until = ${new Date('2026-11-24T07:59:00Z')} where id = ${deliveryIds[0] ?? 0}`;
    test.sink.refuse(/^b@/, 451);
    await deliver(test.ctx, deliveryIds);
    await recover(test.ctx);
    expect(await countByStatus(test.ctx.db, deliveryIds, clock.now())).toMatchObject({
      pending: 1,
      deferred: 1,
      sent: 2,
    });
  });
});
