/** Tries a mail server up to the login and sends nothing: what an operator wants to know before the first mail. */
import type { TLSSocket } from 'node:tls';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { refuseLogin } from './smtp-pool.ts';
import type { SmtpServer } from './smtp-url.ts';

export interface SmtpProbe {
  /** The step that did not work, with what was said; later steps were then not tried. */
  failed: { step: 'connection' | 'encryption' | 'login'; error: Error } | null;
  /** Null where the connection is in the clear. */
  tls: { protocol: string; certificateEndsAt: Date } | null;
  pipelining: boolean;
}

/** Takes `timeoutMs` for each step at most. */
export async function probeSmtp(server: SmtpServer, timeoutMs: number): Promise<SmtpProbe> {
  const { host, port, secure, credentials } = server;
  const connection = new SMTPConnection({
    host,
    port,
    secure,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
  });
  const seen: SmtpProbe = { failed: null, tls: null, pipelining: false };
  try {
    const failure = await connect(connection);
    if (failure) {
      return { ...seen, failed: { step: isAboutTls(failure) ? 'encryption' : 'connection', error: failure } };
    }
    seen.tls = readTls(connection);
    seen.pipelining = /^250[ -]PIPELINING\b/im.test(String(connection.lastServerResponse));
    const refusal = credentials && (await login(connection, credentials, server));
    return refusal ? { ...seen, failed: { step: 'login', error: refusal } } : seen;
  } finally {
    connection.quit();
    connection.close();
  }
}

function connect(connection: SMTPConnection): Promise<Error | null> {
  return new Promise((resolve) => {
    connection.on('error', resolve);
    connection.connect((error) => resolve(error ?? null));
  });
}

function login(
  connection: SMTPConnection,
  credentials: { user: string; pass: string },
  server: SmtpServer,
): Promise<Error | null> {
  const refusal = refuseLogin(connection, server);
  if (refusal) return Promise.resolve(refusal);
  return new Promise((resolve) => {
    connection.on('error', resolve);
    connection.login({ credentials }, (error) => resolve(error ?? null));
  });
}

function readTls({ secure, _socket }: SMTPConnection): SmtpProbe['tls'] {
  if (!secure) return null;
  const socket = _socket as TLSSocket;
  return {
    protocol: socket.getProtocol() ?? 'TLS',
    certificateEndsAt: new Date(socket.getPeerCertificate().valid_to),
  };
}

/** nodemailer keeps Node's own code of a certificate that is not to be trusted. */
function isAboutTls(error: Error): boolean {
  const { code = '', originalCode = '' } = error as Error & { code?: string; originalCode?: string };
  return code === 'ETLS' || /CERT|TLS|SSL|ISSUER|SIGNATURE/.test(originalCode);
}
