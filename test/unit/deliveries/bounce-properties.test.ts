/** Whatever arrives, the classifier gives an answer, and soon: it reads what strangers send. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyBounce } from '../../../src/deliveries/bounce.ts';
import { makeComplaint, makeNotice, makeReport } from '../../support/bounces.ts';
import { processorMs } from '../../support/processor-time.ts';
import { findDataDir } from '../../support/recordings.ts';

const KINDS = ['bounce', 'complaint', 'autoreply', 'delivered', 'unrelated'];
const dataDir = findDataDir();
const folder = join(dataDir ?? '', 'bounces/eml');
const made = [
  makeReport(),
  makeComplaint(),
  makeNotice(
    ['From: MAILER-DAEMON@example.net', 'Subject: failure notice'],
    '<a@b.example>: 550 5.1.1 no such user',
  ),
];
const real =
  dataDir && existsSync(folder) ? readdirSync(folder).map((name) => readFileSync(join(folder, name))) : [];

/** A message with a cut end, wrong octets and its lines in another order. */
const spoilt = fc
  .record({
    mail: fc.constantFrom(...made, ...real),
    keep: fc.double({ min: 0, max: 1, noNaN: true }),
    flips: fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255)), { maxLength: 40 }),
    turn: fc.nat(20),
  })
  .map(({ mail, keep, flips, turn }) => {
    const lines = mail.toString('latin1').split('\r\n');
    const turned = Buffer.from([...lines.slice(turn), ...lines.slice(0, turn)].join('\r\n'), 'latin1');
    for (const [place, octet] of flips) turned[Math.floor(place * turned.length)] = octet;
    return turned.subarray(0, Math.ceil(turned.length * keep));
  });

function answersOn(raw: Uint8Array): void {
  const { kind, hard, reason } = classifyBounce(raw);
  expect(KINDS).toContain(kind);
  expect(hard && kind !== 'bounce').toBe(false);
  expect(reason).not.toBe('');
}

describe('any message', () => {
  it('is answered, when it is spoilt', () => {
    fc.assert(fc.property(spoilt, answersOn), { numRuns: 1500 });
  });

  it('is answered, when it is nothing but octets', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 4000 }), answersOn), { numRuns: 500 });
  });

  it.skipIf(real.length === 0)(
    `is answered, cut off anywhere${real.length > 0 ? '' : ' (skipped: no data)'}`,
    () => {
      for (const mail of real) {
        for (let part = 0; part < 12; part++) answersOn(mail.subarray(0, (mail.length * part) / 12));
      }
    },
  );
});

const MB = 1024 * 1024;
const fill = (text: string) => text.repeat(Math.ceil((5 * MB) / text.length));
/** What makes careless patterns slow: the same beginning, over and over, and never an end. */
const HEAVY: [name: string, text: string][] = [
  ['one line', fill('a')],
  ['spaces', fill(' ')],
  ['empty lines', fill('\n')],
  ['addresses', fill('a@b.example ')],
  ['at signs', fill('@')],
  ['answers', fill('550 5.1.1 user \n')],
  ['codes', fill('550-5.1.1 ')],
  ['status codes', fill('5.1.')],
  ['open tags', fill('<style ')],
  ['angles', fill('<')],
  ['words of refusals', fill('mailbox account user host domain message quota address ')],
  ['transcripts', fill('>>> DATA\n')],
  ['folded fields', `Subject: x\n${fill(' folded\n')}`],
  ['encoded words', `Subject: ${fill('=?utf-8?Q?a')}`],
  ['boundaries', `Content-Type: multipart/mixed; boundary=x\n\n${fill('--x\n\n')}`],
  [
    'nested parts',
    `Content-Type: multipart/mixed; boundary=x\n\n${fill('--x\nContent-Type: multipart/mixed; boundary=x\n\n')}`,
  ],
  ['quoted-printable', `Content-Transfer-Encoding: quoted-printable\n\n${fill('= \t')}`],
  [
    'fields of a report',
    `Content-Type: message/delivery-status\n\n${fill('Final-Recipient: rfc822; a@b.example\nAction: failed\n\n')}`,
  ],
  ['html', `Content-Type: text/html\n\n${fill('<div a="')}`],
  ['json', fill('{"notificationType":')],
];

describe('5 MB', () => {
  it.each(HEAVY)('of %s are read in a second', async (_name, text) => {
    for (const head of ['', 'From: MAILER-DAEMON@example.net\nSubject: failure notice\n\n']) {
      const raw = Buffer.from(head + text);
      // Most take a few milliseconds; a pattern that tries every pair of places would take minutes.
      expect(await processorMs(() => answersOn(raw))).toBeLessThan(1000);
    }
  });
});
