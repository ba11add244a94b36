/** Whether so much goes wrong that sending on would do harm. Pure: figures in, verdict out. */
import type { Outage } from '../mail/transport.ts';

/** What came of the latest digests, and whether this process reaches a mail server at all. */
export interface SendingFigures {
  /** Digests that were taken or refused for good. */
  mails: number;
  /** Of these, by what came back. */
  hardBounces: number;
  complaints: number;
  outage: Outage | null;
}

/** In percent of the mails. */
export interface GuardLimits {
  hardBouncePercent: number;
  complaintPercent: number;
}

export interface Verdict {
  reason: 'hard_bounces' | 'complaints' | 'unreachable';
  /** One sentence for the operator. */
  detail: string;
}

/** A share of fewer says nothing. */
const MIN_MAILS = 200;
/** One angry reader of a small list is no alarm. */
const MIN_COMPLAINTS = 3;
/** Both are asked for: fifty mails fail within a second while a mail server restarts. */
const AWAY = { mails: 50, ms: 5 * 60_000 };

/** Null where sending may go on. */
export function judgeSending(
  { mails, hardBounces, complaints, outage }: SendingFigures,
  limits: GuardLimits,
  now: Date,
): Verdict | null {
  if (mails >= MIN_MAILS && isAbove(hardBounces, mails, limits.hardBouncePercent)) {
    return {
      reason: 'hard_bounces',
      detail: `Of the last ${mails} digests ${hardBounces} came back as hard bounces (${shareOf(hardBounces, mails)}), more than PAUSE_AT_HARD_BOUNCES allows (${limits.hardBouncePercent} %).`,
    };
  }
  if (
    mails >= MIN_MAILS &&
    complaints >= MIN_COMPLAINTS &&
    isAbove(complaints, mails, limits.complaintPercent)
  ) {
    return {
      reason: 'complaints',
      detail: `Of the last ${mails} digests ${complaints} brought a complaint (${shareOf(complaints, mails)}), more than PAUSE_AT_COMPLAINTS allows (${limits.complaintPercent} %).`,
    };
  }
  if (outage && outage.inRow >= AWAY.mails && now.getTime() - outage.since.getTime() >= AWAY.ms) {
    return {
      reason: 'unreachable',
      detail: `No mail server could be reached for the last ${outage.inRow} mails, since ${outage.since.toISOString()}.`,
    };
  }
  return null;
}

/** "1.25 %" */
export function shareOf(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Number(((part / whole) * 100).toFixed(2))} %`;
}

function isAbove(part: number, whole: number, percent: number): boolean {
  return part * 100 > percent * whole;
}
