/** The built-in mail server takes what is meant for it and nothing else, and says yes only to what it has recorded. */
import { createConnection } from 'node:net';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../src/logger.ts';
import { type ReturnListener, startReturnListener } from '../../src/mail/return-listener.ts';
import { listenForReturnedMail } from '../../src/returned-mail.ts';
import { makeReport } from '../support/bounces.ts';
import { testCertificate } from '../support/certificate.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { addReaders } from '../support/readers.ts';

const log = createLogger('silent');

/** Hands over as a mail server does; the code of the refusal, or null. */
async function send(port: number, to: string, raw: string | Buffer): Promise<number | null> {
  const transport = createTransport({ host: '127.0.0.1', port, ignoreTLS: true });
  try {
    await transport.sendMail({ envelope: { from: '', to }, raw });
    return null;
  } catch (error) {
    return (error as { responseCode?: number }).responseCode ?? 0;
  } finally {
    transport.close();
  }
}

describe('with a database', () => {
  let test: TestContext;
  let listener: ReturnListener | null;

  beforeEach(async () => {
    test = await createTestContext();
    listener = await listenForReturnedMail(test.ctx, 0);
    await addReaders(test.ctx, [{ email: 'ada@example.net', topics: ['cs-cl'] }]);
  });
  afterEach(async () => {
    await listener?.close();
    await test.close();
  });

  it('is off unless a port is set', async () => {
    expect(await listenForReturnedMail(test.ctx)).toBeNull();
  });

  it('records a bounce before it says yes, and refuses all other addresses', async () => {
    const [row] = await test.sql`
      insert into deliveries (kind, subscriber_id, status, next_attempt_at, created_at, finished_at)
      select 'already_subscribed', id, 'sent', now(), now(), now() from subscribers returning id::int`;
    const id = row?.id as number;
    const port = listener?.port ?? 0;
    const proof = test.ctx.links.proof('bounce', id);
    expect(await send(port, 'postmaster@example.org', makeReport())).toBe(550);
    expect(await send(port, `bounce+${id}.0123456789abcdef@example.org`, makeReport())).toBe(550);
    expect(await test.sql`select * from bounces`).toHaveLength(0);
    expect(await send(port, `bounce+${id}.${proof}@example.org`, makeReport())).toBeNull();
    expect([...(await test.sql`select reason from suppressions`)]).toEqual([{ reason: 'hard_bounce' }]);
  });

  it('takes a mail to leave', async () => {
    const [row] = await test.sql`select id::int from subscribers`;
    const id = row?.id as number;
    const to = `unsubscribe+${id}.${test.ctx.links.proof('unsubscribe', id)}@example.org`;
    expect(await send(listener?.port ?? 0, to, 'Subject: unsubscribe\r\n\r\n')).toBeNull();
    expect([...(await test.sql`select status from subscribers`)]).toEqual([{ status: 'unsubscribed' }]);
  });
});

describe('whatever is behind it', () => {
  const open = (address: string) => (address === 'ours@example.org' ? 'ours' : null);

  async function withListener(
    take: (raw: Uint8Array, to: string) => Promise<unknown>,
    run: (port: number) => Promise<void>,
    tls: { cert: string; key: string } | null = null,
  ): Promise<void> {
    const listener = await startReturnListener({ port: 0, host: '127.0.0.1', tls, log, open, take });
    try {
      await run(listener.port);
    } finally {
      await listener.close();
    }
  }

  it('asks the sender to try again where the outcome was not recorded', async () => {
    const away = () => Promise.reject(new Error('the database is away'));
    await withListener(away, async (port) => {
      expect(await send(port, 'ours@example.org', makeReport())).toBe(451);
    });
  });

  it('refuses more than a megabyte, whether or not it is announced', async () => {
    const taken: Uint8Array[] = [];
    const take = async (raw: Uint8Array) => taken.push(raw);
    await withListener(take, async (port) => {
      const big = `Subject: x\r\n\r\n${'words '.repeat(300_000)}`;
      expect(await send(port, 'ours@example.org', big)).toBe(552);
      const dialogue = [
        'HELO x',
        'MAIL FROM:<>',
        'RCPT TO:<ours@example.org>',
        'DATA',
        `${big}\r\n.`,
        'QUIT',
      ];
      expect(await talk(port, dialogue)).toContain('552 ');
      expect(taken).toEqual([]);
      expect(await send(port, 'ours@example.org', 'Subject: x\r\n\r\n')).toBeNull();
      expect(taken).toHaveLength(1);
    });
  });

  it('speaks TLS where it has a certificate, and takes the same there and without', async () => {
    const taken: Uint8Array[] = [];
    const take = async (raw: Uint8Array) => taken.push(raw);
    const overTls = async (port: number, to: string) => {
      const tls = { ca: testCertificate.cert };
      const transport = createTransport({ host: '127.0.0.1', port, requireTLS: true, tls });
      const envelope = { from: '', to };
      return transport.sendMail({ envelope, raw: makeReport() }).finally(() => transport.close());
    };
    const run = async (port: number) => {
      expect((await overTls(port, 'ours@example.org')).response).toContain('2.0.0 Recorded');
      await expect(overTls(port, 'postmaster@example.org')).rejects.toMatchObject({ responseCode: 550 });
      expect(await send(port, 'ours@example.org', makeReport())).toBeNull();
      expect(taken).toHaveLength(2);
    };
    await withListener(take, run, testCertificate);
    await withListener(take, async (port) => {
      await expect(overTls(port, 'ours@example.org')).rejects.toMatchObject({ code: 'ETLS' });
      expect(await talk(port, ['EHLO x', 'QUIT'])).not.toContain('STARTTLS');
    });
  });

  it('says in a sentence that its port is taken', async () => {
    await withListener(
      async () => {},
      async (port) => {
        const second = startReturnListener({ port, host: '127.0.0.1', log, open, take: async () => {} });
        await expect(second).rejects.toMatchObject({ code: 'PORT_UNUSABLE' });
      },
    );
  });
});

/** Speaks SMTP line by line, each after the answer to the one before; all that the server said. */
function talk(port: number, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1');
    const left = [...lines];
    let said = '';
    socket.on('data', (chunk) => {
      said += chunk;
      const line = left.shift();
      if (line !== undefined) socket.write(`${line}\r\n`);
    });
    socket.on('close', () => resolve(said));
    socket.on('error', reject);
  });
}
