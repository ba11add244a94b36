/**
 * DKIM signatures (RFC 6376), relaxed/relaxed, RSA with SHA-256. Of the time that signing takes, the RSA operation is most,
 * so it runs on Node's own threads and leaves the event loop to others: a worker then uses more than one core.
 */
import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { foldLines } from 'nodemailer/lib/mime-funcs';
import { AppError } from '../errors.ts';
import type { WireMessage } from './mime.ts';

export interface DkimKey {
  domain: string;
  selector: string;
  /** PEM, RSA. */
  privateKey: string;
}

/** Returns the DKIM-Signature header, folded, without the line end behind it. */
export type SignMessage = (message: WireMessage) => Promise<string>;

const signOnThread = promisify(sign);

/** What tells a reader who writes, to whom, when and what, and all that a list's mail must have signed (RFC 8058). */
const SIGNED =
  /^(?:from|to|subject|date|message-id|reply-to|mime-version|content-type|auto-submitted|feedback-id|list-.+)$/;
/** Named once more than they stand in the message, so that nobody can add another one on the way (RFC 6376 8.15). */
const NEVER_ADDED = ['from', 'to', 'subject', 'reply-to'];

/** Throws AppError `CONFIG_INVALID` for a key that can't sign as receivers want it. */
export function createSigner({ domain, selector, privateKey }: DkimKey): SignMessage {
  const key = readKey(privateKey);
  return async ({ headers, body }) => {
    const signed = headers.flatMap((header) => {
      const colon = header.indexOf(':');
      const name = header.slice(0, colon).toLowerCase();
      return SIGNED.test(name) ? [{ name, value: relaxValue(header.slice(colon + 1)) }] : [];
    });
    const names = [...signed.map(({ name }) => name), ...NEVER_ADDED];
    const tags = [
      'v=1',
      'a=rsa-sha256',
      'c=relaxed/relaxed',
      `d=${domain}`,
      `s=${selector}`,
      `h=${names.join(':')}`,
      `bh=${hashBody(body)}`,
      'b=',
    ];
    const unsigned = foldLines(`DKIM-Signature: ${tags.join('; ')}`, 76);
    const data = [
      ...signed.map(({ name, value }) => `${name}:${value}`),
      `dkim-signature:${relaxValue(unsigned.slice(unsigned.indexOf(':') + 1))}`,
    ].join('\r\n');
    const signature = await signOnThread('sha256', Buffer.from(data, 'latin1'), key);
    return `${unsigned}${signature.toString('base64').replace(/.{1,72}/g, '\r\n $&')}`;
  };
}

/** RFC 6376 3.4.2. */
function relaxValue(value: string): string {
  return value
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim();
}

/** RFC 6376 3.4.4. Two blanks in a row are rare in what we send, and a pattern that starts at each single one is not cheap. */
function hashBody(body: string): string {
  const relaxed = body.replace(/[ \t]{2,}|\t/g, ' ').replaceAll(' \r\n', '\r\n');
  return createHash('sha256').update(withoutLastLines(relaxed), 'latin1').digest('base64');
}

/** Without empty lines at the end; nothing but these is nothing. */
function withoutLastLines(body: string): string {
  let end = body.length;
  while (end >= 4 && body.endsWith('\r\n\r\n', end)) end -= 2;
  const kept = body.slice(0, end);
  return kept === '\r\n' ? '' : kept;
}

function readKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', 'DKIM_PRIVATE_KEY is not a key that can be read.', { cause });
  }
  const kind = key.asymmetricKeyType;
  if (kind !== 'rsa') {
    throw new AppError('CONFIG_INVALID', `DKIM_PRIVATE_KEY must be an RSA key; this one is ${kind}.`);
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < 2048) {
    throw new AppError('CONFIG_INVALID', `DKIM_PRIVATE_KEY has ${bits} bits; receivers want at least 2048.`);
  }
  return key;
}
