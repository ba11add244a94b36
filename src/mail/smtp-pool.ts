/**
 * Connections to one mail server, kept open from mail to mail. They are nodemailer's; its own pool is left out, because
 * it runs every message through a composer again, which takes as long as all the rest of sending.
 */
import { Readable } from 'node:stream';
import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';

export interface SmtpServer {
  options: SMTPConnectionOptions;
  credentials: { user: string; pass: string } | null;
}

export interface SmtpPool {
  /** Waits for a free connection. Returns the server's answer once it has taken the mail; throws nodemailer's errors otherwise. */
  send(envelope: { from: string; to: string }, raw: Buffer): Promise<string>;
  close(): void;
}

/** How long a silent server is waited for, in ms. */
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 40_000 };

/** Opens nothing yet: connections are made as mails ask for them, up to `connections` at once. */
export function openSmtpPool(server: SmtpServer, { connections }: { connections: number }): SmtpPool {
  const open = new Set<SMTPConnection>();
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
    const connection = new SMTPConnection({ ...server.options, ...TIMEOUTS });
    open.add(connection);
    connection.once('end', () => {
      open.delete(connection);
      const at = idle.indexOf(connection);
      if (at >= 0) idle.splice(at, 1);
    });
    await greet(connection, server.credentials);
    return connection;
  }

  async function trySend(envelope: { from: string; to: string }, raw: Buffer): Promise<string> {
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
      else connection.close();
      // Servers end a connection that idled or carried its number of mails; not a byte of this one has gone.
      if (kept && !body.readableDidRead && !isAboutMail(error)) return trySend(envelope, raw);
      throw error;
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
    close() {
      for (const connection of idle.splice(0)) connection.quit();
      for (const connection of open) connection.close();
    },
  };
}

function greet(connection: SMTPConnection, credentials: SmtpServer['credentials']): Promise<void> {
  return new Promise((resolve, reject) => {
    // Stays for the life of the connection: while nothing is being sent, an error says only that it ended.
    connection.on('error', reject);
    connection.once('end', () => reject(connectionLost()));
    connection.connect((error) => {
      if (error) return reject(error);
      if (!credentials || !connection.allowsAuth) return resolve();
      connection.login({ ...credentials, credentials }, (fault) => {
        if (!fault) return resolve();
        connection.close();
        reject(fault);
      });
    });
  });
}

function sendOver(
  connection: SMTPConnection,
  { from, to }: { from: string; to: string },
  body: Readable,
): Promise<string> {
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
