/** What mail providers tell of our mails, in our own terms: which mail, and whether it bounced or someone complained. Pure. */
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { Bounce } from '../bounce.ts';
import { judgeRefusal } from '../bounce-reasons.ts';
import { findReplyCode, findStage, findStatus } from '../bounce-report.ts';

export type Provider = 'ses' | 'postmark' | 'mailgun' | 'sendgrid';

export type ProviderReport = Pick<Bounce, 'kind' | 'hard' | 'status' | 'reason'>;

export interface ProviderEvent {
  /** Texts in which our own name of the mail may stand: its Message-ID, its envelope sender. */
  names: readonly string[];
  report: ProviderReport;
}

/** A field of an event: what is missing or of another kind says nothing, and must not cost the rest of the event. */
export const looseText = z.string().catch('');

/** The body of a request as JSON. Throws AppError `INPUT_INVALID`. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new AppError('INPUT_INVALID', 'The body must be JSON.', { cause });
  }
}

/** What "this address is gone" from a provider stands for; any other reason that the server gave stands against it. */
const LEFT_OPEN: ReadonlySet<string> = new Set(['onhold', 'filtered']);

/**
 * `said` is the answer of the receiving server. It decides, where it says anything: providers call many a refusal
 * permanent that is about the mail and not the address. `verdict` is the provider's: the address is `gone`, the mail
 * `failed`, or it did not work `for_now`.
 */
export function toFailure({
  said,
  status,
  code,
  verdict,
}: {
  said: string;
  status: string;
  code: number | null;
  verdict: 'gone' | 'failed' | 'for_now';
}): ProviderReport {
  const known = findStatus(status) ?? findStatus(said);
  const judged = judgeRefusal({
    text: said,
    status: known,
    code: code ?? findReplyCode(said),
    stage: findStage(said),
  });
  if (verdict === 'for_now') return { kind: 'bounce', hard: false, status: known, reason: judged.reason };
  if (verdict === 'gone' && LEFT_OPEN.has(judged.reason)) return { ...ADDRESS_GONE, status: known };
  return { kind: 'bounce', status: known, ...judged };
}

/** Also for what a provider does not send any more because the address has bounced before. */
export const ADDRESS_GONE: ProviderReport = {
  kind: 'bounce',
  hard: true,
  status: null,
  reason: 'userunknown',
};

/** `type` is that of the feedback report (RFC 5965), where there was one. */
export function toComplaint(type = ''): ProviderReport {
  const reason = type.toLowerCase().replace(/[^a-z-]/g, '') || 'abuse';
  return { kind: 'complaint', hard: false, status: null, reason: reason.slice(0, 40) };
}
