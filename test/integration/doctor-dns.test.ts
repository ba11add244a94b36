/** DNS records as receivers find them, asked of a real server: what is wrong with them is found out, and nothing else. */
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { writeDkimRecord } from '../../src/doctor/dkim-record.ts';
import { checkDns } from '../../src/doctor/dns-checks.ts';
import { type DnsServer, startDnsServer, type Zone } from '../support/dns-server.ts';

const makePem = () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
const pem = makePem();
const KEY = 'k1._domainkey.papers.internal';

/** Everything as it should be. */
const zone = (): Zone => ({
  'bounces.papers.internal': { MX: ['mx.papers.internal'], TXT: ['v=spf1 include:_spf.relay.internal -all'] },
  '_spf.relay.internal': { TXT: ['v=spf1 ip4:192.0.2.0/28 -all'] },
  'mail.relay.internal': { A: ['192.0.2.5'] },
  '192.0.2.5': { PTR: ['mail.relay.internal'] },
  [KEY]: { TXT: [writeDkimRecord(pem)] },
  '_dmarc.papers.internal': { TXT: ['v=DMARC1; p=quarantine; rua=mailto:dmarc@papers.internal'] },
});

let server: DnsServer;
afterEach(() => server.close());

/** Findings by name; `change` spoils the zone. */
async function check({
  change = {},
  env = {},
  servers = ['mail.relay.internal'],
}: {
  change?: Zone;
  env?: Record<string, string>;
  servers?: string[];
} = {}) {
  server = await startDnsServer({ ...zone(), ...change });
  const { mail } = loadConfig({
    MAIL_FROM: 'Paperboy <digest@papers.internal>',
    BOUNCE_DOMAIN: 'bounces.papers.internal',
    DKIM_PRIVATE_KEY: pem,
    DKIM_SELECTOR: 'k1',
    ...env,
  });
  const findings = await checkDns(server.resolver, mail, servers);
  return Object.fromEntries(findings.map((finding) => [finding.name, finding]));
}

