/** The one owner of nodemailer: a pool of SMTP connections that signs and sends. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { AppError } from '../errors.ts';
import type { MailMessage } from './message.ts';

export interface Mailer {
  /** Returns the server's answer once it has taken the mail; otherwise throws what `readDeliveryFault` reads. */
  send(message: MailMessage): Promise<{ answer: string }>;
  close(): void;
}

export interface DkimKey {
  domain: string;
  selector: string;
  /** PEM, RSA. */
  privateKey: string;
}

/** How long a silent server is waited for, in ms. */
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 40_000 };

/** Opens nothing yet: connections are made with the first mail. Throws AppError `CONFIG_INVALID` for a key that can't sign. */
export function createMailer({
  smtpUrl,
  dkim,
  connections,
}: {
  smtpUrl: string;
  dkim: DkimKey | null;
  connections: number;
}): Mailer {
  if (dkim) assertRsa(dkim.privateKey);
  const url = new URL(smtpUrl);
  const transport = createTransport({
    pool: true,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port ? Number(url.port) : url.protocol === 'smtps:' ? 465 : 587,
    secure: url.protocol === 'smtps:',
    ...(url.username
      ? { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }
      : {}),
    maxConnections: connections,
    maxMessages: Number.POSITIVE_INFINITY,
    ...TIMEOUTS,
    // Neither files nor URLs are ever read on behalf of a message.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(dkim
      ? { dkim: { domainName: dkim.domain, keySelector: dkim.selector, privateKey: dkim.privateKey } }
      : {}),
  });
  return {
    async send({ envelope, from, to, subject, messageId, date, headers, text, html }) {
      const info = await transport.sendMail({
        envelope: { from: envelope.from, to: [envelope.to] },
        from,
        to,
        subject,
        messageId,
        date,
        headers,
        text,
        html,
        // Left to choose, nodemailer would read every body several times over to find the shorter encoding.
        textEncoding: 'quoted-printable',
      });
      return { answer: info.response.slice(0, 500) };
    },
    close: () => transport.close(),
  };
}

/** nodemailer would send unsigned, silently, with a key of another kind. */
function assertRsa(pem: string): void {
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
}
