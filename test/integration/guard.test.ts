/** Sending stops before it does harm, says so, and is not stopped again for what came before it went on. */
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { deliver } from '../../src/deliveries/deliver.ts';
import { countReturned } from '../../src/deliveries/guard.repo.ts';
import { checkSending, findPause, resumeSending } from '../../src/deliveries/guard.ts';
import { recordBounce } from '../../src/deliveries/record-bounce.ts';
import { createLogger } from '../../src/logger.ts';
import { MINUTE_MS, useGuardedSending } from '../support/guarded-sending.ts';

const sending = useGuardedSending();
const { clock, hook, addConfirmation, compose, recipients } = sending;

/** Digests that were sent a second apart, the last of them `beforeMs` before now; their ids in that order. */
async function addSent(count: number, beforeMs = 0): Promise<number[]> {
  const last = new Date(clock.now().getTime() - beforeMs);
  const rows = await sending.test.sql`
    with made as (
      insert into digests (subscriber_id, edition, composed_at)
      select ${sending.readerIds[0] ?? 0}, gen_random_uuid()::text, ${last} from generate_series(1, ${count}) returning id
    )
    insert into deliveries (kind, subscriber_id, digest_id, status, next_attempt_at, created_at, finished_at)
    select 'digest', ${sending.readerIds[0] ?? 0}, id, 'sent', ${last}, ${last},
      ${last}::timestamptz - (row_number() over (order by id desc)) * interval '1 second'
    from made order by id returning id::int`;
  return rows.map(({ id }) => id as number);
}

const hard = { kind: 'bounce', hard: true, status: '5.1.1', reason: 'userunknown' } as const;
const complaint = { kind: 'complaint', hard: false, status: null, reason: 'abuse' } as const;

describe('sending pauses by itself', () => {
  it('right after the hard bounce that is one too many, and tells the operator once', async () => {
    const lines = new PassThrough();
    sending.test.ctx.log = createLogger('error', lines);
    const ids = await addSent(220);
    for (const id of ids.slice(0, 11)) await recordBounce(sending.test.ctx, id, hard);
    expect(await findPause(sending.test.ctx)).toBeNull();
    await recordBounce(sending.test.ctx, ids[11] ?? 0, hard);
    const pause = await findPause(sending.test.ctx);
    expect(pause).toMatchObject({
      reason: 'hard_bounces',
      detail: expect.stringContaining('220 digests 12'),
    });
    await recordBounce(sending.test.ctx, ids[12] ?? 0, hard);

    expect(hook.bodies).toEqual([
      {
        event: 'sending.paused',
        reason: 'hard_bounces',
        detail: pause?.detail,
        at: '2026-11-24T08:00:00.000Z',
      },
    ]);
    expect(recipients()).toEqual(['operator@example.net']);
    const [mail] = await sending.test.sink.parsed();
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
    for (const id of old.slice(100, 103)) await recordBounce(sending.test.ctx, id, complaint);
    expect(await findPause(sending.test.ctx)).toBeNull();
    await recordBounce(sending.test.ctx, old[103] ?? 0, complaint);
    expect(await findPause(sending.test.ctx)).toMatchObject({ reason: 'complaints' });
  });

  it('at addresses that the mail server itself says are gone', async () => {
    await addSent(196);
    sending.test.sink.refuse(/@example\.org$/, 550, '5.1.1 No such user');
    await sending.test
      .sql`insert into bounces select id, 'hard', '5.1.1', 'userunknown', now() from deliveries order by id limit 9`;
    await deliver(sending.test.ctx, await compose());
    expect(await findPause(sending.test.ctx)).toMatchObject({ reason: 'hard_bounces' });
  });

  it('when no mail server can be reached for minutes, not for a moment', async () => {
    const ids = await compose();
    await sending.test.sink.close();
    const tryAll = async () => {
      await sending.test.sql`update deliveries set next_attempt_at = ${clock.now()}`;
      await deliver(sending.test.ctx, ids);
    };
    for (let round = 0; round < 13; round++) await tryAll();
    expect(await findPause(sending.test.ctx)).toBeNull();
    clock.advance(5 * MINUTE_MS);
    await tryAll();
    expect(await findPause(sending.test.ctx)).toMatchObject({ reason: 'unreachable' });
    // A moment after, nothing of that counts any more.
    clock.advance(MINUTE_MS);
    await resumeSending(sending.test.ctx);
    expect(await checkSending(sending.test.ctx)).toBeNull();
    await tryAll();
    expect(await findPause(sending.test.ctx)).toBeNull();
  });

  it('never again for what came before it was resumed', async () => {
    const ids = await addSent(300);
    for (const id of ids.slice(0, 20)) await recordBounce(sending.test.ctx, id, hard);
    expect(await findPause(sending.test.ctx)).not.toBeNull();
    clock.advance(MINUTE_MS);
    await resumeSending(sending.test.ctx);
    expect(await checkSending(sending.test.ctx)).toBeNull();
    for (const id of ids.slice(20, 60)) await recordBounce(sending.test.ctx, id, hard);
    expect(await findPause(sending.test.ctx)).toBeNull();

    clock.advance(10 * MINUTE_MS);
    const later = await addSent(300);
    for (const id of later.slice(0, 20)) await recordBounce(sending.test.ctx, id, hard);
    expect(await findPause(sending.test.ctx)).not.toBeNull();
    // The hour of the last mail is not over; the webhook hears of each.
    expect(recipients()).toEqual(['operator@example.net']);
    expect(hook.bodies).toHaveLength(2);
  });

  it('also where the operator can’t be told', async () => {
    hook.status = 500;
    await sending.test.sink.close();
    const ids = await addSent(200);
    for (const id of ids.slice(0, 11)) await recordBounce(sending.test.ctx, id, hard);
    expect(await findPause(sending.test.ctx)).not.toBeNull();
  });
});

it('counts the latest thousand digests, and no other mails', async () => {
  await addSent(1500);
  await addConfirmation();
  const since = new Date(clock.now().getTime() - 24 * 3600_000);
  expect(await countReturned(sending.test.ctx.db, since, clock.now(), null)).toEqual({
    mails: 1000,
    hardBounces: 0,
    complaints: 0,
  });
});
