/** Claims, writes, sends and records the mails of one job. */
import type { Context } from '../context.ts';
import { describeFault } from '../errors.ts';
import { enqueueSends } from '../hints.ts';
import { isAboutRecipient, readDeliveryFault } from '../mail/delivery-error.ts';
import { MAX_ATTEMPTS, retryDelayMs } from '../queues.ts';
import { claimAsNeeded, type Left } from './claims.ts';
import {
  type ClaimedDelivery,
  listPending,
  listTopicNames,
  type Outcome,
  type PendingDelivery,
  skipUnwanted,
} from './deliveries.repo.ts';
import { listDigestContents } from './digest-content.repo.ts';
import { checkSending } from './guard.ts';
import { openOutcomeLog } from './outcomes.ts';
import { postpone } from './pace.repo.ts';
import { awaitTurn, noteFault, noteSuccess } from './pace-domain.ts';
import { suppressRefused } from './record-bounce.ts';
import { untilStuck } from './stuck.ts';
import { UNKNOWN_PREFIX } from './unknown-fate.repo.ts';
import { type MailParts, writeMail } from './write-mail.ts';

export interface Delivered {
  sent: number;
  failed: number;
  /** Back to pending, with a job for their next try. */
  deferred: number;
  skipped: number;
  /** Left to themselves, as their servers take long: what comes of them is written down all the same. */
  inHand: number;
}

/** While a job speaks of a mail that waits for the rate, `recover` need not; a wiped queue is noticed after this time. */
const ASKED_FOR_MS = 10 * 60_000;
/** When a job asks again for mails that it makes way with. */
const AGAIN_MS = { soon: 1000, later: 30_000 };

/**
 * Sends those of `deliveryIds` that are pending and wanted, several at a time. They are claimed a few at once and right
 * before they are sent, so nothing goes to someone who left while the job waited, and no digest while sending is paused;
 * what a pause holds stays pending. A domain that asked for patience gets its mails in turn, all together go as fast as
 * SEND_RATE and SEND_WARMUP let them. `ending` stops it after the mails in hand; the rest is asked for again.
 * Returns before all have ended where those in hand take long, and asks again for the others.
 */
export async function deliver(
  ctx: Context,
  deliveryIds: readonly number[],
  ending?: AbortSignal,
): Promise<Delivered> {
  const mails = await listPending(ctx.db, deliveryIds);
  const parts: MailParts = { digests: new Map(), topicNames: new Map() };
  const counts = { sent: 0, failed: 0, pending: 0 };
  const retries = new Map<number, ClaimedDelivery[]>();
  const refusals: { id: number; answer: string; code: number | null }[] = [];
  const outcomes = openOutcomeLog(ctx);
  // Not before the rate lets any of them go.
  const loadParts = async () => {
    const digestIds = mails.flatMap(({ digestId }) => digestId ?? []);
    parts.digests = await listDigestContents(ctx.db, digestIds);
    parts.topicNames = await listTopicNames(ctx.db);
  };
  const claims = claimAsNeeded(ctx, mails, loadParts, ending);
  const lane = async () => {
    for (let claim = await claims.next(); claim !== null; claim = await claims.next()) {
      const { outcome, refusal } = await tryOne(ctx, claim, parts, ending).finally(() => claims.done(claim));
      const written = outcomes.add(outcome);
      counts[outcome.status]++;
      if (refusal) refusals.push({ id: claim.id, ...refusal });
      if (outcome.status === 'pending') {
        const at = outcome.nextAttemptAt.getTime();
        retries.set(at, [...(retries.get(at) ?? []), claim]);
      }
      if (ending?.aborted) claims.stop();
      await written;
    }
  };
  const lanes = Array.from({ length: Math.min(ctx.config.mail.sendConcurrency, mails.length) }, lane);
  const end = async (): Promise<Delivered> => {
    // Each ends its mail before anything is thrown, or what came of it would be lost.
    const ended = await Promise.allSettled(lanes);
    const left = claims.close();
    await outcomes.close();
    for (const { id, ...refusal } of refusals) await suppressRefused(ctx, id, refusal);
    if (refusals.length > 0 || retries.size > 0) await checkSending(ctx);
    for (const [at, again] of retries) await enqueueAt(ctx, new Date(at), again);
    const putOff = await putOffRest(ctx, left);
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
    const skipped = await skipUnwanted(ctx.db, deliveryIds, ctx.now());
    const { pending, ...done } = counts;
    const deferred = pending + putOff;
    ctx.log.info({ event: 'delivery.batch', ...done, deferred, skipped });
    return { ...done, deferred, skipped, inHand: 0 };
  };
  const whole = end();
  const ended = () => counts.sent + counts.failed + counts.pending;
  const { canBegin } = claims;
  const stuck = untilStuck({ ended, canBegin, canOthersGo: ctx.lanes.isAnyFree }, whole);
  const delivered = await Promise.race([whole, stuck]);
  if (delivered) return delivered;
  whole.catch((error) => ctx.log.warn({ event: 'delivery.last_ones', error: describeFault(error) }));
  const { begun, claimed, left } = claims.abandon();
  const soon = new Date(ctx.now().getTime() + AGAIN_MS.soon);
  const later = new Date(ctx.now().getTime() + AGAIN_MS.later);
  for (const claim of claimed) {
    await outcomes.add(putBack(ctx, claim, 'others of its job took long', soon).outcome);
  }
  // Where its domain is silent, a mail would only be in the way.
  const hasRoom = ({ domain }: PendingDelivery) => ctx.lanes.room(domain) > 0;
  const rest = [...claimed, ...left];
  await enqueueAt(ctx, soon, rest.filter(hasRoom));
  await enqueueAt(
    ctx,
    later,
    rest.filter((mail) => !hasRoom(mail)),
  );
  const { pending: deferred, ...done } = counts;
  return { ...done, deferred, skipped: 0, inHand: begun };
}

