/** Every mail as SpamAssassin scores it, with the rules that come with it and without the network. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spamAssassin } from './judges.ts';
import { mailNames, type RealMail, type RealMails, writeRealMails } from './real-mails.ts';

/** Five is spam by default. */
const AIM = 1;

const { present, told } = spamAssassin();

let made: RealMails;
/** In the place of the home of whoever runs this: SpamAssassin keeps notes there. */
let home: string;

beforeAll(async () => {
  if (!present) return;
  home = await mkdtemp(join(tmpdir(), 'paperboy-spam-'));
  made = await writeRealMails();
});
afterAll(async () => {
  await made?.site.close();
  if (home) await rm(home, { recursive: true });
});

/**
 * As it stands in the mailbox: a receiver writes what it saw on top. Addresses for documentation count as forged, so the
 * sender's is one of a block that serves the whole Internet (RFC 7535).
 */
function received({ raw, from, to, parsed }: RealMail): Buffer {
  const date = parsed.date?.toUTCString().replace('GMT', '+0000 (UTC)');
  const trace = [
    `Return-Path: <${from}>`,
    'Received: from mail.papers.example.org (mail.papers.example.org [192.31.196.25])',
    '\tby mx.example.net (Postfix) with ESMTPS id 4XYZ12abcd',
    `\tfor <${to}>; ${date}`,
    '',
  ];
  return Buffer.concat([Buffer.from(trace.join('\r\n')), raw]);
}

/** The score, and each rule with what it gave and why. */
function judge(mail: RealMail): { score: number; rules: string[] } {
  const { status, stdout, stderr } = spawnSync('spamassassin', ['--local', '--test-mode'], {
    input: received(mail),
    encoding: 'latin1',
    env: { PATH: process.env.PATH, HOME: home, LANG: 'C' },
  });
  if (status !== 0) throw new Error(stderr);
  const score = Number(/^X-Spam-Status: \w+, score=(-?[\d.]+)/m.exec(stdout)?.[1]);
  const [, report = ''] = stdout.split(/^---- -{22} -+$/m);
  return { score, rules: report.match(/^[ -]\d?\d\.\d \w+ .*/gm) ?? [] };
}

describe.skipIf(!present)(`SpamAssassin${told}`, () => {
  it.each(mailNames)(`gives less than ${AIM} to the mail: %s`, (name) => {
    const { score, rules } = judge(made.mails[name]);
    console.info(`${name}: ${score}\n${rules.join('\n')}`);
    // HTML_MESSAGE at least: the report was read.
    expect(rules.length).toBeGreaterThan(0);
    // What mailing lists are given in their favour must not be needed.
    const against = rules
      .map((rule) => Math.max(0, Number.parseFloat(rule)))
      .reduce((sum, points) => sum + points, 0);
    expect(Math.max(score, against), rules.join('\n')).toBeLessThan(AIM);
  });

  it('would have told: a mail that begs scores above the aim', () => {
    const raw = made.mails.confirm.raw.toString('latin1');
    const begging = raw.replace(
      /^Subject: .*/m,
      'Subject: !!! GET VIAGRA CHEAP, $$$ 100% FREE MONEY NOW !!!',
    );
    const { score } = judge({ ...made.mails.confirm, raw: Buffer.from(begging, 'latin1') });
    expect(score).toBeGreaterThan(AIM);
  });
});
