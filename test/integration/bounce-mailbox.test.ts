/** The mailbox for bounces: what is new in it counts once, nothing is deleted or lost, and nothing is in the way of the rest. */
import { describe, expect, it, vi } from 'vitest';
import { readBounceMailbox } from '../../src/bounce-mailbox.ts';
import type { Context } from '../../src/context.ts';
import { claimSource } from '../../src/papers/sources.repo.ts';
import { setSchedules } from '../../workers/schedules.ts';
import { startWorkers } from '../../workers/workers.ts';
import { useBounceMailbox } from '../support/bounce-mailbox.ts';
import { makeNotice } from '../support/bounces.ts';
import { hasDovecot, startDovecot } from '../support/dovecot.ts';
import type { ImapServer } from '../support/imap-server.ts';

const mailbox = useBounceMailbox();
const { clock, closers, makeOwnReport, open, openWithServer, standing, suppressions } = mailbox;

const notice = makeNotice(['From: bob@example.org', 'Subject: Lunch'], 'At noon?');
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
  expect(await mailbox.test.sql`select 1 from bounces`).toHaveLength(1);
  expect(flagsOf(server)).toEqual([['\\Seen'], ['Paperboy', '\\Seen'], ['\\Seen']]);
  expect(await readBounceMailbox(ctx)).toEqual({ ...result, understood: 0, notOurs: 0 });
  expect(server.commands.filter((command) => /delete|expunge|move|copy/i.test(command))).toEqual([]);
});

it('takes a mail to leave', async () => {
  const { ctx, server } = await openWithServer();
  const [row] = await mailbox.test.sql`select id::int from subscribers`;
  const to = `unsubscribe+${row?.id}.${ctx.links.proof('unsubscribe', row?.id)}@example.org`;
  server.add(`To: ${to}\r\nSubject: unsubscribe\r\n\r\n`);
  expect(await readBounceMailbox(ctx)).toMatchObject({ understood: 1 });
  expect([...(await mailbox.test.sql`select status from subscribers`)]).toEqual([{ status: 'unsubscribed' }]);
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
  await mailbox.test.sql`alter table bounces add check (kind <> 'hard')`;
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
  expect(await mailbox.test.sql`select 1 from bounces`).toHaveLength(3);
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
