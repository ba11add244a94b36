/** From a message to a mail server that has it: written, signed, handed over. */
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { readDeliveryFault } from './delivery-error.ts';
import { createSigner, type DkimKey } from './dkim.ts';
import type { MailMessage } from './message.ts';
import { buildWireMessage } from './mime.ts';
import { openSmtpServers } from './smtp-servers.ts';
import { parseSmtpServers } from './smtp-url.ts';

/** Mails of this process in a row that found no mail server, and when the first of them did. */
export interface Outage {
  inRow: number;
  since: Date;
}

export interface Mailer {
  /** Returns the server's answer once it has taken the mail; otherwise throws what `readDeliveryFault` reads. */
  send(message: MailMessage): Promise<{ answer: string }>;
  /** Null while mails reach a server. One that began before `after` is forgotten, and counted anew. */
  findOutage(after: Date): Outage | null;
  close(): void;
}

/**
 * Opens nothing yet: connections are made with the first mail. `connections` is how many each server of `smtpUrl` gets.
 * Throws AppError `CONFIG_INVALID` for a key that can't sign.
 */
export function createMailer({
  smtpUrl,
  dkim,
  connections,
  now,
  log,
}: {
  smtpUrl: string;
  dkim: DkimKey | null;
  connections: number;
  now: () => Date;
  log: Logger;
}): Mailer {
  const sign = dkim ? createSigner(dkim) : null;
  const list = parseSmtpServers(smtpUrl);
  if (!list) throw new AppError('CONFIG_INVALID', 'SMTP_URL names no mail server.');
  const servers = openSmtpServers(list, { connections, now, log });
  let outage: Outage | null = null;
  return {
    async send(message) {
      const wire = buildWireMessage(message);
      const headers = sign ? [await sign(wire), ...wire.headers] : wire.headers;
      const raw = Buffer.from(`${headers.join('\r\n')}\r\n\r\n${wire.body}`, 'latin1');
      try {
        const answer = await servers.send(message.envelope, raw);
        outage = null;
        return { answer: answer.slice(0, 500) };
      } catch (error) {
        const isAway = readDeliveryFault(error).kind === 'unreachable';
        outage = isAway ? { inRow: (outage?.inRow ?? 0) + 1, since: outage?.since ?? now() } : null;
        throw error;
      }
    },
    findOutage(after) {
      if (outage && outage.since <= after) outage = null;
      return outage;
    },
    close: () => servers.close(),
  };
}
