/** Sending stops before it does harm, says so, loses nothing meanwhile, and goes on when the operator says so. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { deliver } from '../../src/deliveries/deliver.ts';
import { countReturned } from '../../src/deliveries/guard.repo.ts';
import { checkSending, findPause, pauseSending, resumeSending } from '../../src/deliveries/guard.ts';
import { recordBounce } from '../../src/deliveries/record-bounce.ts';
import { recover } from '../../src/deliveries/recover.ts';
import { composePage } from '../../src/digests/compose.ts';
import { runDigest } from '../../src/digests/run-digest.ts';
import { createLogger } from '../../src/logger.ts';
import { createClock } from '../support/clock.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { parseMetrics } from '../support/metrics.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { addReaders } from '../support/readers.ts';

const MINUTE_MS = 60_000;
const clock = createClock('2026-11-24T08:00:00Z');
const hook: { server: Server; bodies: unknown[]; status: number } = {
  server: createServer(async (request, response) => {
    hook.bodies.push(JSON.parse(Buffer.concat(await request.toArray()).toString()));
    response.writeHead(hook.status).end();
  }),
  bodies: [],
  status: 204,
};
let test: TestContext;
let readerIds: number[];

beforeEach(async () => {
  clock.set('2026-11-24T06:00:00Z');
  hook.bodies = [];
  hook.status = 204;
  await new Promise<void>((resolve) => hook.server.listen(0, '127.0.0.1', resolve));
  const { port } = hook.server.address() as AddressInfo;
  test = await createTestContext({
    now: clock.now,
    env: { OPERATOR_EMAIL: 'operator@example.net', OPERATOR_WEBHOOK: `http://127.0.0.1:${port}/hook` },
  });
  await storePapers(test.ctx, [makePaper({ title: 'Federated learning at the edge' })], clock.now());
  await addReaders(
    test.ctx,
    ['a', 'b', 'c', 'd'].map((name) => ({
      email: `${name}@example.org`,
      topics: ['federated-learning'],
      hour: 8,
    })),
  );
  readerIds = (await test.sql`select id::int from subscribers order by id`).map(({ id }) => id as number);
  clock.set('2026-11-24T08:00:00Z');
});

afterEach(async () => {
  await test.close();
  hook.server.closeAllConnections();
  await new Promise<unknown>((resolve) => hook.server.close(resolve));
});

const compose = async () => (await composePage(test.ctx, clock.now(), readerIds)).deliveryIds;
const recipients = () => test.sink.mails.map(({ to }) => to).sort();
const digestReaders = ['a', 'b', 'c', 'd'].map((name) => `${name}@example.org`);

/** Digests that were sent a second apart, the last of them `beforeMs` before now; their ids in that order. */
async function addSent(count: number, beforeMs = 0): Promise<number[]> {
  const last = new Date(clock.now().getTime() - beforeMs);
  const rows = await test.sql`
    with made as (
      insert into digests (subscriber_id, edition, composed_at)
      select ${readerIds[0] ?? 0}, gen_random_uuid()::text, ${last} from generate_series(1, ${count}) returning id
    )
    insert into deliveries (kind, subscriber_id, digest_id, status, next_attempt_at, created_at, finished_at)
    select 'digest', ${readerIds[0] ?? 0}, id, 'sent', ${last}, ${last},
      ${last}::timestamptz - (row_number() over (order by id desc)) * interval '1 second'
    from made order by id returning id::int`;
  return rows.map(({ id }) => id as number);
}

async function addConfirmation(): Promise<number> {
  const [reader] = await test.sql`
    insert into subscribers (email, email_key, email_hash, status, frequency, weekdays, hour, timezone, created_at)
    select 'new@example.org', 'new@example.org', 'hash', 'pending', frequency, weekdays, hour, timezone, created_at
    from subscribers limit 1 returning id`;
  const [row] = await test.sql`
    insert into deliveries (kind, subscriber_id, next_attempt_at, created_at)
    values ('confirm', ${reader?.id as string}, ${clock.now()}, ${clock.now()}) returning id::int`;
  return row?.id as number;
}

const hard = { kind: 'bounce', hard: true, status: '5.1.1', reason: 'userunknown' } as const;
const complaint = { kind: 'complaint', hard: false, status: null, reason: 'abuse' } as const;

describe('while sending is paused', () => {
  it('digests wait, untouched, and mails that someone waits for go', async () => {
    await pauseSending(test.ctx, 'operator', 'moving');
    const ids = [...(await compose()), await addConfirmation()];
    expect(await deliver(test.ctx, ids)).toEqual({ sent: 1, failed: 0, deferred: 0, skipped: 0, inHand: 0 });
    expect(recipients()).toEqual(['new@example.org']);
    expect(await test.sql`select distinct status, attempts from deliveries where kind = 'digest'`).toEqual([
      { status: 'pending', attempts: 0 },
    ]);
  });

  it('recover asks for none of them, and resuming for all', async () => {
    await pauseSending(test.ctx, 'operator', '');
    const ids = await compose();
    const confirmation = await addConfirmation();
    await test.sql`truncate bullmq.job cascade`;
    clock.advance(5 * MINUTE_MS);
    expect(await recover(test.ctx)).toEqual({ released: 0, requeued: 1 });
    await deliver(test.ctx, [confirmation]);
    expect(await resumeSending(test.ctx)).toBe(ids.length);
    expect(await resumeSending(test.ctx)).toBeNull();
    // One for the confirmation, one for the digests.
    expect(await test.ctx.queues.backlog('send')).toBe(2);
    expect(await deliver(test.ctx, ids)).toMatchObject({ sent: 4 });
    expect(recipients()).toEqual([...digestReaders, 'new@example.org']);
  });

  it('a run of the command ends, and says what waits', async () => {
    await pauseSending(test.ctx, 'operator', 'moving');
    const run = await runDigest(test.ctx, clock.now(), () => {});
    expect(run).toMatchObject({ due: 4, sent: 0, held: 4, paused: { reason: 'operator', detail: 'moving' } });
  });

  it('the metrics and /readyz say so, and the site stays ready', async () => {
    const app = await buildApp(test.ctx);
    const paused = async () =>
      parseMetrics((await app.inject('/metrics')).body).find(({ name }) => name === 'paperboy_sending_paused')
        ?.value;
    expect(await paused()).toBe(0);
    await pauseSending(test.ctx, 'operator', 'a word for nobody else');
    expect(await paused()).toBe(1);
    const ready = await app.inject('/readyz');
    expect(ready.statusCode).toBe(200);
    expect(ready.json()).toMatchObject({
      status: 'ready',
      sending: 'paused since 2026-11-24T08:00:00.000Z: operator',
    });
    await app.close();
  });
});

