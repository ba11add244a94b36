/** A real SMTP server on loopback that keeps every message it takes, and refuses what a test wants refused. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface SinkMail {
  from: string;
  to: string;
  raw: Buffer;
}

export interface MailSink {
  url: string;
  mails: SinkMail[];
  /** Parsed, in the order of arrival. */
  parsed(): Promise<ParsedMail[]>;
  /** Answers RCPT for an address that matches with this code and text; null takes that back. */
  refuse(pattern: RegExp, code: number | null, text?: string): void;
  close(): Promise<void>;
}

export async function startMailSink(): Promise<MailSink> {
  const mails: SinkMail[] = [];
  const refusals = new Map<string, { pattern: RegExp; code: number; text: string }>();
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    // Clients keep their connections; a sink that goes away does not wait for them.
    closeTimeout: 100,
    onRcptTo({ address }, _session, callback) {
      const refusal = [...refusals.values()].find(({ pattern }) => pattern.test(address));
      if (!refusal) return callback();
      const error = new Error(refusal.text) as Error & { responseCode: number };
      error.responseCode = refusal.code;
      return callback(error);
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        for (const { address } of rcptTo) {
          mails.push({ from: mailFrom ? mailFrom.address : '', to: address, raw: Buffer.concat(chunks) });
        }
        callback();
      });
    },
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    parsed: () => Promise.all(mails.map(({ raw }) => simpleParser(raw))),
    refuse(pattern, code, text = `${code}-test refusal`) {
      if (code === null) refusals.delete(pattern.source);
      else refusals.set(pattern.source, { pattern, code, text });
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
