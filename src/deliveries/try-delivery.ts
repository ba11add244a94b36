/** Sends one claimed mail, and says what is to be written down of it. */
import type { Context } from '../context.ts';
import { isAboutRecipient, readDeliveryFault } from '../mail/delivery-error.ts';
import { MAX_ATTEMPTS, retryDelayMs } from '../queues.ts';
import type { ClaimedDelivery, Outcome } from './claims.repo.ts';
import { awaitTurn, noteFault, noteSuccess } from './pace-domain.ts';
import { UNKNOWN_PREFIX } from './unknown-fate.repo.ts';
import { type MailParts, writeMail } from './write-mail.ts';

/** What came of a mail; `refusal` where the server, asked about the address, said no for good. */
export interface Tried {
  outcome: Outcome;
  refusal?: { answer: string; code: number | null };
}

/** Writes and sends a mail that was claimed. Never throws for what a server says. */
export async function tryDelivery(
  ctx: Context,
  delivery: ClaimedDelivery,
  parts: MailParts,
  ending?: AbortSignal,
): Promise<Tried> {
  if (ending?.aborted) return putBack(ctx, delivery, 'the worker ended', ctx.now());
  const { domain, kind } = delivery;
  if (delivery.isDomainSlow || ctx.lanes.isSlow(domain)) {
    const at = await awaitTurn(ctx, domain, kind !== 'digest');
    const why = `${domain} takes mail slowly, so this one waits for its turn`;
    if (at) return putBack(ctx, delivery, why, wholeSecond(at));
  }
  const startedAt = ctx.now();
  try {
    const { answer } = await ctx.mailer.send(writeMail(ctx, delivery, parts, startedAt));
    if (ctx.lanes.isSlow(domain)) await noteSuccess(ctx, domain, startedAt);
    return { outcome: { delivery, status: 'sent', answer, at: ctx.now() } };
  } catch (error) {
    const { isAboutDomain, answer } = readDeliveryFault(error);
    const askedMs = isAboutDomain ? await noteFault(ctx, domain, startedAt, answer) : 0;
    return judgeFault(ctx, delivery, error, askedMs);
  }
}

function judgeFault(ctx: Context, delivery: ClaimedDelivery, error: unknown, askedMs: number): Tried {
  const { kind, answer, code, unknown } = readDeliveryFault(error);
  const { id, attempts } = delivery;
  const at = ctx.now();
  ctx.log.warn({ event: 'delivery.fault', deliveryId: id, kind, code, attempts });
  if (unknown && ctx.config.mail.unknownDelivery === 'hold') {
    return { outcome: { delivery, status: 'failed', answer: UNKNOWN_PREFIX + answer, at } };
  }
  if (kind === 'rejected' || (kind === 'deferred' && attempts >= MAX_ATTEMPTS)) {
    const refusal = kind === 'rejected' && isAboutRecipient(error) ? { answer, code } : undefined;
    return { outcome: { delivery, status: 'failed', answer, at }, refusal };
  }
  const waitMs = Math.max(retryDelayMs(attempts), askedMs);
  const nextAttemptAt = wholeSecond(new Date(at.getTime() + waitMs));
  return {
    outcome: { delivery, status: 'pending', answer, at, nextAttemptAt, counts: kind === 'deferred' },
  };
}

/** So that mails that wait for about the same time are one job then, of whatever domains they are. */
function wholeSecond(at: Date): Date {
  return new Date(Math.ceil(at.getTime() / 1000) * 1000);
}

/** Back to pending without a try; `answer` says why. */
export function putBack(ctx: Context, delivery: ClaimedDelivery, answer: string, nextAttemptAt: Date): Tried {
  return {
    outcome: { delivery, status: 'pending', answer, at: ctx.now(), nextAttemptAt, counts: false },
  };
}
