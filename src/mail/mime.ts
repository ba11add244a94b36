/**
 * A message as the lines that go over the wire (RFC 5322, 2045): `multipart/alternative`, text first, seven-bit throughout.
 * Our own code, because this is where most of a general composer's time goes: it reads every body several times over to
 * choose an encoding, and encodes all of it. A digest's HTML is ASCII as it comes, and of its text a few lines are not.
 */
import { encodeWords, foldLines } from 'nodemailer/lib/mime-funcs';
import * as qp from 'nodemailer/lib/qp';
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
const LIKE_MBOX = /^From /m;
const NOT_ASCII = /[^\t\r\n\x20-\x7e]/;

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
  const parts = [buildPart('text/plain', message.text), buildPart('text/html', message.html)];
  return {
    headers: fields.map(([name, value]) => foldLines(`${name}: ${value.replace(/[\r\n]+/g, ' ')}`, 76)),
    body: `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`,
  };
}

function buildPart(type: string, content: string): string {
  const isPlain = !NOT_ASCII.test(content) && !LIKE_MBOX.test(content) && !hasLongLine(content);
  const encoded = isPlain
    ? content.replace(/\r?\n/g, '\r\n')
    : content.split(/\r?\n/).map(toQuotedPrintable).join('\r\n');
  const encoding = isPlain ? '7bit' : 'quoted-printable';
  return `Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${encoded}`;
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
  if (PLAIN_LINE.test(line) && !LIKE_MBOX.test(line)) return line;
  return qp.wrap(qp.encode(line).replace(/^From /, '=46rom '));
}

/** A name before an address: quoted where RFC 5322 wants it, encoded where it is not ASCII. */
function phrase(name: string): string {
  if (NOT_ASCII.test(name)) return encodeWords(name, 'Q', 52, true);
  return /^[\w !#$%&'*+/=?^`{|}~-]+$/.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`;
}
