/** A mailbox for bounces that a context reads, and what is stored of the reports in it. */
import { afterEach } from 'vitest';
import type { Context } from '../../src/context.ts';
import { makeReport } from './bounces.ts';
import { createClock } from './clock.ts';
import { createTestContext, type TestContext } from './context.ts';
import { type ImapServer, startImapServer } from './imap-server.ts';
import { addReaders } from './readers.ts';

/** What a test opens, and leaves to `closers`, is closed behind it. */
export function useBounceMailbox() {
  const clock = createClock('2026-11-24T08:00:00Z');
  const closers: (() => unknown)[] = [];
  let test: TestContext;

  afterEach(async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  });

  async function open(url: string | null): Promise<Context> {
    clock.set('2026-11-24T08:00:00Z');
    test = await createTestContext({ now: clock.now, env: url ? { BOUNCE_IMAP_URL: url } : {} });
    closers.push(test.close);
    await addReaders(test.ctx, [{ email: 'ada@example.net', topics: ['cs-cl'] }]);
    return test.ctx;
  }

  /** The reader's own mailbox server, with a context that reads it. */
  async function openWithServer(
    options?: Parameters<typeof startImapServer>[0],
  ): Promise<{ ctx: Context; server: ImapServer }> {
    const server = await startImapServer(options);
    closers.push(server.close);
    return { ctx: await open(server.url), server };
  }

  /** A report on a mail that was sent a moment ago. */
  async function makeOwnReport(options: Parameters<typeof makeReport>[0] = {}): Promise<Buffer> {
    const [row] = await test.sql`
      insert into deliveries (kind, subscriber_id, status, next_attempt_at, created_at, finished_at)
      select 'already_subscribed', id, 'sent', ${clock.now()}, ${clock.now()}, ${clock.now()} from subscribers
      returning id::int`;
    const to = `bounce+${row?.id}.${test.ctx.links.proof('bounce', row?.id)}@example.org`;
    return makeReport({ to, ...options });
  }

  return {
    get test() {
      return test;
    },
    clock,
    closers,
    open,
    openWithServer,
    makeOwnReport,
    suppressions: async () => [...(await test.sql`select reason from suppressions`)],
    standing: async () => (await test.sql`select * from source_states where name = 'mailbox:bounces'`)[0],
  };
}
