/** Four readers whose digests are due, and an operator who is told by mail and by webhook when sending stops. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach } from 'vitest';
import { composePage } from '../../src/digests/compose.ts';
import { createClock } from './clock.ts';
import { createTestContext, type TestContext } from './context.ts';
import { makePaper, storePapers } from './papers.ts';
import { addReaders } from './readers.ts';

export const MINUTE_MS = 60_000;

/** Each test begins with nothing composed, nothing sent, and a webhook that answers. */
export function useGuardedSending() {
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

  return {
    get test() {
      return test;
    },
    get readerIds() {
      return readerIds;
    },
    clock,
    hook,
    addConfirmation,
    compose: async () => (await composePage(test.ctx, clock.now(), readerIds)).deliveryIds,
    recipients: () => test.sink.mails.map(({ to }) => to).sort(),
  };
}