describe('sending pauses by itself', () => {
  it('right after the hard bounce that is one too many, and tells the operator once', async () => {
    const lines = new PassThrough();
    test.ctx.log = createLogger('error', lines);
    const ids = await addSent(220);
    for (const id of ids.slice(0, 11)) await recordBounce(test.ctx, id, hard);
    expect(await findPause(test.ctx)).toBeNull();
    await recordBounce(test.ctx, ids[11] ?? 0, hard);
    const pause = await findPause(test.ctx);
    expect(pause).toMatchObject({
      reason: 'hard_bounces',
      detail: expect.stringContaining('220 digests 12'),
    });
    await recordBounce(test.ctx, ids[12] ?? 0, hard);

    expect(hook.bodies).toEqual([
      {
        event: 'sending.paused',
        reason: 'hard_bounces',
        detail: pause?.detail,
        at: '2026-11-24T08:00:00.000Z',
      },
    ]);
    expect(recipients()).toEqual(['operator@example.net']);
    const [mail] = await test.sink.parsed();
    expect(mail?.text).toContain(pause?.detail);
    const line = String(lines.read()).trim();
    expect(line.split('\n')).toHaveLength(1);
    expect(JSON.parse(line)).toMatchObject({
      level: 'error',
      event: 'sending.paused',
      reason: 'hard_bounces',
    });
  });

  it('at complaints, counted among the mails around the one complained of, however many went since', async () => {
    const old = await addSent(600, 3 * 3600_000);
    await addSent(2500);
    for (const id of old.slice(100, 103)) await recordBounce(test.ctx, id, complaint);
    expect(await findPause(test.ctx)).toBeNull();
    await recordBounce(test.ctx, old[103] ?? 0, complaint);
    expect(await findPause(test.ctx)).toMatchObject({ reason: 'complaints' });
  });

  it('at addresses that the mail server itself says are gone', async () => {
    await addSent(196);
    test.sink.refuse(/@example\.org$/, 550, '5.1.1 No such user');
    await test.sql`insert into bounces select id, 'hard', '5.1.1', 'userunknown', now() from deliveries order by id limit 9`;
    await deliver(test.ctx, await compose());
    expect(await findPause(test.ctx)).toMatchObject({ reason: 'hard_bounces' });
  });

  it('when no mail server can be reached for minutes, not for a moment', async () => {
    const ids = await compose();
    await test.sink.close();
    const tryAll = async () => {
      await test.sql`update deliveries set next_attempt_at = ${clock.now()}`;
      await deliver(test.ctx, ids);
    };
    for (let round = 0; round < 13; round++) await tryAll();
    expect(await findPause(test.ctx)).toBeNull();
    clock.advance(5 * MINUTE_MS);
    await tryAll();
    expect(await findPause(test.ctx)).toMatchObject({ reason: 'unreachable' });
    // A moment after, nothing of that counts any more.
    clock.advance(MINUTE_MS);
    await resumeSending(test.ctx);
    expect(await checkSending(test.ctx)).toBeNull();
    await tryAll();
    expect(await findPause(test.ctx)).toBeNull();
  });

  it('never again for what came before it was resumed', async () => {
    const ids = await addSent(300);
    for (const id of ids.slice(0, 20)) await recordBounce(test.ctx, id, hard);
    expect(await findPause(test.ctx)).not.toBeNull();
    clock.advance(MINUTE_MS);
    await resumeSending(test.ctx);
    expect(await checkSending(test.ctx)).toBeNull();
    for (const id of ids.slice(20, 60)) await recordBounce(test.ctx, id, hard);
    expect(await findPause(test.ctx)).toBeNull();

    clock.advance(10 * MINUTE_MS);
    const later = await addSent(300);
    for (const id of later.slice(0, 20)) await recordBounce(test.ctx, id, hard);
    expect(await findPause(test.ctx)).not.toBeNull();
    // The hour of the last mail is not over; the webhook hears of each.
    expect(recipients()).toEqual(['operator@example.net']);
    expect(hook.bodies).toHaveLength(2);
  });

  it('also where the operator can’t be told', async () => {
    hook.status = 500;
    await test.sink.close();
    const ids = await addSent(200);
    for (const id of ids.slice(0, 11)) await recordBounce(test.ctx, id, hard);
    expect(await findPause(test.ctx)).not.toBeNull();
  });
});

it('counts the latest thousand digests, and no other mails', async () => {
  await addSent(1500);
  await addConfirmation();
  const since = new Date(clock.now().getTime() - 24 * 3600_000);
  expect(await countReturned(test.ctx.db, since, clock.now(), null)).toEqual({
    mails: 1000,
    hardBounces: 0,
    complaints: 0,
  });
});
