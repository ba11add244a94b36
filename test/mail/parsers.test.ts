/** Every mail as octets: what Python's strict parser and mailparser read in it, what survives the way, and how large it is. */
import { decodeHTML } from 'entities';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shortTitle } from '../../src/mail/words.ts';
import { parseWithPython, readHead } from '../support/raw-mail.ts';
import { python } from './judges.ts';
import { subjectTitle } from './papers.ts';
import { type MailName, mailNames, type RealMails, writeRealMails } from './real-mails.ts';

/** Where Gmail cuts. */
const GMAIL_CUTS_AT = 102 * 1024;
const { present, told } = python();

let made: RealMails;
beforeAll(async () => {
  made = await writeRealMails();
});
afterAll(() => made.site.close());
const mail = (name: MailName) => made.mails[name];

describe.each(mailNames)('the mail: %s', (name) => {
  it('is lines of seven bits, ended by CRLF, of less than 998 octets, without NUL', () => {
    const raw = mail(name).raw.toString('latin1');
    expect(raw).toMatch(/^[\t\r\n -~]+$/);
    expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(Math.max(...raw.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
  });

  it.skipIf(!present)(
    `has no defect for Python, which reads the same as mailparser: text first, then HTML${told}`,
    () => {
      const { raw, parsed, text, html } = mail(name);
      const read = parseWithPython(raw);
      expect(read).toMatchObject({
        defects: [],
        types: ['multipart/alternative', 'text/plain', 'text/html'],
        subject: parsed.subject,
      });
      expect(read.text.trim()).toBe(text.trim());
      expect(read.html.trim()).toBe(html.trim());
    },
  );

  it('has one header of each name, its Message-ID on our domain, its bounces to us', () => {
    const { raw, from, to } = mail(name);
    const names = readHead(raw).headers.map(([header]) => header);
    expect(names.filter((header, at) => names.indexOf(header) !== at)).toEqual([]);
    const headers = new Map(readHead(raw).headers);
    expect(headers.get('message-id')).toMatch(/^<[\w.]+@papers\.example\.org>$/);
    expect(from).toMatch(/^bounce\+\d+\.\w+@papers\.example\.org$/);
    expect(headers.get('to')).toBe(to);
    for (const absent of ['bcc', 'cc', 'reply-to', 'return-path', 'sender', 'x-mailer']) {
      expect(names).not.toContain(absent);
    }
  });

  it('says who sends it and why it came', () => {
    const [because, someone, sender] = name.includes('German')
      ? ['Du bekommst diesen täglichen Digest, weil du ihn', 'Jemand, vermutlich du, ', 'Verschickt von']
      : [
          `You get this ${name === 'weekly digest' ? 'weekly' : 'daily'} digest because you asked for it, on`,
          'Someone, most likely you, ',
          'Sent by',
        ];
    for (const shown of [decodeHTML(mail(name).html), mail(name).text]) {
      expect(flat(shown)).toContain(name.includes('digest') ? because : someone);
      expect(flat(shown)).toContain(`${sender} Paperboy, 1 Paper Street, 12345 Springfield`);
    }
  });

  it('shows no character that was broken on the way, no template tag and no “undefined”', () => {
    const { html, text, parsed } = mail(name);
    for (const shown of [html, text, parsed.subject ?? '']) {
      expect(shown).not.toMatch(/\uFFFD|<%|%>|undefined|\[object|NaN|Ã/);
    }
  });

  it('keeps its HTML below the size where Gmail cuts, as sent and as read', () => {
    const { raw, html } = mail(name);
    const sent = raw.length - raw.lastIndexOf('Content-Type: text/html');
    const read = Buffer.byteLength(html);
    console.info(`${name}: HTML ${kb(sent)} as sent, ${kb(read)} as read; ${kb(raw.length)} in all`);
    expect(read).toBeLessThan(GMAIL_CUTS_AT);
    expect(sent).toBeLessThan(GMAIL_CUTS_AT);
  });
});

const kb = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
const flat = (text: string) => text.replace(/\s+/g, ' ').trim();

describe('a digest of 20', () => {
  it.each(['digest of 20', 'digest in Chinese'] as const)(
    'has the words of every title in text and HTML, whatever their script: %s',
    (name) => {
      const { html, text, papers } = mail(name);
      expect(papers).toHaveLength(20);
      const seen = flat(decodeHTML(html.replace(/<[^>]+>/g, ' ')));
      for (const paper of papers) {
        const title = shortTitle(paper.title);
        expect(seen).toContain(flat(title));
        // Long words are broken where a line of text ends.
        expect(text.replace(/\s/g, '')).toContain(title.replace(/\s/g, ''));
      }
    },
  );

  it('has the title as its subject, and no header out of it', () => {
    const { parsed, raw } = mail('digest of 20');
    expect(parsed.subject).toBe(`${flat(subjectTitle)} and 19 more`);
    expect(readHead(raw).head).not.toMatch(/^bcc/im);
  });
});