describe('records', () => {
  it('that are all right are said to be', async () => {
    const found = await check();
    expect(Object.values(found).map(({ name, state }) => `${name} ${state}`)).toEqual([
      'MX ok',
      'SPF ok',
      'SPF covers ok',
      'DKIM ok',
      'DMARC ok',
      'alignment ok',
      'PTR ok',
    ]);
    expect(found.SPF?.found).toContain('1 of 10 look-ups');
    expect(found.DMARC?.found).toContain('p=quarantine at papers.internal, with reports');
  });

  it.each<[string, string, Zone, string, RegExp]>([
    [
      'no MX record and no address',
      'MX',
      { 'bounces.papers.internal': { TXT: ['v=spf1 -all'] } },
      'fault',
      /none/,
    ],
    [
      'a domain that takes no mail',
      'MX',
      { 'bounces.papers.internal': { MX: [''] } },
      'fault',
      /takes no mail/,
    ],
    [
      'an address in place of an MX record',
      'MX',
      { 'bounces.papers.internal': { A: ['192.0.2.9'] } },
      'warning',
      /192\.0\.2\.9/,
    ],
    ['no SPF record', 'SPF', { 'bounces.papers.internal': { TXT: ['hello'] } }, 'fault', /no record/],
    [
      'two SPF records',
      'SPF',
      { 'bounces.papers.internal': { TXT: ['v=spf1 -all', 'v=spf1 mx -all'] } },
      'fault',
      /2 records/,
    ],
    [
      'an SPF record for everybody',
      'SPF',
      { 'bounces.papers.internal': { TXT: ['v=spf1 +all'] } },
      'fault',
      /everybody/,
    ],
    [
      'an SPF record that can not be read',
      'SPF',
      { 'bounces.papers.internal': { TXT: ['v=spf1 ip4:mail -al'] } },
      'fault',
      /can't be read/,
    ],
    [
      'an SPF record that includes nothing',
      'SPF',
      { '_spf.relay.internal': {} },
      'fault',
      /_spf\.relay\.internal/,
    ],
    [
      'an SPF record that includes itself',
      'SPF',
      { '_spf.relay.internal': { TXT: ['v=spf1 include:_spf.relay.internal -all'] } },
      'fault',
      /more than 10 look-ups/,
    ],
    [
      'a mail server outside of the SPF record',
      'SPF covers',
      { 'mail.relay.internal': { A: ['198.51.100.7'] } },
      'warning',
      /not 198\.51\.100\.7/,
    ],
    [
      'an SPF record that depends on the mail',
      'SPF covers',
      { '_spf.relay.internal': { TXT: ['v=spf1 exists:%{i}.relay.internal'] } },
      'ok',
      /can't tell/,
    ],
    ['no DKIM record', 'DKIM', { [KEY]: {} }, 'fault', /no TXT record k1\._domainkey\.papers\.internal/],
    [
      'the DKIM record of another key',
      'DKIM',
      { [KEY]: { TXT: [writeDkimRecord(makePem())] } },
      'fault',
      /another key/,
    ],
    ['a revoked DKIM key', 'DKIM', { [KEY]: { TXT: ['v=DKIM1; p='] } }, 'fault', /revoked/],
    [
      'two DKIM records',
      'DKIM',
      { [KEY]: { TXT: [writeDkimRecord(pem), 'v=DKIM1; p='] } },
      'fault',
      /2 TXT records/,
    ],
    ['no DMARC record', 'DMARC', { '_dmarc.papers.internal': {} }, 'warning', /no record/],
    [
      'two DMARC records',
      'DMARC',
      { '_dmarc.papers.internal': { TXT: ['v=DMARC1; p=none', 'v=DMARC1; p=reject'] } },
      'fault',
      /several/,
    ],
    ['a mail server without a name', 'PTR', { '192.0.2.5': {} }, 'warning', /nameless/],
  ])('with %s are found out', async (_what, name, change, state, words) => {
    const finding = (await check({ change }))[name];
    expect(finding).toMatchObject({ state, found: expect.stringMatching(words) });
    expect(finding?.advice === null).toBe(state === 'ok');
  });

  it('of DMARC are looked for above the domain, down to its owner', async () => {
    const found = await check({ env: { MAIL_FROM: 'digest@news.papers.internal' } });
    expect(found.DMARC).toMatchObject({ state: 'ok', found: expect.stringContaining('at papers.internal') });
    expect(server.asked).not.toContain('TXT _dmarc.internal');
  });

  it('that align by neither DKIM nor SPF are at fault', async () => {
    const change = { 'bounces.relay.internal': zone()['bounces.papers.internal'] ?? {} };
    const env = { BOUNCE_DOMAIN: 'bounces.relay.internal', DKIM_PRIVATE_KEY: '' };
    expect((await check({ change, env })).alignment?.state).toBe('fault');
    await server.close();
    expect((await check({ change, env: { BOUNCE_DOMAIN: 'bounces.relay.internal' } })).alignment?.state).toBe(
      'ok',
    );
  });

  it.each(['localhost', '127.0.0.1', '10.1.2.3', 'mailer.internal'])(
    'do not tell of where %s sends from, as others see it',
    async (host) => {
      const found = await check({ servers: [host], change: { 'mailer.internal': { A: ['172.18.0.3'] } } });
      expect(found.PTR?.state).toBe('skipped');
      expect(found['SPF covers']).toMatchObject({
        state: 'ok',
        found: expect.stringContaining("can't tell"),
      });
    },
  );

  it('are not compared with a key that can not sign', async () => {
    const found = await check({ env: { DKIM_PRIVATE_KEY: '-----BEGIN PRIVATE KEY-----\nAAAA' } });
    expect(Object.keys(found)).not.toContain('DKIM');
  });

  it('are no fault of theirs where DNS does not answer, which is not waited for', async () => {
    server = await startDnsServer({});
    server.silence();
    const { mail } = loadConfig({ MAIL_FROM: 'digest@papers.internal', DKIM_PRIVATE_KEY: pem });
    const findings = await checkDns(server.resolver, mail, ['mail.relay.internal'], 300);
    expect(findings.map(({ name }) => name)).toEqual(['MX', 'SPF', 'DKIM', 'DMARC', 'PTR']);
    for (const { state, found } of findings) {
      expect({ state, found }).toEqual({ state: 'warning', found: 'could not ask: no answer within 300 ms' });
    }
  });

  it('are no fault of theirs where DNS refuses to say', async () => {
    server = await startDnsServer({});
    server.refuse();
    const { mail } = loadConfig({ MAIL_FROM: 'digest@papers.internal', DKIM_PRIVATE_KEY: pem });
    for (const { state, found } of await checkDns(server.resolver, mail, ['mail.relay.internal'])) {
      expect({ state, found }).toEqual({
        state: 'warning',
        found: 'could not ask: the name server refuses to say',
      });
    }
  });
});
