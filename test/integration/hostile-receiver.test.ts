/** Receivers that defer, refuse, hang up, stall and lie: what can be delivered is, what can't ends with its code, and no domain pays for another. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { claimAsNeeded } from '../../src/deliveries/claims.ts';
import { deliver } from '../../src/deliveries/deliver.ts';
import { composePage } from '../../src/digests/compose.ts';
import { createClock } from '../support/clock.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { type Answer, type HostileReceiver, startHostileReceiver } from '../support/hostile-receiver.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { addReaders } from '../support/readers.ts';

const START = '2026-11-24T08:00:00Z';
const clock = createClock(START);
let test: TestContext | null = null;
let receiver: HostileReceiver | null = null;

beforeEach(() => clock.set(START));
afterEach(async () => {
  await test?.close();
  await receiver?.close();
});

async function setUp(
  emails: readonly string[],
  decide: (recipient: string, attempt: number) => Answer,
  {
    now,
    env,
    ...how
  }: { now?: () => Date; env?: Record<string, string> } & Parameters<typeof startHostileReceiver>[1] = {},
): Promise<{ test: TestContext; receiver: HostileReceiver; ids: number[] }> {
  receiver = await startHostileReceiver(decide, how);
  test = await createTestContext({ now: now ?? clock.now, env: { SMTP_URL: receiver.url, ...env } });
  const { ctx, sql } = test;
  await storePapers(ctx, [makePaper({ title: 'Federated learning at the edge' })], ctx.now());
  await addReaders(
    ctx,
    emails.map((email) => ({ email, topics: ['federated-learning'], hour: 8 })),
  );
  await sql`update subscribers set next_due_at = ${ctx.now()}`;
  const readers = (await sql`select id::int from subscribers order by id`).map(({ id }) => id as number);
  const { deliveryIds } = await composePage(ctx, ctx.now(), readers);
  expect(deliveryIds).toHaveLength(emails.length);
  return { test, receiver, ids: deliveryIds };
}

/** Sends again and again, each time when the next mail is due, until nothing is pending. Returns how often. */
async function sendAll({ ctx, sql }: TestContext): Promise<number> {
  for (let round = 1; round < 2000; round++) {
    const due =
      await sql`select id::int from deliveries where status = 'pending' and next_attempt_at <= ${clock.now()} order by id`;
    await deliver(
      ctx,
      due.map(({ id }) => id as number),
    );
    const [next] = await sql`select min(next_attempt_at) as at from deliveries where status = 'pending'`;
    if (!next?.at) return round;
    clock.set(new Date(Math.max((next.at as Date).getTime(), clock.now().getTime() + 1000)).toISOString());
  }
  throw new Error('it never ends');
}

const outcomes = async ({ sql }: TestContext) =>
  Object.fromEntries(
    (
      await sql`select s.email, d.status, d.outcome from deliveries d join subscribers s on s.id = d.subscriber_id`
    ).map(({ email, status, outcome }) => [email, { status, outcome }]),
  );
const readersAt = (domain: string, count: number) =>
  Array.from({ length: count }, (_, at) => `r${at}@${domain}`);
const numberOf = (recipient: string) => Number(/^r(\d+)@/.exec(recipient)?.[1]);

