/** Reads what went wrong while a mail was handed over: for good, for now, or before the server was reached at all. */

export type DeliveryFault = {
  /** `rejected`: this mail will never be taken. `deferred`: try again. `unreachable`: the server itself is at fault. */
  kind: 'rejected' | 'deferred' | 'unreachable';
  /** The server's answer or the network's, on one line. May name the address, so it is not for logs. */
  answer: string;
  /** SMTP code, where a server answered. */
  code: number | null;
};

/** Whether the server was asked about the address itself when it answered so. */
export function isAboutRecipient(error: unknown): boolean {
  return ((error ?? {}) as { command?: string }).command === 'RCPT TO';
}

/** Codes of nodemailer that speak of the server or the connection, not of this mail. */
const SERVER_FAULTS = new Set([
  'ECONNECTION',
  'ETIMEDOUT',
  'EDNS',
  'ESOCKET',
  'ETLS',
  'EAUTH',
  'ENOAUTH',
  'EOAUTH2',
  'ECONFIG',
  'EPROXY',
  'EMAXLIMIT',
]);

/** Translates an error of nodemailer. A 5xx to RCPT or DATA is final; a 421 closes the connection, so it counts as the server's. */
export function readDeliveryFault(error: unknown): DeliveryFault {
  const { code, responseCode, response, message, command } = (error ?? {}) as {
    code?: string;
    responseCode?: number;
    response?: string;
    message?: string;
    command?: string;
  };
  const answer = (response ?? message ?? String(error)).replace(/\s+/g, ' ').slice(0, 500);
  const smtpCode = responseCode ?? null;
  if (smtpCode === 421 || (code && SERVER_FAULTS.has(code) && !(smtpCode && aboutThisMail(command)))) {
    return { kind: 'unreachable', answer, code: smtpCode };
  }
  // A message we can't build ourselves will not get better by waiting.
  if (code === 'EENVELOPE' && smtpCode === null) return { kind: 'rejected', answer, code: null };
  if (smtpCode !== null && smtpCode >= 500) return { kind: 'rejected', answer, code: smtpCode };
  return { kind: 'deferred', answer, code: smtpCode };
}

function aboutThisMail(command: string | undefined): boolean {
  return command === 'RCPT TO' || command === 'DATA' || command === 'MAIL FROM';
}
