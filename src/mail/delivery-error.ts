/** Reads what went wrong while a mail was handed over: for good, for now, or before the server was reached at all. */

export type DeliveryFault = {
  /** `rejected`: this mail will never be taken. `deferred`: try again. `unreachable`: the server itself is at fault, and does not have the mail. */
  kind: 'rejected' | 'deferred' | 'unreachable';
  /** The server's answer or the network's, on one line. May name the address, so it is not for logs. */
  answer: string;
  /** SMTP code, where a server answered. */
  code: number | null;
  /** Nobody knows whether the server has the mail: its body was begun, and no answer came. */
  unknown: boolean;
  /** It speaks of the domain that the mail is for: an answer for now to its address or its body, or none at all to the body. */
  isAboutDomain: boolean;
};

/** Says of an error that the server had asked for the body when it came about. */
export function withBodyBegun(error: unknown): unknown {
  return error instanceof Error ? Object.assign(error, { bodyBegun: true }) : error;
}

export function isBodyBegun(error: unknown): boolean {
  return error instanceof Error && 'bodyBegun' in error;
}

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
  'EPROTOCOL',
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
  const asked = command === 'RCPT TO' || command === 'DATA';
  const isForNow = smtpCode !== null && smtpCode >= 400 && smtpCode < 500;
  const fault = { answer, code: smtpCode, unknown: false, isAboutDomain: asked && isForNow };
  // It did reach a server, which may have taken it: without a count it could go out again and again.
  if (smtpCode === null && isBodyBegun(error))
    return { ...fault, kind: 'deferred', unknown: true, isAboutDomain: true };
  if (smtpCode === 421 || (code && SERVER_FAULTS.has(code) && !(smtpCode && aboutThisMail(command)))) {
    return { ...fault, kind: 'unreachable' };
  }
  // A message we can't build ourselves will not get better by waiting.
  if (code === 'EENVELOPE' && smtpCode === null) return { ...fault, kind: 'rejected' };
  if (smtpCode !== null && smtpCode >= 500) return { ...fault, kind: 'rejected' };
  return { ...fault, kind: 'deferred' };
}

function aboutThisMail(command: string | undefined): boolean {
  return command === 'RCPT TO' || command === 'DATA' || command === 'MAIL FROM';
}