interface Tried {
  outcome: Outcome;
  /** Where the server, asked about the address, said no for good. */
  refusal?: { answer: string; code: number | null };
}

async function tryOne(
  ctx: Context,
  delivery: ClaimedDelivery,
  parts: MailParts,
  ending?: AbortSignal,
): Promise<Tried> {
  if (ending?.aborted) return putBack(ctx, delivery, 'the worker ended', ctx.now());
  const { domain, kind } = delivery;
  if (delivery.isDomainSlow || ctx.lanes.isSlow(domain)) {
    const at = await awaitTurn(ctx, domain, kind !== 'digest');
    if (at) return putBack(ctx, delivery, `${domain} takes mail slowly, so this one waits for its turn`, at);
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
  // Whole seconds, so that mails that fail together are one job when they are tried again.
  const waitMs = Math.max(retryDelayMs(attempts), askedMs);
  const nextAttemptAt = new Date(Math.ceil((at.getTime() + waitMs) / 1000) * 1000);
  return {
    outcome: { delivery, status: 'pending', answer, at, nextAttemptAt, counts: kind === 'deferred' },
  };
}

/** Back to pending without a try. */
function putBack(ctx: Context, delivery: ClaimedDelivery, answer: string, nextAttemptAt: Date): Tried {
  return {
    outcome: { delivery, status: 'pending', answer, at: ctx.now(), nextAttemptAt, counts: false },
  };
}

/** Asks again for what was not claimed. Returns how many of them nobody should wait for. */
async function putOffRest(ctx: Context, { mails, refusal }: Left): Promise<number> {
  if (mails.length === 0) return 0;
  const now = ctx.now();
  const { until, because } = refusal ?? { until: now, because: null };
  const ids = mails.map(({ id }) => id);
  if (because === 'warmup') {
    await postpone(ctx.db, ids, {
      at: until,
      dueBefore: until,
      outcome: 'waits for the next day of the warm-up',
    });
  } else if (because === 'rate') {
    const at = new Date(Math.max(until.getTime(), now.getTime() + ASKED_FOR_MS));
    await postpone(ctx.db, ids, { at, dueBefore: now, outcome: null });
  }
  await enqueueAt(ctx, until, mails);
  return because === 'warmup' ? mails.length : 0;
}

async function enqueueAt(ctx: Context, at: Date, mails: readonly PendingDelivery[]): Promise<void> {
  const delayMs = Math.max(0, at.getTime() - ctx.now().getTime());
  for (const urgency of ['waiting', 'bulk'] as const) {
    const ids = mails.filter(({ kind }) => (kind === 'digest') === (urgency === 'bulk')).map(({ id }) => id);
    await enqueueSends(ctx, ids, urgency, delayMs);
  }
}
