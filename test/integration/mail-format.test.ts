/** Real messages as a mail server gets them, held against the RFCs and the rules of large receivers; DKIM and MIME judged by others' code. */
import { generateKeyPairSync } from 'node:crypto';
import { dkimVerify } from 'mailauth';
import type { ParsedMail } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/deliveries/deliver.ts';
import { composePage } from '../../src/digests/compose.ts';
import type { SinkMail } from '../support/mail-sink.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { hasPython, parseWithPython, readHead } from '../support/raw-mail.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

const HOSTILE_TITLE = 'Größe 🤖\r\nBcc: eve@evil.example\r\n\r\n<b>x</b>';
const kinds = ['confirm', 'already_subscribed', 'digest'] as const;
type Kind = (typeof kinds)[number];
interface Message extends SinkMail, ReturnType<typeof readHead> {
  id: number;
  parsed: ParsedMail;
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
if (!hasPython) console.warn('No python3 here: the check of mails by its strict parser is skipped.');

let site: TestSite;
let deliveryIds: number[];
let first: Record<Kind, Message>;
let again: Record<Kind, Message>;

beforeAll(async () => {
  site = await createTestSite({
    env: {
      MAIL_FROM: 'Päper, boy <digest@example.org>',
      BOUNCE_DOMAIN: 'bounces.example.org',
      MAIL_POSTAL_ADDRESS: '1 Paper Street, Springfield',
      DKIM_PRIVATE_KEY: rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      DKIM_SELECTOR: 'k1',
    },
  });
  const { ctx, sql, clock } = site;
  const papers = Array.from({ length: 20 }, (_, at) =>
    makePaper({
      title: `Robot hands number ${at}: ${'a long title about “grasping” and touch '.repeat(4)}`,
      abstract: 'We study naïve grasping — with α, β and 触覚 — at length. '.repeat(40),
      authors: Array.from({ length: 30 }, (_, n) => `Günther Author-${n}`),
      categories: ['cs.RO', 'cs.AI', 'cs.LG'],
      arxivId: `2611.0${1000 + at}`,
      upvotes: 900 - at,
    }),
  );
  await storePapers(ctx, papers, clock.now());
  await site.addPending('pending@example.org');
  const reader = await site.addReader('Reader+papers@example.org', {
    topics: ['cs-ro'],
    keywords: ['grasping'],
  });
  await sql`update subscribers set paper_count = 20, pickiness = 'low' where id = ${reader}`;
  await site.postForm('/subscribe', { email: 'reader+papers@example.org' });
  await composePage(ctx, clock.now(), [reader]);
  // Past what ingestion cleans, so that the mail has to defend itself.
  await sql`update papers set title = ${HOSTILE_TITLE} where id = (select paper_id from digest_papers where position =
    (select min(position) from digest_papers))`;
  const rows = await sql`select id::int from deliveries order by id`;
  deliveryIds = rows.map(({ id }) => Number(id));
  first = await send();
  // As `recover` does with mails whose worker died after sending.
  await sql`update deliveries set status = 'pending'`;
  clock.advance(3600_000);
  again = await send();
});
afterAll(() => site.close());

async function send(): Promise<Record<Kind, Message>> {
  site.sink.mails.length = 0;
  expect(await deliver(site.ctx, deliveryIds)).toMatchObject({ sent: 3 });
  const rows = await site.sql`select id::int, kind from deliveries`;
  const parsed = await site.sink.parsed();
  const messages = site.sink.mails.map((mail, at) => {
    const id = Number(/^bounce\+(\d+)\./.exec(mail.from)?.[1]);
    const row = rows.find((delivery) => delivery.id === id);
    return [row?.kind, { ...mail, ...readHead(mail.raw), id, parsed: parsed[at] }];
  });
  return Object.fromEntries(messages);
}

const header = ({ headers }: Message, wanted: string) =>
  headers.filter(([name]) => name === wanted).map(([, value]) => value);

describe.each(kinds)('the mail: %s', (kind) => {
  const mail = () => first[kind];

  it('is seven-bit lines of less than 998 octets, ended by CRLF alone', () => {
    const raw = mail().raw.toString('latin1');
    expect(raw).toMatch(/^[\t\r\n -~]+$/);
    expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    for (const line of raw.split('\r\n')) expect(line.length).toBeLessThan(998);
    for (const line of mail().head.split('\r\n')) expect(line.length).toBeLessThanOrEqual(200);
  });

  it('has text first and HTML second, both UTF-8', () => {
    const boundary = /^multipart\/alternative; boundary="([^"]+)"$/.exec(
      header(mail(), 'content-type')[0] ?? '',
    )?.[1];
    const [, ...parts] = mail().raw.toString('latin1').split(`--${boundary}`);
    const types = parts.map((part) => /Content-Type: ([^\r\n]+)/.exec(part)?.[1]);
    expect(types).toEqual(['text/plain; charset=utf-8', 'text/html; charset=utf-8', undefined]);
    expect(parts[2]).toMatch(/^--\s*$/);
    expect(header(mail(), 'mime-version')).toEqual(['1.0']);
  });

  it('has every header once, and none that a title brought along', () => {
    const names = mail().headers.map(([name]) => name);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(['from', 'to', 'subject', 'date', 'message-id']));
    for (const name of ['bcc', 'cc', 'reply-to', 'x-mailer']) expect(names).not.toContain(name);
  });

  it('is from us and to one reader, in header and envelope', () => {
    const { parsed, to } = mail();
    expect(parsed.from?.value).toEqual([{ name: 'Päper, boy', address: 'digest@example.org' }]);
    expect(to).toBe(kind === 'confirm' ? 'pending@example.org' : 'Reader+papers@example.org');
    expect(header(mail(), 'to')).toEqual([to]);
  });

  it('bounces to an address that names the delivery, the same when sent again', () => {
    const { from, id } = mail();
    expect(from).toMatch(/^bounce\+\d+\.[0-9a-f]{16}@bounces\.example\.org$/);
    expect(deliveryIds).toContain(id);
    expect(again[kind].from).toBe(from);
    expect(new Set(kinds.map((each) => first[each].from)).size).toBe(3);
  });

  it('has a Message-ID of our domain that names the delivery, the same when sent again', () => {
    const [messageId = ''] = header(mail(), 'message-id');
    expect(messageId).toMatch(new RegExp(`^<[a-z.]+${mail().id}\\.[0-9a-f]{16}@example\\.org>$`));
    expect(header(again[kind], 'message-id')).toEqual([messageId]);
    expect(new Set(kinds.map((each) => header(first[each], 'message-id')[0])).size).toBe(3);
  });

  it('has the date of its sending', () => {
    expect(header(mail(), 'date')).toEqual([expect.stringMatching(/^Tue, 24 Nov 2026 09:30:00 \+0000$/)]);
    expect(header(again[kind], 'date')).toEqual([expect.stringMatching(/10:30:00 \+0000$/)]);
  });

  it('says that a program sent it and how to leave', () => {
    expect(header(mail(), 'auto-submitted')).toEqual(['auto-generated']);
    expect(header(mail(), 'list-unsubscribe-post')).toEqual(['List-Unsubscribe=One-Click']);
    expect(header(mail(), 'list-help')).toEqual(['<https://papers.example.org/>']);
    expect(header(mail(), 'list-id')[0]).toMatch(/^Paperboy <[a-z.]+\.example\.org>$/);
    expect(header(mail(), 'feedback-id')).toEqual([`${kind}:paperboy:example.org`]);
    expect(header(mail(), 'precedence')).toEqual(kind === 'digest' ? ['bulk'] : []);
    expect(header(mail(), 'list-unsubscribe')[0]).toMatch(
      /^<https:\/\/papers\.example\.org\/unsubscribe\/[\w.-]+>, <mailto:unsubscribe\+\d+\.[0-9a-f]{16}@bounces\.example\.org\?subject=unsubscribe>$/,
    );
  });

  it('is signed: DKIM covers all that a receiver relies on, and breaks when any of it is changed', async () => {
    const key = rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const records: Record<string, string> = { 'k1._domainkey.example.org': `v=DKIM1; k=rsa; p=${key}` };
    const resolver = async (name: string) => [[records[name] ?? '']];
    const verify = async (raw: string) => {
      const { results } = await dkimVerify(Buffer.from(raw, 'latin1'), { resolver, minBitLength: 2048 });
      return results[0];
    };
    const raw = mail().raw.toString('latin1');
    expect(await verify(raw)).toMatchObject({
      signingDomain: 'example.org',
      selector: 'k1',
      status: { result: 'pass', aligned: 'example.org' },
    });
    const [signature = ''] = header(mail(), 'dkim-signature');
    expect(signature).toMatch(/a=rsa-sha256; c=relaxed\/relaxed;/);
    const [, covered = ''] = /;\s*h=([^;]+);/.exec(signature) ?? [];
    expect(covered.toLowerCase().replace(/\s/g, '').split(':')).toEqual(
      expect.arrayContaining(
        'from to subject date message-id list-id list-help list-unsubscribe list-unsubscribe-post'.split(' '),
      ),
    );
    for (const name of ['From', 'Subject', 'List-Unsubscribe', 'List-Unsubscribe-Post']) {
      const changed = raw.replace(new RegExp(`^${name}:`, 'm'), '$& x');
      expect([name, (await verify(changed))?.status.result]).toEqual([name, 'fail']);
    }
    // Quoted-printable may break a line anywhere in it.
    const address = new RegExp([...'1 Paper Street'].join('(?:=\\r\\n)?'));
    expect(raw).toMatch(address);
    expect((await verify(raw.replace(address, '2 Paper Street')))?.status.result).not.toBe('pass');
  });

  it.skipIf(!hasPython)('has no defect for Python’s strict parser, which reads what mailparser reads', () => {
    const { parsed, raw } = mail();
    const read = parseWithPython(raw);
    expect(read).toMatchObject({
      defects: [],
      types: ['multipart/alternative', 'text/plain', 'text/html'],
      subject: parsed.subject,
    });
    expect(read.text.trim()).toBe(parsed.text?.trim());
    expect(read.html.trim()).toBe(String(parsed.html).trim());
  });

  it('is HTML in a language, readable without anything loaded, with who sends it', () => {
    const html = String(mail().parsed.html);
    expect(html).toMatch(/<html[^>]* lang="en"/);
    expect(html).toContain('name="color-scheme"');
    expect(html).not.toMatch(/<script|<img|<iframe|url\(|javascript:|<link/i);
    for (const [table] of html.matchAll(/<table\b[^>]*>/g)) expect(table).toContain('role="presentation"');
    for (const body of [html, mail().parsed.text]) expect(body).toContain('1 Paper Street, Springfield');
  });
});

