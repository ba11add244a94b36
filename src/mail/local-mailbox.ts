/** The local mailbox: a catch-all SMTP server on loopback that keeps each mail as a file, for running without a mail server. */
import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { makeFolder } from '../db/data-dir.ts';

export interface MailboxEntry {
  id: string;
  receivedAt: Date;
  from: string;
  to: string;
  subject: string;
}

export interface MailboxMail extends MailboxEntry {
  html: string | null;
  text: string;
  /** The message as it came over SMTP. */
  source: string;
}

export interface LocalMailbox {
  /** `smtp://127.0.0.1:…` */
  smtpUrl: string;
  /** Newest first, at most `limit`. */
  list(limit?: number): Promise<MailboxEntry[]>;
  find(id: string): Promise<MailboxMail | null>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

const FILE_NAME = /^\d{13}-[0-9a-f-]{36}\.eml$/;
/** Far above a digest of 30 papers; keeps a mistake from filling the disk. */
const MAX_MAIL_BYTES = 10 * 1024 * 1024;

/**
 * Opens the mailbox kept in `folder`. Several processes may open the same folder:
 * each has its own port, and all see all mail.
 */
export async function openLocalMailbox(folder: string, now: () => Date): Promise<LocalMailbox> {
  await makeFolder(folder);
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: MAX_MAIL_BYTES,
    logger: false,
    closeTimeout: 1000,
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        // RFC 5321 4.4: the last server writes down the envelope, which the message itself doesn't show.
        const envelope = [
          `Return-Path: <${mailFrom ? mailFrom.address : ''}>`,
          ...rcptTo.map(({ address }) => `Delivered-To: ${address}`),
          '',
        ].join('\r\n');
        keep(folder, now(), Buffer.concat([Buffer.from(envelope), ...chunks])).then(
          () => callback(),
          callback,
        );
      });
    },
  });
  // A client that goes away mid-mail is no fault of this process.
  server.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.server.address() as AddressInfo;

  return {
    smtpUrl: `smtp://127.0.0.1:${port}`,
    async list(limit = 200) {
      const names = (await readdir(folder))
        .filter((name) => FILE_NAME.test(name))
        .sort()
        .reverse();
      const mails = await Promise.all(names.slice(0, limit).map((name) => read(folder, name)));
      return mails.filter((mail) => mail !== null).map(({ html, text, source, ...entry }) => entry);
    },
    async find(id) {
      return FILE_NAME.test(`${id}.eml`) ? read(folder, `${id}.eml`) : null;
    },
    async clear() {
      const names = (await readdir(folder)).filter((name) => FILE_NAME.test(name));
      await Promise.all(names.map((name) => rm(join(folder, name), { force: true })));
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

async function keep(folder: string, receivedAt: Date, mail: Buffer): Promise<void> {
  const name = `${receivedAt.getTime()}-${randomUUID()}.eml`;
  const path = join(folder, name);
  // Whole or not at all: a reader never sees half a mail.
  await writeFile(`${path}.part`, mail, { mode: 0o600 });
  await rename(`${path}.part`, path);
}

async function read(folder: string, name: string): Promise<MailboxMail | null> {
  const source = await readFile(join(folder, name)).catch(() => null);
  if (!source) return null;
  const mail = await simpleParser(source, { skipTextToHtml: true, skipImageLinks: true });
  return {
    id: name.slice(0, -'.eml'.length),
    receivedAt: new Date(Number(name.slice(0, 13))),
    from: mail.from?.text ?? '',
    to: recipient(mail),
    subject: mail.subject ?? '(no subject)',
    html: mail.html || null,
    text: mail.text ?? '',
    source: source.toString('utf8'),
  };
}

function recipient(mail: ParsedMail): string {
  const to = Array.isArray(mail.to) ? mail.to[0] : mail.to;
  return to?.text ?? '';
}
