/** The mailbox for bounces: what is new in it counts once, nothing is deleted or lost, and nothing is in the way of the rest. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { createServer } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readBounceMailbox } from '../../src/bounce-mailbox.ts';
import type { Context } from '../../src/context.ts';
import { createLogger } from '../../src/logger.ts';
import { claimSource } from '../../src/papers/sources.repo.ts';
import { setSchedules } from '../../workers/schedules.ts';
import { startWorkers } from '../../workers/workers.ts';
import { makeNotice, makeReport } from '../support/bounces.ts';
import { testCertificate } from '../support/certificate.ts';
import { createClock } from '../support/clock.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { hasDovecot, startDovecot } from '../support/dovecot.ts';
import { type ImapServer, startImapServer } from '../support/imap-server.ts';
import { addReaders } from '../support/readers.ts';

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

const notice = makeNotice(['From: bob@example.org', 'Subject: Lunch'], 'At noon?');
const suppressions = async () => [...(await test.sql`select reason from suppressions`)];
const standing = async () => (await test.sql`select * from source_states where name = 'mailbox:bounces'`)[0];
const flagsOf = ({ messages }: ImapServer) => messages.map(({ flags }) => [...flags].sort());

it('is off unless an address is set', async () => {
  expect(await readBounceMailbox(await open(null))).toEqual({ result: 'passed_over' });
});

it('counts what nobody has seen, marks it, tells what it understood from the rest, and reads it once', async () => {
  const { ctx, server } = await openWithServer();
  server.add(notice);
  server.add(await makeOwnReport());
  server.add(await makeOwnReport());
  server.messages[2]?.flags.add('\\Seen');
  const result = { result: 'read', understood: 1, notOurs: 1, unreadable: 0 };
  expect(await readBounceMailbox(ctx)).toEqual(result);
  expect(await suppressions()).toEqual([{ reason: 'hard_bounce' }]);
  expect(await test.sql`select 1 from bounces`).toHaveLength(1);
  expect(flagsOf(server)).toEqual([['\\Seen'], ['Paperboy', '\\Seen'], ['\\Seen']]);
  expect(await readBounceMailbox(ctx)).toEqual({ ...result, understood: 0, notOurs: 0 });
  expect(server.commands.filter((command) => /delete|expunge|move|copy/i.test(command))).toEqual([]);
});

it('takes a mail to leave', async () => {
  const { ctx, server } = await openWithServer();
  const [row] = await test.sql`select id::int from subscribers`;
  const to = `unsubscribe+${row?.id}.${ctx.links.proof('unsubscribe', row?.id)}@example.org`;
  server.add(`To: ${to}\r\nSubject: unsubscribe\r\n\r\n`);
  expect(await readBounceMailbox(ctx)).toMatchObject({ understood: 1 });
  expect([...(await test.sql`select status from subscribers`)]).toEqual([{ status: 'unsubscribed' }]);
});

it('marks as seen where the server keeps no flags of others', async () => {
  const { ctx, server } = await openWithServer({ keywords: false });
  server.add(await makeOwnReport());
  expect(await readBounceMailbox(ctx)).toMatchObject({ result: 'read', understood: 1 });
  expect(flagsOf(server)).toEqual([['\\Seen']]);
});

it('reads a megabyte of each message, and leaves to the next round what is beyond 50', async () => {
  const { ctx, server } = await openWithServer();
  const report = await makeOwnReport();
  const big = Buffer.concat([notice, Buffer.alloc(3 * 1024 * 1024, 'words \r\n')]);
  for (let count = 0; count < 51; count += 1) server.add(big);
  server.add(report);
  expect(await readBounceMailbox(ctx)).toMatchObject({ notOurs: 50, understood: 0 });
  expect(server.commands.filter((command) => command.includes('BODY.PEEK[]<0.1048576>'))).toHaveLength(50);
  expect(await readBounceMailbox(ctx)).toMatchObject({ notOurs: 1, understood: 1 });
  expect(await suppressions()).toEqual([{ reason: 'hard_bounce' }]);
});

it('takes whatever was written by anyone', async () => {
  const { ctx, server } = await openWithServer();
  const strange = [
    '',
    '\r\n\r\n',
    '\u0000\u00ff',
    `${'Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n'.repeat(500)}`,
  ];
  for (const raw of strange) server.add(Buffer.from(raw, 'latin1'));
  server.add(await makeOwnReport());
  expect(await readBounceMailbox(ctx)).toMatchObject({ result: 'read', understood: 1 });
  expect(flagsOf(server).every((flags) => flags.includes('\\Seen'))).toBe(true);
});

it('marks and counts what can not be read, and goes on behind it', async () => {
  const { ctx, server } = await openWithServer();
  server.add(await makeOwnReport());
  server.add(await makeOwnReport({ status: '4.2.2', diagnostic: 'smtp; 452 4.2.2 Mailbox full' }));
  await test.sql`alter table bounces add check (kind <> 'hard')`;
  expect(await readBounceMailbox(ctx)).toMatchObject({ result: 'read', unreadable: 1, understood: 1 });
  expect(flagsOf(server)).toEqual([['\\Seen'], ['Paperboy', '\\Seen']]);
  expect(await standing()).toMatchObject({ skipped: '1', seen: '2', failing_since: null });
});

it('leaves unseen what it could not record, where the database is away', async () => {
  const { ctx, server } = await openWithServer();
  server.add(await makeOwnReport());
  const away: Context['db'] = Object.assign(Object.create(ctx.db), {
    transaction: () => Promise.reject(new Error('the database is away')),
    execute: () => Promise.reject(new Error('the database is away')),
  });
  await expect(readBounceMailbox({ ...ctx, db: away })).rejects.toThrow('the database is away');
  expect(flagsOf(server)).toEqual([[]]);
  expect(await readBounceMailbox(ctx)).toMatchObject({ understood: 1 });
});

it('goes on where the connection broke, and counts nothing twice', async () => {
  const { ctx, server } = await openWithServer();
  for (let count = 0; count < 3; count += 1) server.add(await makeOwnReport());
  server.breakAt(new RegExp(`STORE ${server.messages[1]?.uid} `));
  expect(await readBounceMailbox(ctx)).toEqual({ result: 'failed', code: 'MAILBOX_UNREACHABLE' });
  expect(flagsOf(server)).toEqual([['Paperboy', '\\Seen'], [], []]);
  server.breakAt(null);
  expect(await readBounceMailbox(ctx)).toMatchObject({ result: 'read', understood: 2 });
  expect(await test.sql`select 1 from bounces`).toHaveLength(3);
  expect(await standing()).toMatchObject({ failing_since: null, seen: '4' });
});

it('is read by one process at a time, and again where that one died', async () => {
  const { ctx, server } = await openWithServer();
  await claimSource(ctx.db, 'mailbox:bounces', clock.now());
  expect(await readBounceMailbox(ctx)).toEqual({ result: 'passed_over' });
  expect(server.connections()).toBe(0);
  clock.advance(121_000);
  expect(await readBounceMailbox(ctx)).toMatchObject({ result: 'read' });
});

describe('a mailbox that can not be read', () => {
  it('is told in one line of the log, without the password, until it can', async () => {
    const server = await startImapServer();
    closers.push(server.close);
    const ctx = await open(server.url.replace('a%20password', 'wrong'));
    let written = '';
    const destination = new PassThrough().on('data', (chunk) => {
      written += chunk;
    });
    const logged = { ...ctx, log: createLogger('info', destination) };
    const refused = { result: 'failed', code: 'MAILBOX_LOGIN_REFUSED' };
    expect(await readBounceMailbox(logged)).toEqual(refused);
    clock.advance(60_000);
    expect(await readBounceMailbox(logged)).toEqual(refused);
    expect(
      written
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ level: 'warn', event: 'mailbox.failed', code: 'MAILBOX_LOGIN_REFUSED' }]);
    const row = await standing();
    expect(row?.failing_since).toEqual(new Date('2026-11-24T08:00:00Z'));
    expect(written + JSON.stringify(row)).not.toMatch(/wrong|bounces@|bounces%40/);
  });

  it('is told by what is wrong with it', async () => {
    const server = await startImapServer();
    closers.push(server.close);
    const ctx = await open(server.url.replace('INBOX', 'Other'));
    expect(await readBounceMailbox(ctx)).toEqual({ result: 'failed', code: 'MAILBOX_FOLDER_MISSING' });
    await server.close();
    expect(await readBounceMailbox(ctx)).toEqual({ result: 'failed', code: 'MAILBOX_UNREACHABLE' });
  });

  it('is told where nothing can be marked in it', async () => {
    const { ctx, server } = await openWithServer({ readOnly: true });
    server.add(await makeOwnReport());
    expect(await readBounceMailbox(ctx)).toEqual({ result: 'failed', code: 'MAILBOX_READ_ONLY' });
    expect(await suppressions()).toEqual([{ reason: 'hard_bounce' }]);
  });

  it('gets no password where its certificate proves nothing', async () => {
    let said = '';
    const server = createServer(testCertificate, (socket) => {
      socket
        .on('error', () => {})
        .on('data', (chunk) => {
          said += chunk;
        });
      socket.write('* OK ready\r\n');
    });
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const ctx = await open(`imaps://me:secret@127.0.0.1:${port}`);
    expect(await readBounceMailbox(ctx)).toEqual({ result: 'failed', code: 'MAILBOX_UNREACHABLE' });
    expect(said).toBe('');
  });
});

it('is looked into by itself, until it is switched off', async () => {
  const { ctx, server } = await openWithServer();
  server.add(await makeOwnReport());
  const workers = await startWorkers(ctx);
  await vi.waitFor(async () => expect(await suppressions()).toHaveLength(1), { timeout: 20_000 });
  await workers.close();
  expect(await ctx.queues.listSchedules('mailbox')).toHaveLength(1);
  const { mail } = ctx.config;
  await setSchedules({ ...ctx, config: { ...ctx.config, mail: { ...mail, bounceMailbox: null } } });
  expect(await ctx.queues.listSchedules('mailbox')).toEqual([]);
});

describe.skipIf(!hasDovecot)(
  `on Dovecot${hasDovecot ? '' : ' (SKIPPED: it is not installed, or this is not root)'}`,
  () => {
    it('counts what is new, and marks it', async () => {
      const dovecot = await startDovecot();
      closers.push(dovecot.close);
      const ctx = await open(dovecot.url);
      await dovecot.add(notice);
      await dovecot.add(await makeOwnReport());
      const result = { result: 'read', understood: 1, notOurs: 1, unreadable: 0 };
      expect(await readBounceMailbox(ctx)).toEqual(result);
      expect(await suppressions()).toEqual([{ reason: 'hard_bounce' }]);
      expect(await dovecot.flags()).toEqual([['\\Seen'], ['Paperboy', '\\Seen']]);
      expect(await readBounceMailbox(ctx)).toMatchObject({ understood: 0, notOurs: 0 });
    });
  },
);
