/** A reader of whose mails some come back, and what is stored of it. */
import { afterEach, beforeEach } from 'vitest';
import { takeReturnedMail } from '../../src/returned-mail.ts';
import { makeReport } from './bounces.ts';
import { createClock } from './clock.ts';
import { createTestContext, type TestContext } from './context.ts';
import { addReaders } from './readers.ts';

export const START = '2026-11-01T08:00:00Z';
export const DAY_MS = 24 * 3600_000;

/** A database of its own for each test, with one reader. */
export function useReturnedMail() {
  const clock = createClock(START);
  let test: TestContext;
  let readerId: number;

  beforeEach(async () => {
    clock.set(START);
    test = await createTestContext({ now: clock.now });
    await addReaders(test.ctx, [{ email: 'ada@example.net', topics: ['cs-cl'], hour: 8 }]);
    const [row] = await test.sql`select id::int from subscribers`;
    readerId = row?.id as number;
  });

  afterEach(() => test.close());

  /** A mail that waits to be sent. */
  async function addMail(
    status: 'pending' | 'sent' | 'failed' = 'pending',
    at: Date = clock.now(),
  ): Promise<number> {
    const [row] = await test.sql`
      insert into deliveries (kind, subscriber_id, status, next_attempt_at, created_at, finished_at)
      values ('already_subscribed', ${readerId}, ${status}, ${at}, ${at}, ${status === 'pending' ? null : at})
      returning id::int`;
    return row?.id as number;
  }

  const bounceAddress = (id: number) => `bounce+${id}.${test.ctx.links.proof('bounce', id)}@example.org`;

  return {
    get test() {
      return test;
    },
    get readerId() {
      return readerId;
    },
    clock,
    addMail,
    bounceAddress,
    take: (id: number, options: Parameters<typeof makeReport>[0] = {}) =>
      takeReturnedMail(test.ctx, makeReport({ to: bounceAddress(id), ...options })),
    suppressions: () => test.sql`select reason, detail from suppressions`.then((rows) => [...rows]),
    readerStatus: () => test.sql`select status from subscribers`.then(([row]) => row?.status as string),
  };
}
