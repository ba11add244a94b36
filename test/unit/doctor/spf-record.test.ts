/** What stands in an SPF record. */
import { describe, expect, it } from 'vitest';
import { isSpf, parseSpf } from '../../../src/doctor/spf-record.ts';

describe('an SPF record', () => {
  it.each([
    ['v=spf1 -all', true],
    ['V=SPF1', true],
    ['v=spf10 -all', false],
    ['google-site-verification=v=spf1', false],
  ])('is told from other TXT records: %s', (text, is) => {
    expect(isSpf(text)).toBe(is);
  });

  it('keeps each term with its qualifier, value and prefixes', () => {
    expect(
      parseSpf(
        'v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ~a:mail.example.org/28//64 MX redirect=_spf.example.org',
      ),
    ).toEqual({
      terms: [
        { qualifier: '+', mechanism: 'ip4', value: '192.0.2.0', prefix4: 24, prefix6: 128 },
        { qualifier: '+', mechanism: 'ip6', value: '2001:db8::', prefix4: 32, prefix6: 32 },
        { qualifier: '~', mechanism: 'a', value: 'mail.example.org', prefix4: 28, prefix6: 64 },
        { qualifier: '+', mechanism: 'mx', value: null, prefix4: 32, prefix6: 128 },
      ],
      redirect: '_spf.example.org',
    });
  });

  it('may hold modifiers that nobody knows', () => {
    expect(parseSpf('v=spf1 ?all exp=why.example.org')).toMatchObject({
      terms: [{ mechanism: 'all' }],
      redirect: null,
    });
  });

  it.each(['v=spf1 ipv4:192.0.2.1 -all', 'v=spf1 include -all', 'v=spf1 ip4:192.0.2.1/99', 'v=spf1, -all'])(
    'that receivers can not read is not read: %s',
    (text) => {
      expect(isSpf(text) ? parseSpf(text) : null).toBeNull();
    },
  );
});
