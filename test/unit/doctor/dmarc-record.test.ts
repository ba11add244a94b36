/** What a DMARC record says, and for which domains. */
import { describe, expect, it } from 'vitest';
import { isSpfAligned, parseDmarc } from '../../../src/doctor/dmarc-record.ts';

const own = { found: 'example.org', for: 'example.org' };
const above = { found: 'example.org', for: 'mail.example.org' };

describe('a DMARC record', () => {
  it('tells policy, alignment and reports', () => {
    expect(parseDmarc('v=DMARC1; p=Reject; aspf=s; rua=mailto:a@example.org', own)).toEqual({
      domain: 'example.org',
      policy: 'reject',
      strictSpf: true,
      reports: true,
    });
    expect(parseDmarc('v=DMARC1;p=none', own)).toMatchObject({
      policy: 'none',
      strictSpf: false,
      reports: false,
    });
  });

  it('speaks by its policy for subdomains where it was found above, and only there', () => {
    const text = 'v=DMARC1; p=reject; sp=quarantine';
    expect(parseDmarc(text, above)?.policy).toBe('quarantine');
    expect(parseDmarc(text, own)?.policy).toBe('reject');
    expect(parseDmarc('v=DMARC1; p=reject', above)?.policy).toBe('reject');
  });

  it('without a policy that exists is none', () => {
    expect(parseDmarc('v=DMARC1; rua=mailto:a@example.org', own)).toBeNull();
    expect(parseDmarc('v=DMARC1; p=monitor', own)).toBeNull();
  });
});

describe('alignment by SPF', () => {
  const aligned = (aspf: 'r' | 's', from: string, bounce: string, found = 'example.org') => {
    const record = parseDmarc(`v=DMARC1; p=none; aspf=${aspf}`, { found, for: from });
    return record && isSpfAligned(record, from, bounce);
  };

  it.each([
    ['r', 'example.org', 'example.org', true],
    ['r', 'example.org', 'bounces.example.org', true],
    ['r', 'news.example.org', 'example.org', true],
    ['r', 'news.example.org', 'bounces.example.org', true],
    ['r', 'example.org', 'notexample.org', false],
    ['r', 'example.org', 'example.com', false],
    ['s', 'example.org', 'example.org', true],
    ['s', 'example.org', 'bounces.example.org', false],
  ] as const)('aspf=%s: mail from %s, envelope of %s: %s', (aspf, from, bounce, is) => {
    expect(aligned(aspf, from, bounce)).toBe(is);
  });

  it('reaches up from a domain with a record of its own', () => {
    expect(aligned('r', 'news.example.org', 'example.org', 'news.example.org')).toBe(true);
    expect(aligned('r', 'news.example.org', 'ample.org', 'news.example.org')).toBe(false);
  });
});
