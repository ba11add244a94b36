/** The one owner of imapflow: reads what is new in a mailbox, and marks what was read. Nothing is ever deleted. */
import { isIP } from 'node:net';
import type { ImapFlow } from 'imapflow';
import { AppError } from '../errors.ts';
import type { ImapMailbox } from './imap-url.ts';

const MAX_MESSAGE_BYTES = 1024 * 1024;
const MAX_ROUND_BYTES = 50 * 1024 * 1024;
const MAX_ROUND_MESSAGES = 1000;
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };

/** Beside "seen", on what meant something to us: a person can look at the others. */
const UNDERSTOOD = 'Paperboy';

/**
 * Hands over each message that nobody has seen, the first in the mailbox first, as much of it as the first MB holds, and
 * marks it once `take` is done; `take` tells whether it was understood. Ends early at 50 MB, at 1,000 messages, or when
 * `signal` fires: the rest is for the next round. Throws what `take` throws, and AppError `MAILBOX_LOGIN_REFUSED`,
 * `MAILBOX_FOLDER_MISSING`, `MAILBOX_READ_ONLY` or `MAILBOX_UNREACHABLE`.
 */
export async function readUnseen(
  mailbox: ImapMailbox,
  { signal, take }: { signal: AbortSignal; take: (raw: Uint8Array) => Promise<boolean> },
): Promise<void> {
  // 30 MB and a good part of a second, for the one process that reads a mailbox.
  const { ImapFlow } = await import('imapflow');
  const client = new ImapFlow({
    host: mailbox.host,
    port: mailbox.port,
    secure: mailbox.secure,
    doSTARTTLS: mailbox.secure || isThisMachine(mailbox.host) ? undefined : true,
    auth: { user: mailbox.user, pass: mailbox.password },
    // Its lines would hold addresses.
    logger: false,
    disableAutoIdle: true,
    ...TIMEOUTS,
  });
  // The call under way fails too, and tells it.
  client.on('error', () => {});
  try {
    await reach(() => client.connect());
    await openFolder(client, mailbox.folder);
    const found = await reach(() => client.search({ seen: false }, { uid: true }));
    if (!found) throw unreachable();
    let bytes = 0;
    for (const uid of found.slice(0, MAX_ROUND_MESSAGES)) {
      if (signal.aborted || bytes >= MAX_ROUND_BYTES) break;
      const raw = await fetchRaw(client, uid);
      if (!raw) continue;
      bytes += raw.length;
      await mark(client, uid, (await take(raw)) ? ['\\Seen', UNDERSTOOD] : ['\\Seen']);
    }
    await client.logout().catch(() => {});
  } finally {
    client.close();
  }
}

async function openFolder(client: ImapFlow, folder: string): Promise<void> {
  try {
    await client.mailboxOpen(folder);
  } catch (cause) {
    if (!isRefusal(cause)) throw unreachable(cause);
    throw new AppError('MAILBOX_FOLDER_MISSING', 'The folder of BOUNCE_IMAP_URL can not be opened.', {
      cause,
    });
  }
}

/** Null where someone else has taken it away. */
async function fetchRaw(client: ImapFlow, uid: number): Promise<Uint8Array | null> {
  const source = { maxLength: MAX_MESSAGE_BYTES };
  const message = await reach(() => client.fetchOne(String(uid), { source }, { uid: true }));
  const raw = message ? message.source : undefined;
  if (raw) return raw;
  if (!client.usable) throw unreachable();
  return null;
}

async function mark(client: ImapFlow, uid: number, flags: string[]): Promise<void> {
  const isMarked = await reach(() => client.messageFlagsAdd(String(uid), flags, { uid: true }));
  if (isMarked) return;
  // The client says no more of a connection that broke.
  if (!client.usable) throw unreachable();
  // Left at that, it would be read again every minute, and what is behind it never.
  throw new AppError('MAILBOX_READ_ONLY', 'Messages in the folder of BOUNCE_IMAP_URL can not be marked.');
}

async function reach<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof Error && 'authenticationFailed' in cause && cause.authenticationFailed) {
      throw new AppError(
        'MAILBOX_LOGIN_REFUSED',
        'The mailbox refuses the user or password of BOUNCE_IMAP_URL.',
        { cause },
      );
    }
    throw unreachable(cause);
  }
}

/** A server that says no, and not a connection that fails. */
function isRefusal(cause: unknown): boolean {
  return cause instanceof Error && 'responseStatus' in cause && cause.responseStatus === 'NO';
}

function unreachable(cause?: unknown): AppError {
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new AppError('MAILBOX_UNREACHABLE', `The server of BOUNCE_IMAP_URL does not answer${code}.`, {
    cause,
    retry: true,
  });
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
