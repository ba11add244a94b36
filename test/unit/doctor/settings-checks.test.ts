/** Settings that are fine for a trial are told from those that are wrong for real mail. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import { checkMigrations } from '../../../src/doctor/database-check.ts';
import { checkReturns, checkSettings } from '../../../src/doctor/settings-checks.ts';

const REAL = {
  SMTP_URL: 'smtps://user:password@mail.papers.internal',
  MAIL_FROM: 'Paperboy <digest@papers.internal>',
  PUBLIC_URL: 'https://papers.internal',
};
const states = (env: Record<string, string>) =>
  Object.fromEntries(checkSettings(loadConfig(env)).map(({ name, state }) => [name, state]));
const returns = (env: Record<string, string>) => checkReturns(loadConfig({ ...REAL, ...env }))[0];

describe('settings', () => {
  it('are none at all in a trial, and nothing is at fault', () => {
    expect(states({})).toEqual({
      MAIL_FROM: 'skipped',
      PUBLIC_URL: 'skipped',
      SECRET_KEY: 'ok',
      ADMIN_TOKEN: 'ok',
    });
  });

  it('for real mail are all fine', () => {
    expect(Object.values(states(REAL))).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  it.each(['digest@paperboy.localhost', 'digest@example.org', 'digest@mail.example.com', 'digest@lab.test'])(
    'send no real mail from %s',
    (address) => {
      expect(states({ ...REAL, MAIL_FROM: address }).MAIL_FROM).toBe('fault');
    },
  );

  it.each([
    ['http://localhost:3000', 'fault'],
    ['https://127.0.0.1', 'fault'],
    ['http://papers.internal', 'warning'],
  ])('put %s into mails with a %s', (url, state) => {
    expect(states({ ...REAL, PUBLIC_URL: url }).PUBLIC_URL).toBe(state);
  });
});

describe('a DKIM key', () => {
  const check = (DKIM_PRIVATE_KEY: string) => checkSettings(loadConfig({ ...REAL, DKIM_PRIVATE_KEY })).at(-1);

  it('that can not sign is at fault', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(check(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())?.state).toBe('ok');
    expect(check('-----BEGIN PRIVATE KEY-----\nAAAA')).toMatchObject({
      name: 'DKIM_PRIVATE_KEY',
      state: 'fault',
    });
  });
});

describe('bounces', () => {
  it('have a way in only where the port is open to others', () => {
    expect(returns({})?.state).toBe('warning');
    expect(returns({ BOUNCE_PORT: '2525' })).toMatchObject({
      state: 'warning',
      advice: expect.stringContaining('HOST=0.0.0.0'),
    });
    expect(returns({ BOUNCE_PORT: '2525', HOST: '0.0.0.0' })?.state).toBe('ok');
  });
});

describe('the database', () => {
  it('is behind, up to date, or of a newer version', () => {
    expect(checkMigrations([10, 20, 30], null)).toMatchObject({
      state: 'warning',
      found: '3 of 3 not applied',
    });
    expect(checkMigrations([10, 20, 30], 20)).toMatchObject({
      state: 'warning',
      found: '1 of 3 not applied',
    });
    expect(checkMigrations([10, 20, 30], 30).state).toBe('ok');
    expect(checkMigrations([10, 20, 30], 40).state).toBe('fault');
  });
});
