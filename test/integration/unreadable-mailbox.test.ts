/** A mailbox for bounces that can not be read: the log and its standing say why, and no password gets out. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { createServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { readBounceMailbox } from '../../src/bounce-mailbox.ts';
import { createLogger } from '../../src/logger.ts';
import { useBounceMailbox } from '../support/bounce-mailbox.ts';
import { testCertificate } from '../support/certificate.ts';
import { startImapServer } from '../support/imap-server.ts';

const { clock, closers, makeOwnReport, open, openWithServer, standing, suppressions } = useBounceMailbox();

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
