/** What comes back is read by the standards, and by the words of servers that keep to none. */
import { describe, expect, it } from 'vitest';
import { classifyBounce } from '../../../src/deliveries/bounce.ts';
import { makeComplaint, makeNotice, makeReport } from '../../support/bounces.ts';

const FROM_DAEMON = ['Return-Path: <>', 'From: MAILER-DAEMON@mx.example.net', 'Subject: failure notice'];

describe('delivery reports', () => {
  it('takes an unknown user for gone, with status, reason and recipient', () => {
    expect(classifyBounce(makeReport())).toEqual({
      kind: 'bounce',
      hard: true,
      status: '5.1.1',
      reason: 'userunknown',
      recipient: 'ada@example.net',
    });
  });

  it('takes nothing for gone that a server calls temporary or delayed', () => {
    const text = 'smtp; 450 4.1.1 User unknown';
    expect(classifyBounce(makeReport({ status: '4.1.1', diagnostic: text }))).toMatchObject({
      kind: 'bounce',
      hard: false,
    });
    expect(classifyBounce(makeReport({ action: 'delayed' }))).toMatchObject({ kind: 'bounce', hard: false });
  });

  it("believes the server's answer before the code that was put on it", () => {
    const report = { status: '5.1.1', diagnostic: 'smtp; 550 5.7.1 IP address is on our blacklist' };
    expect(classifyBounce(makeReport(report))).toMatchObject({
      hard: false,
      status: '5.7.1',
      reason: 'blocked',
    });
  });

  it('reads the text for people where the report has no answer', () => {
    const report = {
      status: '5.0.0',
      diagnostic: '',
      prose: "ada@example.net\nThe recipient's mailbox is full.",
    };
    expect(classifyBounce(makeReport(report))).toMatchObject({ hard: false, reason: 'mailboxfull' });
  });

  it('does not read the mail that is sent back', () => {
    const report = { status: '5.0.0', diagnostic: '', prose: 'No reason was given.' };
    expect(classifyBounce(makeReport(report))).toMatchObject({
      kind: 'bounce',
      hard: false,
      reason: 'onhold',
    });
  });

  it('knows a report of success', () => {
    const report = { action: 'relayed', status: '2.0.0', diagnostic: '' };
    expect(classifyBounce(makeReport(report))).toMatchObject({ kind: 'delivered', hard: false });
  });
});

/** An answer of a server, what it means, and whether the address is gone. */
const ANSWERS: [answer: string, reason: string, hard: boolean][] = [
  ['550 5.1.1 Recipient address rejected: User unknown in virtual mailbox table', 'userunknown', true],
  [
    '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup',
    'userunknown',
    true,
  ],
  ['550 5.4.1 Recipient address rejected: Access denied.', 'userunknown', true],
  ['550 #5.1.0 Address rejected.', 'userunknown', true],
  ['554 5.4.4 Host or domain name not found. Name service error for name=gone.example', 'hostunknown', true],
  ['550 5.1.2 Host unknown (Name server: gone.example: host not found)', 'hostunknown', true],
  ['556 5.1.10 Recipient domain has null MX', 'notaccept', true],
  ['551 5.1.6 User has moved to another place', 'hasmoved', true],
  ['550 5.1.1 Account inactive', 'userunknown', true],
  ['550 5.2.1 The account that you tried to reach is disabled', 'suspend', false],
  ['552 5.2.2 Mailbox is over quota', 'mailboxfull', false],
  ['452 4.2.2 Out of storage space', 'mailboxfull', false],
  ['550 5.7.1 Service unavailable; client host [192.0.2.1] blocked using Spamhaus', 'blocked', false],
  ['550 5.7.26 This message fails DMARC', 'authfailure', false],
  ['550 5.7.25 The sending IP has no PTR record', 'requireptr', false],
  ['550 5.1.7 Sender address rejected: User unknown', 'rejected', false],
  ['554 5.7.1 Message looks like spam', 'spamdetected', false],
  ['550 5.3.4 Message size exceeds fixed limit', 'mesgtoobig', false],
  ['554 5.4.14 Hop count exceeded - possible mail loop', 'networkerror', false],
  ['553 That domain is not in my list of allowed rcpthosts, relaying denied', 'norelaying', false],
  ['421 4.4.2 Connection timed out', 'expired', false],
  ['550 5.2.1 The user is receiving mail at a rate that prevents more', 'speeding', false],
];

describe('answers of servers', () => {
  it.each(ANSWERS)('%s', (answer, reason, hard) => {
    const notice = `<ada@example.net>: I could not deliver your message.\nRemote host said: ${answer}\n\n--- Below this line is a copy of the message.\n\nSubject: x`;
    expect(classifyBounce(makeNotice(FROM_DAEMON, notice))).toMatchObject({ kind: 'bounce', hard, reason });
  });

  it('doubts "user unknown" in answer to the message itself, as providers refuse unwanted mail so', () => {
    const at = (command: string) =>
      classifyBounce(
        makeNotice(
          FROM_DAEMON,
          `<ada@example.net>: mx said: 550 User unknown (in reply to ${command} command)`,
        ),
      );
    expect(at('RCPT TO')).toMatchObject({ hard: true, reason: 'userunknown' });
    expect(at('end of DATA')).toMatchObject({ hard: false, reason: 'filtered' });
  });

  it('takes an address that stands in a report for no word of the server', () => {
    const notice = '<ada@example.net>: delivery failed.\n550 5.2.2 <user.unknown@spam.example>: mailbox full';
    expect(classifyBounce(makeNotice(FROM_DAEMON, notice))).toMatchObject({
      hard: false,
      reason: 'mailboxfull',
    });
  });
});

describe('other mail', () => {
  it.each(['abuse', 'fraud', 'not-spam', 'auth-failure'])(
    'takes a feedback report for a complaint: %s',
    (type) => {
      expect(classifyBounce(makeComplaint(type))).toMatchObject({
        kind: 'complaint',
        hard: false,
        reason: type,
        recipient: 'ada@example.net',
      });
    },
  );

  it.each([
    ['Auto-Submitted: auto-replied', 'Subject: Re: Seven papers for you'],
    ['X-Autoreply: yes', 'Subject: Seven papers for you'],
    ['Subject: Out of office: Seven papers for you'],
    ['Subject: =?utf-8?Q?R=C3=A9ponse_automatique_:_Sept?='],
  ])('takes an automatic reply for what it is: %s', (...header) => {
    const words = 'I am away until Monday. My mailbox is full of mail that could not be delivered before.';
    expect(classifyBounce(makeNotice(['From: Ada <ada@example.net>', ...header], words)).kind).toBe(
      'autoreply',
    );
  });

  it("leaves people's mail alone, also where it speaks of bounces", () => {
    const mail = makeNotice(
      ['From: Ada <ada@example.net>', 'Subject: A question'],
      'Hello, what does "550 user unknown" in your log mean? I would like to know.',
    );
    expect(classifyBounce(mail).kind).toBe('unrelated');
    expect(classifyBounce(Buffer.alloc(0)).kind).toBe('unrelated');
  });
});
