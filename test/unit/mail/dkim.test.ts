/** Signatures, judged by a verifier of others. */
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { dkimVerify } from 'mailauth';
import { describe, expect, it } from 'vitest';
import { createSigner } from '../../../src/mail/dkim.ts';
import type { WireMessage } from '../../../src/mail/mime.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const sign = createSigner({
  domain: 'example.org',
  selector: 'k1',
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
});
const record = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;

async function verify(raw: string): Promise<string | undefined> {
  const { results } = await dkimVerify(Buffer.from(raw, 'latin1'), {
    resolver: async (name, type) => {
      if (name !== 'k1._domainkey.example.org' || type !== 'TXT') throw new Error(`asked for ${name}`);
      return [[record]];
    },
  });
  return results[0]?.status.result;
}

const headers = [
  'From: Paperboy <digest@example.org>',
  'To: a@example.org',
  'Subject:  Ten   papers\r\n and\tmore ',
  'List-Unsubscribe: <https://example.org/u>,\r\n <mailto:u@example.org>',
  'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
];
const whole = async ({ headers, body }: WireMessage) =>
  `${[await sign({ headers, body }), ...headers].join('\r\n')}\r\n\r\n${body}`;

describe('a DKIM signature', () => {
  it('is valid whatever blanks and empty lines a body has', async () => {
    const line = fc.string({ unit: fc.constantFrom(' ', '\t', 'a', '.', '='), maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (texts) => {
        const body = texts.map((text) => `${text}\r\n`).join('');
        expect(await verify(await whole({ headers, body }))).toBe('pass');
      }),
      { numRuns: 100 },
    );
  });

  it('breaks with any change of the body, of a signed header, or with a second sender', async () => {
    const raw = await whole({ headers, body: 'Ten papers for you\r\n' });
    for (const changed of [
      raw.replace('Ten papers for', 'Two papers for'),
      raw.replace('One-Click', 'Two-Click'),
      raw.replace('https://example.org/u', 'https://example.org/x'),
      raw.replace('To: a@', 'To: b@'),
      raw.replace('To: a@', 'From: Eve <eve@evil.example>\r\nTo: a@'),
      raw.replace('To: a@', 'Reply-To: eve@evil.example\r\nTo: a@'),
    ]) {
      expect(changed).not.toBe(raw);
      expect(await verify(changed)).not.toBe('pass');
    }
  });

  it('names what it covers, the one-click headers among it, in lines that servers leave alone', async () => {
    const signature = await sign({ headers, body: '\r\n' });
    const covered = /h=([^;]+);/.exec(signature.replace(/\s+/g, ''))?.[1]?.split(':');
    expect(covered).toEqual(
      expect.arrayContaining(['from', 'to', 'subject', 'list-unsubscribe', 'list-unsubscribe-post']),
    );
    for (const line of signature.split('\r\n')) expect(line.length).toBeLessThanOrEqual(200);
  });
});
