/** Who may send by an SPF record, asked of a real server, with others' code as the judge. */
import { spf } from 'mailauth';
import { afterEach, describe, expect, it } from 'vitest';
import { followSpf } from '../../src/doctor/spf-reach.ts';
import { familyOf } from '../../src/mail/hosts.ts';
import { type DnsServer, startDnsServer, type Zone } from '../support/dns-server.ts';

let server: DnsServer;
afterEach(() => server.close());

describe('who may send by an SPF record', () => {
  const records: Zone = {
    'a.internal': { TXT: ['v=spf1 ip4:192.0.2.0/30 ip6:2001:db8::/64 -all'] },
    'b.internal': { TXT: ['v=spf1 a mx/30 ~all'], A: ['192.0.2.10'], MX: ['mx.b.internal'] },
    'mx.b.internal': { A: ['192.0.2.17'], AAAA: ['2001:db8::1'] },
    'c.internal': { TXT: ['v=spf1 include:a.internal a:mx.b.internal//64 ?all'] },
    'd.internal': { TXT: ['v=spf1 redirect=c.internal'] },
    'e.internal': { TXT: ['v=spf1 include:b.internal ip4:203.0.113.9 -all'] },
  };
  const senders = [
    '192.0.2.1',
    '192.0.2.10',
    '192.0.2.18',
    '192.0.2.200',
    '203.0.113.9',
    '2001:db8::5',
    '2001:db9::1',
  ];

  it.each(['a', 'b', 'c', 'd', 'e'])('%s.internal is as another implementation says', async (name) => {
    const domain = `${name}.internal`;
    server = await startDnsServer(records);
    const { resolver } = server;
    const { allowed } = await followSpf(resolver, domain);
    for (const ip of senders) {
      const { status } = await spf({
        sender: `digest@${domain}`,
        ip,
        helo: 'mail.relay.internal',
        mta: 'mx.reader.internal',
        // Its types leave out records that are no strings.
        resolver: (asked, type) => resolver.resolve(asked, type) as Promise<string[]>,
      });
      expect(`${ip} ${allowed.check(ip, familyOf(ip))}`).toBe(`${ip} ${status.result === 'pass'}`);
    }
  });
});
