/**
 * A message as the lines that go over the wire (RFC 5322, 2045): `multipart/alternative`, text first, seven-bit throughout.
 * Our own code, because this is where most of a general composer's time goes: it reads every body several times over to
 * choose an encoding, and encodes all of it. Of a digest, a few characters and lines need any.
 */
import { encodeWords, foldLines } from 'nodemailer/lib/mime-funcs';
import * as qp from 'nodemailer/lib/qp';
import { countNotAscii, countReferences, fromReferences, toAscii } from './ascii-html.ts';
import type { MailMessage } from './message.ts';

export interface WireMessage {
  /** Each header whole, folded, without the line end behind it, in the order in which it is sent. */
  headers: string[];
  /** Lines ended by CRLF, nothing but ASCII. */
  body: string;
}

/** RFC 5322 allows 998 octets; some gateways count the line end, too. */
const LONGEST_LINE = 990;
/** Lines that quoted-printable leaves as they are: RFC 2045 6.7 allows 76 characters, `=` excepted, no blank at the end. */
const PLAIN_LINE = /^(?:[\x20-\x3c\x3e-\x7e]{0,75}[\x21-\x3c\x3e-\x7e])?$/;
/** Mailbox files quote a line that starts so, which breaks the signature. */
const LIKE_MBOX = 'From ';
/** A longer page is looked at for references, which take up to three times the room of what they stand for. */
const LONG_HTML = 60_000;
const MOST_REFERENCES = 1000;

export function buildWireMessage(message: MailMessage): WireMessage {
  const { from, to, subject, messageId, date } = message;
  // Holds a proof that nobody else can make, so no text can hold it.
  const boundary = `=_${messageId.replace(/^<|@.*$/g, '')}`;
  const sender = from.name ? `${phrase(from.name)} <${from.address}>` : from.address;
  const fields: [string, string][] = [
    ['From', sender],
    ['To', to],
    ['Subject', encodeWords(subject, 'Q', 52, true)],
    ['Message-ID', messageId],
    ['Date', date.toUTCString().replace('GMT', '+0000')],
    ...Object.entries(message.headers),
    ['MIME-Version', '1.0'],
    ['Content-Type', `multipart/alternative; boundary="${boundary}"`],
  ];
  const parts = [
    buildPart('text/plain', message.text, countNotAscii(message.text)),
    buildHtmlPart(message.html),
  ];
  return {
    headers: fields.map(([name, value]) => foldLines(`${name}: ${value.replace(/[\r\n]+/g, ' ')}`, 76)),
    body: `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`,
  };
}

/** HTML can say every character in ASCII and then needs no other encoding; of many, that would be too much of the 102 KB that Gmail shows. */
function buildHtmlPart(html: string): string {
  const ascii = narrow(toAscii(html));
  if (ascii.length < LONG_HTML || countReferences(ascii) <= MOST_REFERENCES)
    return buildPart('text/html', ascii, 0);
  const plain = fromReferences(ascii);
  return buildPart('text/html', plain, countNotAscii(plain));
}

/** `notAscii`: how many characters of the content are not. */
function buildPart(type: string, content: string, notAscii: number): string {
  const { encoding, encoded } = encode(content, notAscii);
  return `Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${encoded}`;
}

function encode(content: string, notAscii: number): { encoding: string; encoded: string } {
  const isLikeMbox = content.startsWith(LIKE_MBOX) || content.includes(`\n${LIKE_MBOX}`);
  if (notAscii === 0 && !isLikeMbox && !hasLongLine(content)) {
    const encoded = content.includes('\r')
      ? content.replace(/\r?\n/g, '\r\n')
      : content.replaceAll('\n', '\r\n');
    return { encoding: '7bit', encoded };
  }
  // A character of three octets takes nine in quoted-printable, and base64 a third more of everything.
  if (notAscii * 16 > content.length) {
    const base64 = Buffer.from(content).toString('base64');
    return { encoding: 'base64', encoded: (base64.match(/.{1,76}/g) ?? []).join('\r\n') };
  }
  const lines = content.split(/\r?\n/).map(toQuotedPrintable);
  return { encoding: 'quoted-printable', encoded: narrow(lines.join('\r\n')) };
}

/** A piece of a text that holds a wide character is kept as wide, and so is all that it is joined with: in twice the memory. */
function narrow(ascii: string): string {
  return Buffer.from(ascii, 'latin1').toString('latin1');
}

function hasLongLine(content: string): boolean {
  let start = 0;
  for (let end = content.indexOf('\n'); end >= 0; end = content.indexOf('\n', start)) {
    if (end - start > LONGEST_LINE) return true;
    start = end + 1;
  }
  return content.length - start > LONGEST_LINE;
}

function toQuotedPrintable(line: string): string {
  if (PLAIN_LINE.test(line) && !line.startsWith(LIKE_MBOX)) return line;
  return qp.wrap(qp.encode(line).replace(/^From /, '=46rom '));
}

/** A name before an address: quoted where RFC 5322 wants it, encoded where it is not ASCII. */
function phrase(name: string): string {
  if (countNotAscii(name) > 0) return encodeWords(name, 'Q', 52, true);
  return /^[\w !#$%&'*+/=?^`{|}~-]+$/.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`;
}
