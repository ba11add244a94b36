/** SMTP_URL: one mail server or several, and nothing that would send a mail or a password where nobody meant it to go. */
import { expect, it } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import { parseSmtpServers } from '../../../src/mail/smtp-url.ts';

it('names servers between commas, each with its own login and weight', () => {
  expect(parseSmtpServers('smtp://a:25, smtps://me%40x:p%2Cw@[2001:db8::1]?weight=3,smtp://b/')).toEqual([
    { host: 'a', port: 25, secure: false, credentials: null, weight: 1, logsInClear: false },
    {
      host: '2001:db8::1',
      port: 465,
      secure: true,
      credentials: { user: 'me@x', pass: 'p,w' },
      weight: 3,
      logsInClear: false,
    },
    { host: 'b', port: 587, secure: false, credentials: null, weight: 1, logsInClear: false },
  ]);
});

it('takes a comma in a password also as it is', () => {
  expect(parseSmtpServers('smtp://a:x,y@one.internal,smtp://b')).toMatchObject([
    { host: 'one.internal', credentials: { user: 'a', pass: 'x,y' } },
    { host: 'b' },
  ]);
});

it.each([
  ['smtp://me:pw@mail.example.org', false],
  ['smtp://me:pw@mail.example.org?insecure=1', true],
  ['smtp://me:pw@localhost', true],
  ['smtp://me:pw@127.0.0.1:25', true],
  ['smtp://me:pw@[::1]:25', true],
  ['smtp://me:pw@127.0.0.1.example.org', false],
])('lets a password go in the clear to this machine, or where it is told to: %s', (url, logsInClear) => {
  expect(parseSmtpServers(url)).toMatchObject([{ logsInClear }]);
});

it.each([
  '',
  'mail.example.org',
  'https://me:secret@mail.example.org',
  'smtp://',
  'smtp://a,b',
  'smtp://a,,smtp://b',
  'smtp://a?weight=0',
  'smtp://a?weight=1.5',
  'smtp://a?weight=101',
  'smtp://a?wieght=3',
  'smtp://me:secret@a?insecure=true',
  'smtp://me:secret%@a',
  'smtp://me:secret@a/b',
  'smtp://me:secret@a#b',
  'smtp://a,https://me:secret@b',
])('refuses what is none, without quoting it: %s', (url) => {
  expect(parseSmtpServers(url)).toBeNull();
  if (url === '') return;
  expect(() => loadConfig({ SMTP_URL: url })).toThrow(/^Settings that can't be used: SMTP_URL must/);
  expect(() => loadConfig({ SMTP_URL: url })).not.toThrow(/secret/);
});
