/** While sending is paused, nothing is lost and everyone who asks is told; it goes on when the operator says so. */
import { describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { deliver } from '../../src/deliveries/deliver.ts';
import { pauseSending, resumeSending } from '../../src/deliveries/guard.ts';
import { recover } from '../../src/deliveries/recover.ts';
import { runDigest } from '../../src/digests/run-digest.ts';
import { MINUTE_MS, useGuardedSending } from '../support/guarded-sending.ts';
import { parseMetrics } from '../support/metrics.ts';

const sending = useGuardedSending();
const { clock, addConfirmation, compose, recipients } = sending;
const digestReaders = ['a', 'b', 'c', 'd'].map((name) => `${name}@example.org`);

describe('while sending is paused', () => {
  it('digests wait, untouched, and mails that someone waits for go', async () => {
    await pauseSending(sending.test.ctx, 'operator', 'moving');
    const ids = [...(await compose()), await addConfirmation()];
    expect(await deliver(sending.test.ctx, ids)).toEqual({
      sent: 1,
      failed: 0,
      deferred: 0,
      skipped: 0,
      inHand: 0,
    });
    expect(recipients()).toEqual(['new@example.org']);
    expect(
      await sending.test.sql`select distinct status, attempts from deliveries where kind = 'digest'`,
    ).toEqual([{ status: 'pending', attempts: 0 }]);
  });

  it('recover asks for none of them, and resuming for all', async () => {
    await pauseSending(sending.test.ctx, 'operator', '');
    const ids = await compose();
    const confirmation = await addConfirmation();
    await sending.test.sql`truncate bullmq.job cascade`;
    clock.advance(5 * MINUTE_MS);
    expect(await recover(sending.test.ctx)).toEqual({ released: 0, requeued: 1 });
    await deliver(sending.test.ctx, [confirmation]);
    expect(await resumeSending(sending.test.ctx)).toBe(ids.length);
    expect(await resumeSending(sending.test.ctx)).toBeNull();
    // One for the confirmation, one for the digests.
    expect(await sending.test.ctx.queues.backlog('send')).toBe(2);
    expect(await deliver(sending.test.ctx, ids)).toMatchObject({ sent: 4 });
    expect(recipients()).toEqual([...digestReaders, 'new@example.org']);
  });

  it('a run of the command ends, and says what waits', async () => {
    await pauseSending(sending.test.ctx, 'operator', 'moving');
    const run = await runDigest(sending.test.ctx, clock.now(), () => {});
    expect(run).toMatchObject({ due: 4, sent: 0, held: 4, paused: { reason: 'operator', detail: 'moving' } });
  });

  it('the metrics and /readyz say so, and the site stays ready', async () => {
    const app = await buildApp(sending.test.ctx);
    const paused = async () =>
      parseMetrics((await app.inject('/metrics')).body).find(({ name }) => name === 'paperboy_sending_paused')
        ?.value;
    expect(await paused()).toBe(0);
    await pauseSending(sending.test.ctx, 'operator', 'a word for nobody else');
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
