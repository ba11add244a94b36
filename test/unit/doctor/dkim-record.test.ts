/** The DNS record of a DKIM key, written and compared. */
import { createPublicKey, createVerify, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  compareDkimRecord,
  dkimRecordName,
  writeDkimRecord,
  writeZoneLine,
} from '../../../src/doctor/dkim-record.ts';

const makeKey = () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { privateKey, pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
};
const { privateKey, pem } = makeKey();
const record = writeDkimRecord(pem);
const p = record.slice(record.indexOf('p=') + 2);

describe('the record of a key', () => {
  it('holds the public half, which verifies what the private one signs', () => {
    const key = createPublicKey({ key: Buffer.from(p, 'base64'), format: 'der', type: 'spki' });
    const signature = sign('sha256', Buffer.from('a mail'), privateKey);
    expect(createVerify('sha256').update('a mail').verify(key, signature)).toBe(true);
    expect(record).not.toContain('PRIVATE');
  });

  it('comes for a zone file in strings that DNS can hold, which joined give the value', () => {
    const line = writeZoneLine(dkimRecordName('pb202611', 'example.org'), record);
    expect(line).toMatch(/^pb202611\._domainkey\.example\.org\. IN TXT \(\n {4}"/);
    const strings = [...line.matchAll(/"([^"]*)"/g)].map(([, string = '']) => string);
    expect(strings.length).toBeGreaterThan(1);
    expect(Math.max(...strings.map((string) => string.length))).toBeLessThanOrEqual(255);
    expect(strings.join('')).toBe(record);
  });
});

describe('a published record', () => {
  it.each([
    ['as it was written', record, 'same'],
    ['without what is understood', `p=${p}`, 'same'],
    ['with the key in several pieces', `v=DKIM1; k=rsa; p=${p.slice(0, 100)} ${p.slice(100)}`, 'same'],
    ['for several hashes and uses', `v=DKIM1; h=sha1:sha256; s=*; p=${p}`, 'same'],
    ['of another key', writeDkimRecord(makeKey().pem), 'other_key'],
    ['without a key', 'v=DKIM1; k=rsa', 'other_key'],
    ['of a revoked key', 'v=DKIM1; p=', 'revoked'],
    ['marked as a test', `v=DKIM1; t=s:y; p=${p}`, 'testing'],
    ['of another kind of key', `v=DKIM1; k=ed25519; p=${p}`, 'not_for_us'],
    ['for a hash that we do not use', `v=DKIM1; h=sha1; p=${p}`, 'not_for_us'],
    ['for something other than mail', `v=DKIM1; s=tlsrpt; p=${p}`, 'not_for_us'],
  ])('%s', (_what, published, match) => {
    expect(compareDkimRecord(published, record)).toBe(match);
  });
});
