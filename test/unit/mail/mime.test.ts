/** What goes over the wire is seven-bit, short-lined and says what was written, whatever was written; others' code reads it. */
import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import type { MailMessage } from '../../../src/mail/message.ts';
import { buildWireMessage } from '../../../src/mail/mime.ts';

const write = (change: Partial<MailMessage>) =>
  buildWireMessage({
    envelope: { from: 'bounce@example.org', to: 'a@example.org' },
    from: { name: 'Paperboy', address: 'digest@example.org' },
    to: 'a@example.org',
    subject: 'Ten papers',
    messageId: '<delivery.7.0123456789abcdef@example.org>',
    date: new Date('2026-11-24T08:00:00Z'),
    headers: { 'List-Id': 'Paperboy <digest.example.org>' },
    text: 'text\n',
    html: '<p>html</p>\n',
    ...change,
  });
const bytesOf = ({ headers, body }: ReturnType<typeof write>) => `${headers.join('\r\n')}\r\n\r\n${body}`;
const encodings = (raw: string) =>
  [...raw.matchAll(/^Content-Transfer-Encoding: (\S+)\r$/gm)].map(([, name]) => name);
/** A lone surrogate has no UTF-8. */
const wellFormed = (text: string) => Buffer.from(text).toString();
/** As a mail reader shows references. */
const readReferences = (html: string) =>
  html.replace(/&#(\d+);/g, (_, code) => wellFormed(String.fromCodePoint(Number(code))));
/** Any text of lines, as templates give them. */
const lines = fc
  .array(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 3000 })))
  // Control characters never get through the templates.
  .map((texts) => `${texts.map((text) => text.replace(/[\p{Cc}\u2028\u2029\ufeff]/gu, '')).join('\n')}\n`);

describe('a message on the wire', () => {
  it('is short lines of ASCII ended by CRLF, and reads as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(lines, lines, fc.string({ unit: 'binary' }), async (text, html, title) => {
        const subject = title.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
        const raw = bytesOf(write({ text, html, subject }));
        expect(raw).toMatch(/^[\t\r\n -~]*$/);
        expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
        for (const line of raw.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
        const parsed = await simpleParser(raw, { skipTextToHtml: true });
        expect(parsed.text?.trimEnd()).toBe(wellFormed(text).trimEnd());
        expect(readReferences(parsed.html || '').trimEnd()).toBe(wellFormed(html).trimEnd());
        expect(parsed.subject?.replace(/\s+/g, ' ').trim() ?? '').toBe(
          wellFormed(subject).replace(/\s+/g, ' ').trim(),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('is left as it is where it is ASCII already', () => {
    const raw = bytesOf(write({ text: 'plain = text\n', html: '<p>a = b &#233;</p>\n' }));
    expect(encodings(raw)).toEqual(['7bit', '7bit']);
    expect(raw).toContain('\r\nplain = text\r\n');
  });

  it('is encoded where a line is too long, is not ASCII, or would be quoted in a mailbox file', () => {
    for (const text of [`${'x'.repeat(991)}\n`, 'a naïve sentence among others\n', 'a\nFrom here on\n']) {
      const raw = bytesOf(write({ text }));
      expect(encodings(raw)).toEqual(['quoted-printable', '7bit']);
      expect(raw).not.toMatch(/^From /m);
    }
  });

  it('says few characters in ASCII, and carries many as they are', () => {
    expect(encodings(bytesOf(write({ html: `<p>${'plain\n'.repeat(200)}naïve</p>\n` })))).toEqual([
      '7bit',
      '7bit',
    ]);
    const chinese = `<p>${'论文摘要\n'.repeat(2500)}</p>\n`;
    const raw = bytesOf(write({ html: chinese }));
    expect(encodings(raw)).toEqual(['7bit', 'base64']);
    expect(raw.length).toBeLessThan(Buffer.byteLength(chinese) * 1.5);
  });

  it('quotes or encodes the sender’s name as it needs', async () => {
    for (const name of ['Paperboy', 'Papers, daily', 'The "best"', 'Päper, boy', 'A. B. <x>']) {
      const { from } = await simpleParser(bytesOf(write({ from: { name, address: 'digest@example.org' } })));
      expect(from?.value).toEqual([{ name, address: 'digest@example.org' }]);
    }
  });

  it('has no header that a value brought along', async () => {
    const { headers } = await simpleParser(
      bytesOf(write({ subject: 'a\r\nBcc: eve@evil.example', headers: { 'List-Id': 'x\r\nX-Evil: 1' } })),
    );
    expect(headers.has('bcc')).toBe(false);
    expect(headers.has('x-evil')).toBe(false);
  });
});
