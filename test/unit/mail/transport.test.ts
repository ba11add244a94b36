/** A key that can't sign is refused before any mail goes out unsigned. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/logger.ts';
import { createMailer } from '../../../src/mail/transport.ts';

const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const create = (privateKey: string) =>
  createMailer({
    smtpUrl: 'smtp://127.0.0.1:9',
    dkim: { domain: 'example.org', selector: 'k1', privateKey },
    connections: 1,
    now: () => new Date(0),
    log: createLogger('silent'),
  });

describe('a DKIM key', () => {
  it.each([
    ['ed25519', pem(generateKeyPairSync('ed25519').privateKey), 'must be an RSA key; this one is ed25519.'],
    [
      'EC',
      pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
      'must be an RSA key; this one is ec.',
    ],
    [
      'broken',
      '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
      'is not a key that can be read.',
    ],
  ])('that is %s is refused in words', (_kind, key, words) => {
    expect(() => create(key)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: `DKIM_PRIVATE_KEY ${words}` }),
    );
  });

  it('that is RSA is taken, in either PEM form', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    for (const type of ['pkcs1', 'pkcs8'] as const) {
      create(privateKey.export({ type, format: 'pem' }).toString()).close();
    }
  });
});
