/**
 * A small SMTP server for what comes back: it takes mail to the addresses that our own mails carry and to no other, keeps
 * nothing of it, and says yes only once what it means is recorded. Whoever sends it tries again otherwise.
 */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { AppError, describeFault } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { within } from '../within.ts';

/** Ten times a digest; a report that returns more than the whole mail is none. */
const MAX_BYTES = 1024 * 1024;
const MAX_CLIENTS = 50;
/** A report has one recipient, and so has someone's mail to leave. */
const MAX_RECIPIENTS = 10;
const SILENCE_MS = 60_000;
/** Senders wait ten minutes for the last answer (RFC 5321 4.5.3.2.6). */
const RECORD_WITHIN_MS = 30_000;

export interface ReturnListener {
  port: number;
  close(): Promise<void>;
}

/**
 * `open` says what an address stands for, null for one that is not ours; `take` records what a message to it means, and
 * throws where it can't. Throws AppError `PORT_UNUSABLE`.
 */
export async function startReturnListener<T>({
  port,
  host,
  tls,
  log,
  open,
  take,
}: {
  port: number;
  host: string;
  /** PEM, for STARTTLS; without it the server speaks no TLS. */
  tls?: { cert: string; key: string } | null;
  log: Logger;
  open: (address: string) => T | null;
  take: (raw: Uint8Array, to: T) => Promise<unknown>;
}): Promise<ReturnListener> {
  const server = new SMTPServer({
    banner: 'Paperboy takes reports on its own mail only',
    ...tls,
    disabledCommands: tls ? ['AUTH'] : ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: MAX_BYTES,
    maxClients: MAX_CLIENTS,
    socketTimeout: SILENCE_MS,
    closeTimeout: 500,
    logger: false,
    onRcptTo({ address }, session, callback) {
      if (open(address) === null) return callback(refusal(550, '5.1.1 No such address here'));
      if (session.envelope.rcptTo.length >= MAX_RECIPIENTS) {
        return callback(refusal(452, '4.5.3 Too many recipients'));
      }
      return callback();
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      let bytes = 0;
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= MAX_BYTES) chunks.push(chunk);
      });
      stream.on('end', () => {
        if (bytes > MAX_BYTES) return callback(refusal(552, '5.3.4 Message too big'));
        const raw = Buffer.concat(chunks);
        const recorded = Promise.all(
          session.envelope.rcptTo.map(({ address }) => {
            const to = open(address);
            return to === null ? null : take(raw, to);
          }),
        );
        within(RECORD_WITHIN_MS, recorded).then(
          () => callback(null, '2.0.0 Recorded'),
          (error) => {
            log.warn({ event: 'bounce.deferred', error: describeFault(error) });
            callback(refusal(451, '4.3.0 Not recorded, try again later'));
          },
        );
      });
    },
  });
  // A client that goes away in the middle is no fault of this process.
  server.on('error', (error) => log.debug({ event: 'bounce.connection', error: error.message }));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new AppError(
          'PORT_UNUSABLE',
          `BOUNCE_PORT ${port} can't be opened (${cause.code ?? cause.message}).`,
          {
            cause,
          },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function refusal(responseCode: number, text: string): Error & { responseCode: number } {
  return Object.assign(new Error(text), { responseCode });
}