describe('hostile receivers', () => {
  it('get every mail that can be delivered, and each refusal for good ends as one', async () => {
    const emails = [
      ...readersAt('defers.test', 30),
      ...readersAt('refuses.test', 50),
      ...readersAt('hangs-up.test', 20),
      ...readersAt('loses.test', 10),
      ...readersAt('well.test', 30),
    ];
    const { test, receiver } = await setUp(
      emails,
      (recipient, attempt) => {
        const nth = numberOf(recipient);
        const first = attempt === 1;
        if (recipient.endsWith('@defers.test') && first && nth % 3 === 0) {
          return { at: nth % 2 ? 'rcpt' : 'data', reply: '451 4.7.1 try again in 5 minutes' };
        }
        if (recipient.endsWith('@refuses.test') && nth % 25 === 0)
          return { at: 'rcpt', reply: '550 5.1.1 user unknown' };
        if (recipient.endsWith('@hangs-up.test') && first) {
          return { at: nth % 2 ? 'rcpt' : 'data', hangUp: true };
        }
        if (recipient.endsWith('@loses.test') && first && nth === 3)
          return { at: 'data', hangUp: true, lost: true };
        return { at: 'take' };
      },
      { hangsUpAfter: 7, greetsAfterMs: 20 },
    );
    await sendAll(test);
    const ended = await outcomes(test);
    const gone = ['r0@refuses.test', 'r25@refuses.test'];
    for (const email of emails) {
      expect([email, ended[email]?.status]).toEqual([email, gone.includes(email) ? 'failed' : 'sent']);
    }
    for (const email of gone) expect(ended[email]?.outcome).toContain('550 5.1.1');
    expect(await test.sql`select count(*)::int from suppressions`).toEqual([{ count: 2 }]);
    // Nobody twice but the one whose yes got lost on the way.
    const twice = receiver.taken.filter((recipient, at) => receiver.taken.indexOf(recipient) !== at);
    expect(twice).toEqual(['r3@loses.test']);
    expect(new Set(receiver.taken).size).toBe(emails.length - gone.length);
  });

  it('slow nobody down but themselves: while one stalls, the mails of the others go', async () => {
    const emails = [
      ...readersAt('stalls.test', 40),
      ...readersAt('well.test', 40),
      ...readersAt('fine.test', 40),
    ];
    const { test, receiver, ids } = await setUp(emails, (recipient) =>
      recipient.endsWith('@stalls.test') ? { at: 'rcpt', stall: true } : { at: 'take' },
    );
    const delivering = deliver(test.ctx, ids);
    let releasing: NodeJS.Timeout | undefined;
    try {
      await vi.waitFor(() => expect(receiver.taken).toHaveLength(80), { timeout: 20_000 });
      // As many connections as one domain may have while others wait, and none of its mails is done.
      expect(receiver.taken.every((recipient) => !recipient.endsWith('@stalls.test'))).toBe(true);
      // The job ends, so that the next one has its turn; it leaves those on their way to themselves, and asks again for the rest.
      const { sent, inHand } = await delivering;
      expect(sent).toBe(80);
      expect(inHand).toBeGreaterThan(0);
      expect(inHand).toBe(receiver.stalled());
    } finally {
      releasing = setInterval(() => receiver.release(), 10);
    }
    await vi.waitFor(async () => {
      clock.advance(1000);
      await deliver(test.ctx, ids);
      expect(new Set(receiver.taken).size).toBe(120);
    });
    clearInterval(releasing);
    expect(receiver.taken).toHaveLength(120);
  });

  it('are not what a job waits for that has nothing left but to write down what came of its mails', async () => {
    const { test } = await setUp(['r0@well.test'], () => ({ at: 'take' }));
    const claims = claimAsNeeded(test.ctx, [], async () => {});
    expect(claims.isSilent()).toBe(false);
    claims.close();
  });

  it('that defer get their mails in turn, while those of others are all sent in the first round', async () => {
    let patient = false;
    const emails = [...readersAt('busy.test', 20), ...readersAt('well.test', 60)];
    const { test, receiver, ids } = await setUp(emails, (recipient) =>
      recipient.endsWith('@busy.test') && !patient
        ? { at: 'rcpt', reply: '450 4.2.1 too fast, wait 60 seconds' }
        : { at: 'take' },
    );
    const first = await deliver(test.ctx, ids);
    expect(first).toMatchObject({ sent: 60, failed: 0, deferred: 20 });
    // Only what was on its way when the first was refused met the server; the others wait without a try.
    const [tried] =
      await test.sql`select count(*)::int from deliveries where status = 'pending' and attempts > 0`;
    expect(tried?.count).toBeLessThanOrEqual(10);
    // At whole seconds, so that those of several domains are one job.
    const [waiting] = await test.sql`
      select count(*)::int from deliveries
      where status = 'pending' and next_attempt_at = date_trunc('second', next_attempt_at)`;
    expect(waiting?.count).toBe(20);
    const [pace] = await test.sql`select * from send_paces where key = 'busy.test'`;
    expect(Number(pace?.next_at)).toBeGreaterThanOrEqual(Date.parse(START) + 60_000);
    patient = true;
    await sendAll(test);
    expect(new Set(receiver.taken).size).toBe(80);
    expect(receiver.taken).toHaveLength(80);
    // Recovered: slow no more, or nearly so.
    const [after] = await test.sql`select interval_ms from send_paces where key = 'busy.test'`;
    expect(after?.interval_ms ?? 0).toBeLessThan(Number(pace?.interval_ms));
  });
});

describe('all mails together', () => {
  it('keep to the rate that is set, and lose none by it', async () => {
    const { test, receiver, ids } = await setUp(readersAt('well.test', 30), () => ({ at: 'take' }), {
      now: () => new Date(),
      env: { SEND_RATE: '10/s' },
    });
    const startedAt = performance.now();
    while (receiver.taken.length < 30) await deliver(test.ctx, ids);
    // Thirty mails at ten a second are three seconds, less what a burst may run ahead.
    expect(performance.now() - startedAt).toBeGreaterThan(2500);
    expect(new Set(receiver.taken).size).toBe(30);
  });

  it('wait for their hours, but for what a person waits for', async () => {
    const { test, receiver, ids } = await setUp(readersAt('well.test', 3), () => ({ at: 'take' }), {
      env: { SEND_WINDOW: '22:00-06:00' },
    });
    const [asked = 0, ...digests] = ids;
    await test.sql`update deliveries set kind = 'already_subscribed', digest_id = null where id = ${asked}`;
    expect(await deliver(test.ctx, ids)).toMatchObject({ sent: 1, deferred: 2 });
    expect(receiver.taken).toHaveLength(1);
    const waiting = await test.sql`
      select next_attempt_at, outcome, attempts from deliveries where id = any(${digests})`;
    const opening = { next_attempt_at: new Date('2026-11-24T22:00:00Z'), attempts: 0 };
    expect(waiting).toMatchObject([opening, opening]);
    clock.set('2026-11-24T22:00:00Z');
    expect(await deliver(test.ctx, ids)).toMatchObject({ sent: 2, deferred: 0 });
  });

  it('of a new sender end with the number of the day, and go on with the next', async () => {
    const { test, ids } = await setUp(readersAt('well.test', 12), () => ({ at: 'take' }), {
      env: { SEND_WARMUP: '2026-11-24:5' },
    });
    expect(await deliver(test.ctx, ids)).toMatchObject({ sent: 5, deferred: 7 });
    expect(await deliver(test.ctx, ids)).toMatchObject({ sent: 0, deferred: 7 });
    clock.set('2026-11-25T00:00:01Z');
    expect(await deliver(test.ctx, ids)).toMatchObject({ sent: 7, deferred: 0 });
  });
});
