/** Settings of the ways that bounces come in: what can't work ends the start, with a sentence that keeps the secret. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { testCertificate } from '../support/certificate.ts';

const mailbox = (url: string) => loadConfig({ BOUNCE_IMAP_URL: url }).mail.bounceMailbox;

describe('BOUNCE_IMAP_URL', () => {
  it('names a server, a user, and INBOX or another folder', () => {
    expect(mailbox('imaps://ada%40example.org:p%3Aw%25@mail.example.org')).toEqual({
      host: 'mail.example.org',
      port: 993,
      secure: true,
      user: 'ada@example.org',
      password: 'p:w%',
      folder: 'INBOX',
    });
    expect(mailbox('imap://me:pw@[::1]:1143/Lists%2FBounces')).toMatchObject({
      host: '::1',
      port: 1143,
      secure: false,
      folder: 'Lists/Bounces',
    });
  });

  it.each([
    'imaps://mail.example.org',
    'imaps://me@mail.example.org',
    'https://me:secret@x',
    'imaps://me:secret%@x',
    'imaps://',
  ])('is refused without being quoted: %s', (url) => {
    expect(() => mailbox(url)).toThrow(/^Settings that can't be used: BOUNCE_IMAP_URL must/);
    expect(() => mailbox(url)).not.toThrow(/secret/);
  });
});

describe('BOUNCE_TLS_CERT and BOUNCE_TLS_KEY', () => {
  const { cert, key } = testCertificate;

  it('are taken as text, also on one line', () => {
    const env = { BOUNCE_TLS_CERT: cert.replaceAll('\n', '\\n'), BOUNCE_TLS_KEY: key };
    expect(loadConfig(env).mail.bounceTls).toEqual({ cert, key });
    expect(loadConfig({}).mail.bounceTls).toBeNull();
  });

  it('are refused one without the other, in each other’s place, or where they don’t belong together', () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const BOUNCE_TLS_KEY = other.export({ format: 'pem', type: 'pkcs8' }).toString();
    expect(() => loadConfig({ BOUNCE_TLS_CERT: cert })).toThrow(/set both/);
    expect(() => loadConfig({ BOUNCE_TLS_CERT: key, BOUNCE_TLS_KEY: key })).toThrow(/not a PEM certificate/);
    expect(() => loadConfig({ BOUNCE_TLS_CERT: cert, BOUNCE_TLS_KEY })).toThrow(/not the key of/);
  });
});

it('takes for webhooks a topic in full, a key of the right kind, and passwords that are long enough', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
  const SENDGRID_WEBHOOK_KEY = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  for (const env of [
    { SES_TOPIC_ARN: 'bounces' },
    { SES_TOPIC_ARN: 'arn:aws:sns:evil.example/#:123456789012:bounces' },
    { POSTMARK_WEBHOOK_PASSWORD: 'short' },
    { MAILGUN_SIGNING_KEY: 'short' },
    { SENDGRID_WEBHOOK_KEY: 'AAAA' },
    { SENDGRID_WEBHOOK_KEY },
  ]) {
    expect(() => loadConfig(env)).toThrow(Object.keys(env)[0]);
  }
});
