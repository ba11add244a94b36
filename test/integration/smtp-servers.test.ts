/** Several mail servers as one: mails are spread by weight, and one that goes away costs no mail and no second copy. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../src/logger.ts';
import { readDeliveryFault } from '../../src/mail/delivery-error.ts';
import { openSmtpServers } from '../../src/mail/smtp-servers.ts';
import { parseSmtpServers } from '../../src/mail/smtp-url.ts';
import { testCertificate } from '../support/certificate.ts';
import { createClock } from '../support/clock.ts';
import { freePort } from '../support/free-port.ts';
import { type MailSink, startMailSink } from '../support/mail-sink.ts';

const clock = createClock('2026-11-24T08:00:00Z');
const closers: (() => unknown)[] = [];
let logged: PassThrough;

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function open(urls: string, connections = 4) {
  logged = new PassThrough();
  const log = createLogger('info', logged);
  const servers = openSmtpServers(parseSmtpServers(urls) ?? [], { connections, now: clock.now, log });
  closers.push(servers.close);
  return {
    send: (to: string) =>
      servers.send(
        { from: 'sender@example.org', to: `${to}@example.org` },
        Buffer.from('Subject: x\r\n\r\nx\r\n'),
      ),
  };
}

async function sink(): Promise<MailSink> {
  const started = await startMailSink();
  closers.push(started.close);
  return started;
}

/** Speaks as `talk` says, a line at a time; null stands for a new connection. */
async function startTalker(
  talk: (socket: Socket, line: string | null) => void,
): Promise<{ url: string; seen: () => number }> {
  const sockets = new Set<Socket>();
  let seen = 0;
  const server: Server = createServer((socket) => {
    seen++;
    sockets.add(socket);
    socket.on('error', () => {});
    talk(socket, null);
    socket.on('data', (data) => {
      for (const line of data.toString().split('\r\n').slice(0, -1)) talk(socket, line);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, seen: () => seen };
}

async function startSmtp(options: SMTPServerOptions): Promise<{ port: number; logins: string[] }> {
  const logins: string[] = [];
  const server = new SMTPServer({
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100,
    authOptional: true,
    ...testCertificate,
    onAuth({ username }, _session, callback) {
      logins.push(username ?? '');
      callback(null, { user: username });
    },
    ...options,
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  closers.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port: (server.server.address() as AddressInfo).port, logins };
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => `reader${at}`);
const recipients = (sinks: readonly MailSink[]) =>
  sinks.flatMap(({ mails }) => mails.map(({ to }) => to)).sort();

describe('several mail servers', () => {
  it('share the mails by their weights', async () => {
    const [a, b] = [await sink(), await sink()];
    const servers = open(`${a.url},${b.url}?weight=3`);
    for (const to of numbers(40)) await servers.send(to);
    expect([a.mails.length, b.mails.length]).toEqual([10, 30]);
  });

  it('lose no mail and send none twice when one of three goes away in the middle', async () => {
    const sinks = [await sink(), await sink(), await sink()];
    const servers = open(sinks.map(({ url }) => url).join(','));
    const readers = numbers(300);
    const waiting = [...readers];
    let done = 0;
    const closing: Promise<void>[] = [];
    const lane = async () => {
      for (let to = waiting.shift(); to; to = waiting.shift()) {
        await servers.send(to);
        if (++done === 100) closing.push(sinks[1]?.close() ?? Promise.resolve());
      }
    };
    await Promise.all(Array.from({ length: 12 }, lane));
    await Promise.all(closing);
    expect(recipients(sinks)).toEqual(readers.map((to) => `${to}@example.org`).sort());
    expect(sinks.map(({ mails }) => mails.length).every((count) => count > 20)).toBe(true);
    expect(sinks[1]?.mails.length).toBeLessThan(60);
  });

  it('leave out one that refuses, and let a single mail try it once its rest is over', async () => {
    const refusing = await startTalker((socket) => socket.end('421 Too busy\r\n'));
    const good = await sink();
    const servers = open(`${refusing.url},${good.url}`);
    for (const to of numbers(20)) await servers.send(to);
    expect(refusing.seen()).toBe(1);

    clock.advance(30_000);
    await Promise.all(numbers(20).map((to) => servers.send(to)));
    expect(refusing.seen()).toBe(2);
    clock.advance(30_000);
    await servers.send('reader');
    // Its second rest is twice as long.
    expect(refusing.seen()).toBe(2);
    clock.advance(30_000);
    await servers.send('reader');
    expect(refusing.seen()).toBe(3);
    expect(good.mails).toHaveLength(42);
    expect(String(logged.read())).not.toMatch(/example\.org/);
  });

  it('take one back that a probe has reached', async () => {
    let well = false;
    const recovering = await startSmtp({
      disabledCommands: ['AUTH', 'STARTTLS'],
      onConnect: (_session, callback) =>
        well ? callback() : callback(Object.assign(new Error('Not now'), { responseCode: 421 })),
    });
    const good = await sink();
    const servers = open(`smtp://127.0.0.1:${recovering.port},${good.url}`);
    await servers.send('first');
    await servers.send('second');
    expect(good.mails).toHaveLength(2);
    well = true;
    clock.advance(30_000);
    for (const to of numbers(10)) await servers.send(to);
    // The probe, and then half of the others, give or take the one whose turn it is.
    expect(Math.abs(good.mails.length - 2 - 4.5)).toBeLessThan(1);
  });

  it('are all away only when each of them is, and back within half a minute', async () => {
    const ports = [await freePort(), await freePort()];
    const servers = open(ports.map((port) => `smtp://127.0.0.1:${port}`).join(','));
    for (let round = 0; round < 4; round++) {
      const faults = await Promise.all(numbers(5).map((to) => servers.send(to).catch(readDeliveryFault)));
      expect(faults).toEqual(faults.map(() => expect.objectContaining({ kind: 'unreachable' })));
      clock.advance(30_000);
    }
    const back = new SMTPServer({ disabledCommands: ['AUTH', 'STARTTLS'], logger: false, closeTimeout: 100 });
    back.listen(ports[1], '127.0.0.1');
    await once(back.server, 'listening');
    closers.push(() => new Promise<void>((resolve) => back.close(() => resolve())));
    // All of them, though one alone is the probe.
    await Promise.all(numbers(5).map((to) => servers.send(to)));
  });

  it('leave a mail where its body was begun, and the server in use', async () => {
    const cutting = await startTalker((socket, line) => {
      if (line === null) socket.write('220 hello\r\n');
      else if (line === 'DATA')
        socket.write('354 go on\r\n', () => socket.once('data', () => socket.destroy()));
      else if (line && /^(EHLO|MAIL|RCPT)/.test(line)) socket.write('250 ok\r\n');
    });
    const good = await sink();
    const servers = open(`${cutting.url},${good.url}`);
    const fault = await servers.send('first').catch(readDeliveryFault);
    expect(fault).toMatchObject({ unknown: true, kind: 'deferred' });
    expect(good.mails).toHaveLength(0);
    await servers.send('second');
    await expect(servers.send('third')).rejects.toThrow();
    expect(good.mails.map(({ to }) => to)).toEqual(['second@example.org']);
  });
});

describe('a login', () => {
  const fault = (url: string) =>
    open(url)
      .send('ada')
      .then(() => null, readDeliveryFault);

  it('that the server does not offer sends nothing', async () => {
    const { port } = await startSmtp({ disabledCommands: ['AUTH', 'STARTTLS'] });
    expect(await fault(`smtp://me:pw@127.0.0.1:${port}`)).toMatchObject({
      kind: 'unreachable',
      answer: 'the server offers no login, though SMTP_URL names a user',
    });
    expect(await fault(`smtp://127.0.0.1:${port}`)).toBeNull();
  });

  it('goes over a connection in the clear to this machine, or where the operator says so, and nowhere else', async () => {
    const { port, logins } = await startSmtp({ hideSTARTTLS: true, allowInsecureAuth: true });
    const elsewhere = (logsInClear: boolean) => {
      const servers = openSmtpServers(
        [
          {
            host: '127.0.0.1',
            port,
            secure: false,
            credentials: { user: 'me', pass: 'pw' },
            weight: 1,
            logsInClear,
          },
        ],
        { connections: 1, now: clock.now, log: createLogger('silent') },
      );
      closers.push(servers.close);
      return servers.send(
        { from: 'a@example.org', to: 'b@example.org' },
        Buffer.from('Subject: x\r\n\r\nx\r\n'),
      );
    };
    await expect(elsewhere(false)).rejects.toThrow(/not encrypted, so the password was not sent/);
    expect(logins).toEqual([]);
    await elsewhere(true);
    expect(logins).toEqual(['me']);
  });
});
