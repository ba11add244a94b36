/**
 * What follows from a mail that came back. An address that is gone gets no more mail at once; one that fails for now
 * gets none after five failures in a row over ten days; someone who complains has left. All else changes nothing.
 */
import type { Context } from '../context.ts';
import type { Bounce } from './bounce.ts';
import { judgeRefusal } from './bounce-reasons.ts';
import { findStatus } from './bounce-report.ts';
import {
  type BounceKind,
  endWish,
  findReturnedDelivery,
  insertBounce,
  insertSuppression,
  listSentWithBounces,
  type ReturnedDelivery,
  unsubscribeComplainer,
} from './bounces.repo.ts';
import { checkSending } from './guard.ts';

export type BounceOutcome =
  | { result: 'suppressed'; because: 'hard_bounce' | 'soft_bounce' | 'complaint' }
  /** A failure for now, the number of it in a row. */
  | { result: 'counted'; inRow: number }
  | {
      result: 'ignored';
      because:
        | 'unknown_delivery'
        | 'former_address'
        | 'never_sent'
        | 'too_old'
        | 'already_recorded'
        | 'needs_nothing';
    };

/** Servers give up after five days; a month leaves time for slow people and none for old mail to be used again. */
const REPORT_WITHIN_MS = 30 * 24 * 3600_000;
const SOFT_IN_ROW = 5;
const SOFT_OVER_MS = 10 * 24 * 3600_000;
/** A mail that has not come back after so long has arrived (RFC 5321 4.5.4.1 has servers try for 4 to 5 days). */
const SETTLED_MS = 5 * 24 * 3600_000;
/** Far more than a row of failures has. */
const LOOK_BACK = 100;
/** Reports on good mail and on forged senders are no complaint of a reader. */
const NO_COMPLAINT = new Set(['not-spam', 'auth-failure', 'dmarc']);

/** `deliveryId` must have been proven, by the address that the report came to: the report itself proves nothing. */
export async function recordBounce(
  ctx: Context,
  deliveryId: number,
  bounce: Pick<Bounce, 'kind' | 'hard' | 'status' | 'reason'>,
): Promise<BounceOutcome> {
  const kind = kindOf(bounce);
  const outcome: BounceOutcome = kind
    ? await ctx.db.transaction(async (tx) => {
        const now = ctx.now();
        const delivery = await findReturnedDelivery(tx, deliveryId);
        const fault = faultOf(delivery, now);
        if (fault || !delivery) return { result: 'ignored', because: fault ?? 'unknown_delivery' };
        const { status, reason } = bounce;
        const isNew = await insertBounce(tx, { deliveryId, kind, status, reason, createdAt: now });
        if (!isNew) return { result: 'ignored', because: 'already_recorded' };
        return follow(tx, delivery, kind, describe(bounce), now);
      })
    : { result: 'ignored', because: 'needs_nothing' };
  ctx.log.info({
    event: 'bounce.recorded',
    deliveryId,
    kind: bounce.kind,
    reason: bounce.reason,
    ...outcome,
  });
  if (outcome.result === 'suppressed') await checkSending(ctx, deliveryId);
  return outcome;
}

/**
 * For a mail that the server refused while it was handed over, asked about the address: the same as a hard bounce,
 * where the answer says that the address is gone. Returns whether it does. The delivery must be this worker's.
 */
export async function suppressRefused(
  ctx: Context,
  deliveryId: number,
  refusal: { answer: string; code: number | null },
): Promise<boolean> {
  const { answer, code } = refusal;
  const status = findStatus(answer);
  const { reason, hard } = judgeRefusal({ text: answer, status, code, stage: 'rcpt' });
  if (!hard) return false;
  const suppressed = await ctx.db.transaction(async (tx) => {
    const delivery = await findReturnedDelivery(tx, deliveryId);
    if (!delivery) return false;
    const now = ctx.now();
    await insertBounce(tx, { deliveryId, kind: 'hard', status, reason, createdAt: now });
    const { result } = await follow(tx, delivery, 'hard', describe({ status, reason }), now);
    return result === 'suppressed';
  });
  if (suppressed) ctx.log.info({ event: 'bounce.refused', deliveryId, reason, code });
  return suppressed;
}

type Transaction = Parameters<typeof findReturnedDelivery>[0];

async function follow(
  tx: Transaction,
  { subscriberId, emailHash, about }: ReturnedDelivery,
  kind: BounceKind,
  detail: string,
  now: Date,
): Promise<BounceOutcome> {
  if (emailHash === null) return { result: 'ignored', because: 'former_address' };
  const suppress = async (because: 'hard_bounce' | 'soft_bounce' | 'complaint'): Promise<BounceOutcome> => {
    await insertSuppression(tx, { emailHash, reason: because, detail, createdAt: now });
    if (about === 'wish') await endWish(tx, subscriberId);
    return { result: 'suppressed', because };
  };
  switch (kind) {
    case 'hard':
      return suppress('hard_bounce');
    case 'complaint':
      // Whoever was asked and complains need not be the subscriber.
      if (about === 'subscriber') await unsubscribeComplainer(tx, subscriberId, now);
      return suppress('complaint');
    case 'soft': {
      if (about === 'wish') return { result: 'counted', inRow: 1 };
      const { inRow, overMs } = countSoft(await listSentWithBounces(tx, subscriberId, LOOK_BACK), now);
      return inRow >= SOFT_IN_ROW && overMs >= SOFT_OVER_MS
        ? suppress('soft_bounce')
        : { result: 'counted', inRow };
    }
  }
}

/**
 * How many failed in a row up to the newest that has failed, and over what time. `sent` is newest first. Of mails that
 * went out a moment ago nobody knows yet: they neither fail nor end the row.
 */
export function countSoft(
  sent: readonly { sentAt: Date; soft: boolean }[],
  now: Date,
): { inRow: number; overMs: number } {
  const settledBefore = now.getTime() - SETTLED_MS;
  const first = sent.findIndex(({ soft, sentAt }) => soft || sentAt.getTime() < settledBefore);
  const known = first < 0 ? [] : sent.slice(first);
  const end = known.findIndex(({ soft }) => !soft);
  const row = end < 0 ? known : known.slice(0, end);
  const newest = row[0]?.sentAt.getTime() ?? 0;
  const oldest = row.at(-1)?.sentAt.getTime() ?? 0;
  return { inRow: row.length, overMs: newest - oldest };
}

function kindOf({ kind, hard, reason }: Pick<Bounce, 'kind' | 'hard' | 'reason'>): BounceKind | null {
  switch (kind) {
    case 'bounce':
      return hard ? 'hard' : 'soft';
    case 'complaint':
      return NO_COMPLAINT.has(reason) ? null : 'complaint';
    case 'autoreply':
    case 'delivered':
    case 'unrelated':
      return null;
  }
}

function faultOf(
  delivery: ReturnedDelivery | null,
  now: Date,
): 'unknown_delivery' | 'never_sent' | 'too_old' | null {
  if (!delivery) return 'unknown_delivery';
  // A report can be faster than our own note that the mail was taken.
  const { status, isUnknown } = delivery;
  if (status !== 'sent' && status !== 'sending' && !isUnknown) return 'never_sent';
  const sentAt = delivery.finishedAt ?? delivery.createdAt;
  return now.getTime() - sentAt.getTime() > REPORT_WITHIN_MS ? 'too_old' : null;
}

/** For the operator: a code and a word, nothing of what a stranger wrote. */
function describe({ status, reason }: Pick<Bounce, 'status' | 'reason'>): string {
  return [status, reason].filter(Boolean).join(' ');
}
