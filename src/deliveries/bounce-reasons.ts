/**
 * What a mail server meant by its refusal: one word for the reason, and whether the address is gone for good.
 * Pure. Words go before codes, as many servers send one code for everything.
 */

import { BY_REPLY, BY_STATUS, PHRASES, VAGUE } from './bounce-phrases.ts';

/** Reasons for which an address will never take mail again; all others may pass. */
const GONE: ReadonlySet<string> = new Set(['userunknown', 'hostunknown', 'hasmoved', 'notaccept']);

export type SmtpStage = 'connect' | 'mail' | 'rcpt' | 'data' | null;

export interface Refusal {
  /** What the server said, or the whole explanation. */
  text: string;
  /** RFC 3463, such as `5.1.1`. */
  status: string | null;
  /** SMTP reply code. */
  code: number | null;
  /** Which command was refused, where that is known. */
  stage: SmtpStage;
}

/** `hard` only where a server said for good (5xx) that the address is gone. `onhold`: nobody can tell. */
export function judgeRefusal(refusal: Refusal): { reason: string; hard: boolean } {
  const reason = findReason(refusal);
  const forNow = refusal.status ? refusal.status.startsWith('4') : (refusal.code ?? 500) < 500;
  return { reason, hard: GONE.has(reason) && !forNow };
}

function findReason({ text, status, code, stage }: Refusal): string {
  const words = plain(text);
  const detail = status?.slice(2) ?? '';
  const byWords = PHRASES.find(([, phrase]) => phrase.test(words))?.[0] ?? null;
  // The very words of RFC 5321 for 550, which speak of the address where the address was asked about.
  if (byWords === null && code === 550 && stage === 'rcpt' && /mail ?box unavailable/.test(words))
    return 'userunknown';
  const byCode = BY_STATUS[detail] ?? (code === null ? undefined : BY_REPLY[code]) ?? null;
  // An address that is no longer in use is gone where the server says so by code, and may come back where it doesn't.
  if (byWords === 'suspend' && /^1\.[01]$/.test(detail)) return 'userunknown';
  if (byWords === 'userunknown' && isDoubtful(detail, code, stage) && !CERTAIN.test(words)) return 'filtered';
  const reason = byWords ?? byCode ?? VAGUE.find(([, phrase]) => phrase.test(words))?.[0] ?? 'onhold';
  // A door that is shut before anyone said who they are.
  if (reason === 'rejected' && stage === 'connect') return 'blocked';
  // Before RCPT it is the sender who is unknown, and after the message it may be someone in its header.
  if (GONE.has(reason) && (stage === 'mail' || stage === 'connect')) return 'rejected';
  if (reason === 'hostunknown' && stage === 'data' && detail !== '1.2') return 'rejected';
  return reason;
}

/** Said at any stage and meant: Yahoo after the message, Microsoft of an address that is not in the directory. */
const CERTAIN = /delivery error: dd\b|recipient address rejected: access denied/;

/**
 * Large providers answer "user unknown" to the message itself where they don't want it: only an answer to RCPT, a code
 * for addresses, or a server that gives no code at all says that there is no such user.
 */
function isDoubtful(detail: string, code: number | null, stage: SmtpStage): boolean {
  if (detail.startsWith('1.') || stage === 'rcpt') return false;
  return stage === 'data' || code !== null || !/^(?:0\.0)?$/.test(detail);
}

/** Without what would be taken for words of the server: addresses, links, and the codes in front of every line. */
function plain(text: string): string {
  return text
    .slice(0, 4000)
    .toLowerCase()
    .replace(/https?:\/\/\S{1,300}/g, ' ')
    .replace(/<?[^\s<>@]{1,100}@[^\s<>@,;:)]{1,255}>?/g, ' @ ')
    .replace(/(?:\b[245]\d\d[ -])?#?\b[245]\.\d{1,3}\.\d{1,3}\b/g, ' ')
    .replace(/\s+/g, ' ')
    .replaceAll('’', "'");
}
