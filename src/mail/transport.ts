/** From a message to a mail server that has it: written, signed, handed over. */
import { createSigner, type DkimKey } from './dkim.ts';
import type { MailMessage } from './message.ts';
import { buildWireMessage } from './mime.ts';
import { openSmtpPool, type SmtpServer } from './smtp-pool.ts';

export interface Mailer {
  /** Returns the server's answer once it has taken the mail; otherwise throws what `readDeliveryFault` reads. */
  send(message: MailMessage): Promise<{ answer: string }>;
  close(): void;
}

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
  const sign = dkim ? createSigner(dkim) : null;
  const pool = openSmtpPool(readSmtpUrl(smtpUrl), { connections });
  return {
    async send(message) {
      const wire = buildWireMessage(message);
      const headers = sign ? [await sign(wire), ...wire.headers] : wire.headers;
      const raw = Buffer.from(`${headers.join('\r\n')}\r\n\r\n${wire.body}`, 'latin1');
      const answer = await pool.send(message.envelope, raw);
      return { answer: answer.slice(0, 500) };
    },
    close: () => pool.close(),
  };
}

/** `smtp://user:password@host:port`; `smtps:` speaks TLS from the first byte. */
function readSmtpUrl(text: string): SmtpServer {
  const url = new URL(text);
  const secure = url.protocol === 'smtps:';
  return {
    options: {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port ? Number(url.port) : secure ? 465 : 587,
      secure,
    },
    credentials: url.username
      ? { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) }
      : null,
  };
}
