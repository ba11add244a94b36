/** The doctor at real services: mail servers with and without TLS and login, the database, the queue, the site. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { checkDatabase } from '../../src/doctor/database-check.ts';
import { examine } from '../../src/doctor/examine.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { checkQueue } from '../../src/doctor/queue-check.ts';
import { checkSite } from '../../src/doctor/site-check.ts';
import { checkSmtp } from '../../src/doctor/smtp-check.ts';
import { sendTestMail } from '../../src/doctor/test-mail.ts';
import { parseSmtpServers } from '../../src/mail/smtp-url.ts';
import { testCertificate } from '../support/certificate.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { startDnsServer } from '../support/dns-server.ts';
import { freePort } from '../support/free-port.ts';

let test: TestContext;
beforeAll(async () => {
  test = await createTestContext();
});
afterAll(() => test.close());

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const states = (findings: readonly Finding[]) => findings.map(({ name, state }) => `${name} ${state}`);
const now = () => test.ctx.now();

async function startSmtp(options: SMTPServerOptions): Promise<number> {
  const server = new SMTPServer({
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100,
    ...testCertificate,
    onAuth: ({ username, password }, _session, callback) =>
      username === 'ada' && password === 'a,b/c'
        ? callback(null, { user: 'ada' })
        : callback(new Error('No such user')),
    ...options,
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  closers.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return (server.server.address() as AddressInfo).port;
}

async function checkUrl(url: string): Promise<Finding[]> {
  const [server] = parseSmtpServers(url) ?? [];
  return server ? checkSmtp(server, now) : [];
}

describe('a mail server', () => {
  it('that takes the login is fine, however user and password are spelt', async () => {
    const port = await startSmtp({ hideSTARTTLS: true, allowInsecureAuth: true });
    expect(states(await checkUrl(`smtp://ada:a%2Cb%2Fc@127.0.0.1:${port}`))).toEqual([
      'connection ok',
      'encryption ok',
      'login ok',
      'pipelining ok',
    ]);
  });

  it('that refuses the login is at fault, in its own words', async () => {
    const port = await startSmtp({ hideSTARTTLS: true, allowInsecureAuth: true });
    const [, , login] = await checkUrl(`smtp://ada:wrong@127.0.0.1:${port}`);
    expect(login).toMatchObject({
      name: 'login',
      state: 'fault',
      found: expect.stringContaining('No such user'),
    });
  });

  it.each(['smtp', 'smtps'])(
    'over %s with a certificate that nobody vouches for is at fault',
    async (protocol) => {
      const port = await startSmtp({ secure: protocol === 'smtps' });
      const findings = await checkUrl(`${protocol}://ada:a%2Cb%2Fc@127.0.0.1:${port}`);
      expect(states(findings)).toEqual(['connection ok', 'encryption fault']);
      expect(findings[1]?.found).toContain('self-signed certificate');
    },
  );

  it('without PIPELINING is slower, and without a login says so', async () => {
    const port = await startSmtp({ disabledCommands: ['AUTH', 'STARTTLS'], hidePIPELINING: true });
    expect(states(await checkUrl(`smtp://127.0.0.1:${port}`))).toEqual([
      'connection ok',
      'encryption ok',
      'login skipped',
      'pipelining warning',
    ]);
  });

  it('that is not there is at fault', async () => {
    const [finding] = await checkUrl(`smtp://127.0.0.1:${await freePort()}`);
    expect(finding).toMatchObject({ name: 'connection', state: 'fault', found: 'the connection is refused' });
  });
});

describe('the database', () => {
  it('that answers tells version, migrations and time', async () => {
    const findings = await checkDatabase(test.ctx.config.databaseUrl ?? '', now);
    expect(states(findings)).toEqual(['PostgreSQL ok', 'migrations ok', 'clock ok']);
  });

  it('whose time is another is at fault', async () => {
    const later = () => new Date(now().getTime() + 45_000);
    const [, , clock] = await checkDatabase(test.ctx.config.databaseUrl ?? '', later);
    expect(clock).toMatchObject({
      state: 'fault',
      found: expect.stringMatching(/^4[45] s behind this machine$/),
    });
  });

  it('without our tables gets them by the next start, and not from here', async () => {
    const url = new URL(test.ctx.config.databaseUrl ?? '');
    url.pathname = `${url.pathname}_empty`;
    await test.sql.unsafe(`create database ${url.pathname.slice(1)}`);
    const [, migrations] = await checkDatabase(url.href, now);
    expect(migrations).toMatchObject({
      state: 'warning',
      found: expect.stringMatching(/^(\d+) of \1 not applied$/),
    });
    expect((await checkDatabase(url.href, now))[1]).toEqual(migrations);
    await test.sql.unsafe(`drop database ${url.pathname.slice(1)} with (force)`);
  });

  it('that is not there is at fault', async () => {
    const [finding] = await checkDatabase(`postgres://ada@127.0.0.1:${await freePort()}/papers`, now);
    expect(finding).toMatchObject({
      state: 'fault',
      found: expect.stringContaining('the connection is refused'),
    });
  });
});

describe('the queue', () => {
  it('on Postgres tells what waits', async () => {
    const findings = await checkQueue({ redisUrl: null }, test.ctx.config.databaseUrl ?? '');
    expect(states(findings)).toEqual(['backend ok', 'backlog ok']);
  });

  it.skipIf(inject('redisUrl') === null)('on Redis must not drop jobs', async () => {
    const redisUrl = inject('redisUrl') ?? '';
    const check = () => checkQueue({ redisUrl }, test.ctx.config.databaseUrl ?? '');
    expect(states(await check())).toEqual(['backend ok', 'backlog ok', 'eviction ok']);
    // Without a limit of memory it drops nothing, so other tests don't notice.
    const redis = new Redis(redisUrl);
    closers.push(async () => {
      await redis.config('SET', 'maxmemory-policy', 'noeviction');
      redis.disconnect();
    });
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    expect(states(await check())).toEqual(['backend ok', 'backlog ok', 'eviction fault']);
  });

  it('on a Redis that is not there is at fault', async () => {
    const redisUrl = `redis://127.0.0.1:${await freePort()}`;
    const findings = await checkQueue({ redisUrl }, test.ctx.config.databaseUrl ?? '');
    expect(states(findings)).toEqual(['backend fault']);
  });
});

describe('the site', () => {
  async function check(answer: { status?: number; body?: string; headers?: Record<string, string> }) {
    const server = createServer((_request, response) => {
      response.writeHead(answer.status ?? 200, answer.headers).end(answer.body ?? '{"status":"ok"}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => server.close());
    const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return checkSite({ publicUrl }, { fetch: globalThis.fetch, now });
  }

  it('that answers as ours, at our time, is fine', async () => {
    expect(states(await check({}))).toEqual(['site ok', 'clock of the site ok']);
  });

  it('that leads elsewhere, or is someone else, is at fault', async () => {
    const [moved] = await check({ status: 301, headers: { location: 'https://papers.internal/' } });
    expect(moved).toMatchObject({
      state: 'fault',
      found: 'PUBLIC_URL redirects to https://papers.internal/',
    });
    const [other] = await check({ body: '<h1>Welcome to nginx</h1>' });
    expect(other?.state).toBe('fault');
  });

  it('whose clock is minutes away is warned of', async () => {
    const date = new Date(now().getTime() - 120_000).toUTCString();
    const [, clock] = await check({ headers: { date } });
    expect(clock).toMatchObject({
      state: 'warning',
      found: expect.stringMatching(/^12[01] s behind this machine$/),
    });
  });

  it('that does not answer may not have been started', async () => {
    const publicUrl = `http://127.0.0.1:${await freePort()}`;
    const [finding] = await checkSite({ publicUrl }, { fetch: globalThis.fetch, now });
    expect(finding).toMatchObject({ state: 'warning', found: expect.stringContaining('refused') });
  });
});

describe('all checks', () => {
  it('come in groups, each mail server in its own', async () => {
    const dns = await startDnsServer({});
    closers.push(dns.close);
    const { config, fetch } = test.ctx;
    const smtpUrl = `${test.sink.url},smtp://127.0.0.1:${await freePort()}`;
    const groups = await examine(
      { ...config, smtpUrl, publicUrl: `http://127.0.0.1:${await freePort()}` },
      config.databaseUrl ?? '',
      { dns: dns.resolver, fetch, now },
    );
    expect(groups.map(({ title }) => title.replace(/\d+\.\d+\.\d+\.\d+:\d+/, '…'))).toEqual([
      'Settings',
      'Site',
      'Database and queue',
      'Mail server …',
      'Mail server …',
      'DNS',
      'Bounces',
    ]);
    expect(groups.slice(3, 5).map(({ findings }) => findings[0]?.state)).toEqual(['ok', 'fault']);
  });
});

describe('the test mail', () => {
  it('goes out as a digest does, and the answer of the server is told', async () => {
    const finding = await sendTestMail(test.ctx, 'operator@example.org');
    expect(finding).toMatchObject({ state: 'ok', found: expect.stringMatching(/^taken, 250 /) });
    const [mail] = await test.sink.parsed();
    expect(mail?.subject).toBe('Test of Paperboy: a digest of sample papers');
    expect(mail?.headers.get('list')).toHaveProperty('unsubscribe');
    expect(mail?.html).not.toContain('/unsubscribe/');
  });

  it('that is refused is at fault, in the words of the server', async () => {
    test.sink.refuse(/operator@/, 550, '5.7.1 not from there');
    const finding = await sendTestMail(test.ctx, 'operator@example.org');
    expect(finding).toMatchObject({ state: 'fault', found: expect.stringContaining('5.7.1 not from there') });
  });
});
