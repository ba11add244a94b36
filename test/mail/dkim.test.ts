/** The signature of every mail, verified by two programs that share no code with ours or with each other, and what a receiver makes of it by DMARC. */
import { spawnSync } from 'node:child_process';
import { authenticate, dkimVerify } from 'mailauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readHead } from '../support/raw-mail.ts';
import { dkimpy } from './judges.ts';
import { type MailName, mailNames, type RealMails, writeRealMails } from './real-mails.ts';

type Verify = (messages: readonly Buffer[]) => Promise<boolean[]>;

let made: RealMails;
beforeAll(async () => {
  made = await writeRealMails();
});
afterAll(() => made.site.close());

const { present, told, python } = dkimpy();
const RECORD_NAME = 'k1._domainkey.papers.example.org';

const mailauth: Verify = (messages) =>
  Promise.all(
    messages.map(async (raw) => {
      const resolver = async (name: string) => [[name === RECORD_NAME ? made.dkimRecord : '']];
      const { results } = await dkimVerify(raw, { resolver, minBitLength: 2048 });
      const [signature] = results;
      return signature?.status.result === 'pass' && signature.signingDomain === 'papers.example.org';
    }),
  );

const SCRIPT = `
import base64, dkim, json, sys
asked = json.load(sys.stdin)
record = lambda name, timeout=5: asked["record"].encode() if name.rstrip(b".") == asked["name"].encode() else b""
print(json.dumps([dkim.verify(base64.b64decode(m), dnsfunc=record, minkey=2048) for m in asked["messages"]]))`;

const byDkimpy: Verify = async (messages) => {
  const input = JSON.stringify({
    name: RECORD_NAME,
    record: made.dkimRecord,
    messages: messages.map((raw) => raw.toString('base64')),
  });
  const { status, stdout, stderr } = spawnSync(python, ['-c', SCRIPT], { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
};

const judges = [
  { name: 'mailauth', verify: mailauth, present: true },
  { name: `dkimpy${told}`, verify: byDkimpy, present },
];

/** Headers that a receiver shows or acts on. */
const always = ['from', 'to', 'subject', 'date', 'message-id'];
const ofLists = ['list-id', 'list-help', 'list-unsubscribe', 'list-unsubscribe-post'];
/** Who is asked whether a new address is theirs is on no list yet. */
const reliedIn = (name: MailName) => (name === 'new address' ? always : [...always, ...ofLists]);

describe.each(judges)('$name', (judge) => {
  describe.skipIf(!judge.present).each(mailNames)('of the mail: %s', (name) => {
    const raw = () => made.mails[name].raw;

    it('verifies it as it arrived', async () => {
      expect(await judge.verify([raw()])).toEqual([true]);
    });

    it('verifies it with spaces and folds that servers add on the way, as relaxed/relaxed allows', async () => {
      const text = raw().toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      const head = text
        .slice(0, end)
        .replace(/^To: /m, 'to:  ')
        .replace(/^Date: (\S+) /m, 'Date: $1\r\n\t');
      expect(head).not.toBe(text.slice(0, end));
      const traced = `Received: from a by b; Tue, 24 Nov 2026 09:30:02 +0000\r\n${head}${text.slice(end)}\r\n\r\n`;
      expect(await judge.verify([Buffer.from(traced, 'latin1')])).toEqual([true]);
    });

    it('refuses it with one byte of the body changed, wherever', async () => {
      const start = raw().indexOf('\r\n\r\n') + 4;
      const letters = [...raw().keys()].filter(
        (at) => at >= start && /[a-z]/i.test(String.fromCharCode(raw()[at] ?? 0)),
      );
      const places = Array.from(
        { length: 12 },
        (_, n) => letters[Math.floor((n * (letters.length - 1)) / 11)] ?? 0,
      );
      const changed = places.map((at) => {
        const copy = Buffer.from(raw());
        copy[at] = (copy[at] ?? 0) ^ 1;
        return copy;
      });
      expect(await judge.verify(changed)).toEqual(places.map(() => false));
    });

    it('refuses it with one letter of a signed header changed, or a second From', async () => {
      const relied = reliedIn(name);
      const text = raw().toString('latin1');
      const [, covered = ''] =
        /\bh=([^;]+);/.exec(new Map(readHead(raw()).headers).get('dkim-signature') ?? '') ?? [];
      expect(covered.toLowerCase().replace(/\s/g, '').split(':')).toEqual(expect.arrayContaining(relied));
      const changed = [
        ...relied.map((header) => text.replace(new RegExp(`^${header}: *(?:\\r\\n\\s+)?\\S`, 'im'), '$&x')),
        `From: Eve <eve@evil.example>\r\n${text}`,
      ];
      for (const each of changed) expect(each).not.toBe(text);
      const results = await judge.verify(changed.map((each) => Buffer.from(each, 'latin1')));
      expect(results).toEqual(changed.map(() => false));
    });
  });
});

it.each(mailNames)(
  'passes SPF, DKIM and DMARC, strictly aligned, at a receiver that rejects all else: %s',
  async (name) => {
    const records: Record<string, string> = {
      [RECORD_NAME]: made.dkimRecord,
      'papers.example.org': 'v=spf1 ip4:203.0.113.25 -all',
      '_dmarc.papers.example.org': 'v=DMARC1; p=reject; adkim=s; aspf=s',
    };
    const { raw, from } = made.mails[name];
    const receive = (ip: string, message: Buffer) =>
      authenticate(message, {
        ip,
        helo: 'mail.papers.example.org',
        sender: from,
        mta: 'mx.example.net',
        resolver: async (domain, type) => (type === 'TXT' && records[domain] ? [[records[domain]]] : []),
      });
    const { spf, dmarc } = await receive('203.0.113.25', raw);
    expect(spf).toMatchObject({ status: { result: 'pass' } });
    expect(dmarc).toMatchObject({
      status: { result: 'pass' },
      alignment: {
        spf: { strict: true, result: 'papers.example.org' },
        dkim: { strict: true, result: 'papers.example.org' },
      },
    });
    const forged = Buffer.from(raw.toString('latin1').replace(/^Subject: /m, '$&Not '), 'latin1');
    expect((await receive('203.0.113.99', forged)).dmarc).toMatchObject({ status: { result: 'fail' } });
  },
);
