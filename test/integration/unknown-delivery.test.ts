/** A mail that the server may have or not: sent again, or held until the operator says so. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deliver } from '../../src/deliveries/deliver.ts';
import { recordBounce } from '../../src/deliveries/record-bounce.ts';
import { recover, retryUnknown } from '../../src/deliveries/recover.ts';
import { createClock } from '../support/clock.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { addReaders } from '../support/readers.ts';

const clock = createClock('2026-11-24T08:00:00Z');
let server: Server;
let bodies: number;
let test: TestContext;
let id: number;

beforeEach(async () => {
  clock.set('2026-11-24T08:00:00Z');
  bodies = 0;
  server = createServer(cutInBody);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  await test.close();
  server.close();
});

/** Takes the body of a mail, and goes away without a word. */
function cutInBody(socket: Socket): void {
  socket.on('error', () => {});
  socket.write('220 hello\r\n');
  let inBody = false;
  socket.on('data', (data) => {
    if (inBody) {
      if (!data.toString().endsWith('\r\n.\r\n')) return;
      bodies++;
      socket.destroy();
      return;
    }
    for (const line of data.toString().split('\r\n').slice(0, -1)) {
      inBody = line === 'DATA';
      socket.write(inBody ? '354 go on\r\n' : '250 ok\r\n');
    }
  });
}

async function open(UNKNOWN_DELIVERY: string): Promise<void> {
  const { port } = server.address() as AddressInfo;
  test = await createTestContext({
    now: clock.now,
    env: { UNKNOWN_DELIVERY, SMTP_URL: `smtp://127.0.0.1:${port}` },
  });
  await addReaders(test.ctx, [{ email: 'ada@example.net', topics: ['cs-cl'], hour: 8 }]);
  const [row] = await test.sql`
    insert into deliveries (kind, subscriber_id, next_attempt_at, created_at)
    select 'already_subscribed', id, ${clock.now()}, ${clock.now()} from subscribers returning id::int`;
  id = row?.id as number;
}

const state = async () => (await test.sql`select status, outcome, attempts from deliveries`)[0];

describe('where the connection ends before the answer', () => {
  it('a mail goes again by default, and that try is counted, as it may have arrived', async () => {
    await open('resend');
    expect(await deliver(test.ctx, [id])).toMatchObject({ deferred: 1 });
    expect(await state()).toMatchObject({ status: 'pending', attempts: 1 });
    expect(bodies).toBe(1);
  });

  it('is held where that is set, and goes again when the operator says so', async () => {
    await open('hold');
    expect(await deliver(test.ctx, [id])).toMatchObject({ failed: 1 });
    expect(await state()).toMatchObject({ status: 'failed', outcome: expect.stringMatching(/^unknown: ./) });
    await deliver(test.ctx, [id]);
    expect(bodies).toBe(1);

    clock.advance(3600_000);
    expect(await retryUnknown(test.ctx, new Date('2026-11-24T08:30:00Z'))).toBe(0);
    expect(await retryUnknown(test.ctx, new Date('2026-11-24T07:30:00Z'))).toBe(1);
    expect(await state()).toMatchObject({ status: 'pending', attempts: 1 });
    expect(await test.ctx.queues.backlog('send')).toBe(1);
    await deliver(test.ctx, [id]);
    expect(bodies).toBe(2);
  });

  it('a bounce of a held mail counts, as it proves that the mail went out', async () => {
    await open('hold');
    await deliver(test.ctx, [id]);
    expect(
      await recordBounce(test.ctx, id, {
        kind: 'bounce',
        hard: true,
        status: '5.1.1',
        reason: 'userunknown',
      }),
    ).toMatchObject({ result: 'suppressed' });
  });

  it('a mail that was never begun is no unknown', async () => {
    await open('hold');
    server.close();
    expect(await deliver(test.ctx, [id])).toMatchObject({ deferred: 1 });
    expect(await state()).toMatchObject({ status: 'pending', attempts: 0 });
  });
});

it('holds what a dead worker had in hand', async () => {
  await open('hold');
  await test.sql`update deliveries set status = 'sending', attempts = 1, lease_until = ${clock.now()}`;
  clock.advance(60_000);
  expect(await recover(test.ctx)).toMatchObject({ released: 1, requeued: 0 });
  expect(await state()).toMatchObject({ status: 'failed', outcome: 'unknown: the worker went away' });
  expect(await retryUnknown(test.ctx, new Date('2026-11-24T08:00:00Z'))).toBe(1);
});
