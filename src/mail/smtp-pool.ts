/**
 * Connections to one mail server, kept open from mail to mail. They are nodemailer's; its own pool is left out, because
 * it runs every message through a composer again, which takes as long as all the rest of sending.
 */
import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { withBodyBegun } from './delivery-error.ts';
import type { SmtpServer } from './smtp-url.ts';

export interface Envelope {
  from: string;
  to: string;
}

export interface SmtpPool {
  /**
   * Waits for a free connection. Returns the server's answer once it has taken the mail; otherwise throws nodemailer's
   * errors, which `isBodyBegun` tells apart.
   */
  send(envelope: Envelope, raw: Buffer): Promise<string>;
  /** Whether the server has let us in and still does. */
  isConnected(): boolean;
  close(): void;
}

/** How long a silent server is waited for, in ms. */
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 40_000 };

/** Opens nothing yet: connections are made as mails ask for them, up to `connections` at once. */
export function openSmtpPool(server: SmtpServer, { connections }: { connections: number }): SmtpPool {
  const open = new Set<SMTPConnection>();
  /** Those of the open ones that are past greeting and login. */
  const ready = new Set<SMTPConnection>();
  const idle: SMTPConnection[] = [];
  const waiting: (() => void)[] = [];
  let taken = 0;

  async function take(): Promise<void> {
    if (taken < connections) taken++;
    // Whoever gives a place back hands it on, so the count stays.
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function giveBack(): void {
    const next = waiting.shift();
    if (next) next();
    else taken--;
  }

  async function connect(): Promise<SMTPConnection> {
    const { host, port, secure } = server;
    const connection = new SMTPConnection({ host, port, secure, ...TIMEOUTS });
    open.add(connection);
    connection.once('end', () => {
      open.delete(connection);
      ready.delete(connection);
      const at = idle.indexOf(connection);
      if (at >= 0) idle.splice(at, 1);
    });
    await greet(connection, server);
    ready.add(connection);
    return connection;
  }

  async function trySend(envelope: Envelope, raw: Buffer): Promise<string> {
    const kept = idle.pop();
    const connection = kept ?? (await connect());
    const body = streamOf(raw);
    try {
      const answer = await sendOver(connection, envelope, body);
      idle.push(connection);
      return answer;
    } catch (error) {
      const stays = isAboutMail(error) && (await resets(connection));
      if (stays) idle.push(connection);
      else {
        ready.delete(connection);
        connection.close();
      }
      // Servers end a connection that idled or carried its number of mails; not a byte of this one has gone.
      if (kept && !body.readableDidRead && !isAboutMail(error)) return trySend(envelope, raw);
      throw body.readableDidRead ? withBodyBegun(error) : error;
    }
  }

  return {
    async send(envelope, raw) {
      await take();
      try {
        return await trySend(envelope, raw);
      } finally {
        giveBack();
      }
    },
    isConnected: () => ready.size > 0,
    close() {
      for (const connection of idle.splice(0)) connection.quit();
      for (const connection of open) connection.close();
    },
  };
}

function greet(connection: SMTPConnection, server: SmtpServer): Promise<void> {
  const { credentials } = server;
  return new Promise((resolve, reject) => {
    // Stays for the life of the connection: while nothing is being sent, an error says only that it ended.
    connection.on('error', reject);
    connection.once('end', () => reject(connectionLost()));
    // In this order, as closing says that the connection was lost.
    const end = (fault: Error) => {
      reject(fault);
      connection.close();
    };
    connection.connect((error) => {
      if (error) return reject(error);
      if (!credentials) return resolve();
      const refusal = refuseLogin(connection, server);
      if (refusal) return end(refusal);
      connection.login({ ...credentials, credentials }, (fault) => {
        if (!fault) return resolve();
        end(fault);
      });
    });
  });
}

/** Why user and password must not be given to this server; null where they may. */
export function refuseLogin(
  { allowsAuth, secure }: SMTPConnection,
  { logsInClear }: SmtpServer,
): Error | null {
  const fault = (words: string) => Object.assign(new Error(words), { code: 'EAUTH' });
  if (!secure && !logsInClear) {
    return fault('not encrypted, so the password was not sent: use smtps://, or add ?insecure=1 to SMTP_URL');
  }
  // Without a login it would take mail to its own domains alone, and refuse all else for good.
  return allowsAuth ? null : fault('the server offers no login, though SMTP_URL names a user');
}

function sendOver(connection: SMTPConnection, { from, to }: Envelope, body: Readable): Promise<string> {
  return untilEnd(connection, (resolve, reject) => {
    connection.send({ from, to: [to] }, body, (error, info) =>
      error || !info ? reject(error) : resolve(info.response),
    );
  });
}

/** As a stream, a message tells whether it was begun: until the server asked for it, it can go another way. */
function streamOf(raw: Buffer): Readable {
  return new Readable({
    read() {
      this.push(raw);
      this.push(null);
    },
  });
}

/** The server answered about this mail; 421 is about the connection. */
function isAboutMail(error: unknown): boolean {
  const { code, responseCode } = (error ?? {}) as { code?: string; responseCode?: number };
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode !== 421;
}

/** Whether the connection is fit for another mail. */
async function resets(connection: SMTPConnection): Promise<boolean> {
  if (connection.destroyed) return false;
  const reset = untilEnd<boolean>(connection, (resolve, reject) => {
    connection.reset((error) => (error ? reject(error) : resolve(true)));
  });
  return reset.catch(() => false);
}

/** A connection that is closed forgets whom it owes an answer. */
function untilEnd<T>(
  connection: SMTPConnection,
  ask: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    // An error of its own, which says more, comes right behind.
    const onEnd = () => setImmediate(() => reject(connectionLost()));
    connection.once('end', onEnd);
    const settle =
      <V>(then: (value: V) => void) =>
      (value: V) => {
        connection.off('end', onEnd);
        then(value);
      };
    ask(settle(resolve), settle(reject));
  });
}

function connectionLost(): Error {
  return Object.assign(new Error('Connection closed unexpectedly'), { code: 'ECONNECTION' });
}