describe('the digest', () => {
  it('has the title as its subject, in encoded words, on one line', () => {
    const subject = 'Größe 🤖 Bcc: eve@evil.example <b>x</b> and 19 more';
    expect(first.digest.parsed.subject).toBe(subject);
    const [raw = ''] = header(first.digest, 'subject');
    expect(raw).toMatch(/=\?UTF-8\?[BQ]\?/i);
    for (const word of raw.match(/=\?\S+\?=/g) ?? []) expect(word.length).toBeLessThanOrEqual(75);
    expect(first.digest.parsed.html).not.toContain('<b>x</b>');
  });

  it('of 20 papers is below the size where Gmail cuts', () => {
    const html = String(first.digest.parsed.html);
    expect(html.match(/https:\/\/arxiv\.org\/abs\/2611\.0\d{4}/g)?.length).toBeGreaterThanOrEqual(20);
    expect(Buffer.byteLength(html)).toBeLessThan(102 * 1024);
    expect(first.digest.raw.length).toBeLessThan(200 * 1024);
  });

  it('has the same links without login in text and HTML, and they open', async () => {
    for (const folder of ['preferences', 'pause', 'unsubscribe', 'digests', 'more', 'less']) {
      const link = new RegExp(`https://papers\\.example\\.org(/${folder}/[\\w.-]+)`);
      const path = link.exec(String(first.digest.parsed.html))?.[1] ?? '';
      expect(link.exec(first.digest.parsed.text ?? '')?.[1]).toBe(path);
      expect((await site.app.inject({ url: path })).statusCode).toBe(200);
    }
  });
});
