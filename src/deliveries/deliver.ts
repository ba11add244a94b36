/** Claims, writes, sends and records the mails of one job. */
import type { Context } from '../context.ts';
import { describeFault } from '../errors.ts';
import { enqueueSends } from '../hints.ts';
import { isAboutRecipient, readDeliveryFault } from '../mail/delivery-error.ts';
import { MAX_ATTEMPTS, retryDelayMs } from '../queues.ts';
import {
  type ClaimedDelivery,
  claimDeliveries,
  LEASE_MS,
  listDigestIds,
  listTopicNames,
  type Outcome,
  renewLeases,
  skipUnwanted,
} from './deliveries.repo.ts';
import { listDigestContents } from './digest-content.repo.ts';
import { checkSending } from './guard.ts';
import { openOutcomeLog } from './outcomes.ts';
import { suppressRefused } from './record-bounce.ts';
import { UNKNOWN_PREFIX } from './revive-unknown.repo.ts';
import { type MailParts, writeMail } from './write-mail.ts';

export interface Delivered {
  sent: number;
  failed: number;
  /** Back to pending, with a job for their next try. */
  deferred: number;
  skipped: number;
}

/** So many mails are taken before they are sent, and at worst looked at again after a lease. */
const CLAIM_AT_ONCE = 20;

/**
 * Sends those of `deliveryIds` that are pending and wanted, several at a time. They are claimed a few at once and right
 * before they are sent, so nothing goes to someone who left while the job waited, and no digest while sending is paused;
 * what a pause holds stays pending. `ending` stops it after the mails in
 * hand; the rest is asked for again.
 */
export async function deliver(
  ctx: Context,
  deliveryIds: readonly number[],
  ending?: AbortSignal,
): Promise<Delivered> {
  const parts: MailParts = {
    digests: await listDigestContents(ctx.db, await listDigestIds(ctx.db, deliveryIds)),
    topicNames: await listTopicNames(ctx.db),
  };
  const counts = { sent: 0, failed: 0, pending: 0 };
  const retries = new Map<number, ClaimedDelivery[]>();
  const refusals: { id: number; answer: string; code: number | null }[] = [];
  const outcomes = openOutcomeLog(ctx);
  const claims = claimAsNeeded(ctx, deliveryIds);
  const lane = async () => {
    for (let claim = await claims.next(); claim !== null; claim = await claims.next()) {
      const { outcome, refusal } = ending?.aborted ? putBack(ctx, claim) : await sendOne(ctx, claim, parts);
      claims.done(claim);
      outcomes.add(outcome);
      counts[outcome.status]++;
      if (refusal) refusals.push({ id: claim.id, ...refusal });
      if (outcome.status === 'pending') {
        const at = outcome.nextAttemptAt.getTime();
        retries.set(at, [...(retries.get(at) ?? []), claim]);
      }
      if (ending?.aborted) claims.stop();
    }
  };
  const lanes = Array.from({ length: Math.min(ctx.config.mail.sendConcurrency, deliveryIds.length) }, lane);
  // Each ends its mail before anything is thrown, or what came of it would be lost.
  const ended = await Promise.allSettled(lanes);
  claims.close();
  await outcomes.close();
  for (const { id, ...refusal } of refusals) await suppressRefused(ctx, id, refusal);
  if (refusals.length > 0 || retries.size > 0) await checkSending(ctx);
  for (const [at, again] of retries) await enqueueRetry(ctx, at, again);
  await enqueueSends(ctx, claims.left(), 'bulk');
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
  const skipped = await skipUnwanted(ctx.db, deliveryIds, ctx.now());
  const { pending: deferred, ...done } = counts;
  ctx.log.info({ event: 'delivery.batch', ...done, deferred, skipped });
  return { ...done, deferred, skipped };
}

/** Claims for all lanes of a job: one asks the database, the others wait for what it brings. */
function claimAsNeeded(ctx: Context, deliveryIds: readonly number[]) {
  const waiting = [...deliveryIds];
  const left: number[] = [];
  const claimed: ClaimedDelivery[] = [];
  const held = new Set<ClaimedDelivery>();
  let claiming: Promise<void> | null = null;
  // Waiting for a free connection, or a server that takes its time, must not look like a dead worker.
  const renewal = setInterval(() => {
    renewLeases(ctx.db, [...held], ctx.now()).catch((error) =>
      ctx.log.warn({ event: 'delivery.lease', count: held.size, error: describeFault(error) }),
    );
  }, LEASE_MS / 3);

  async function claimMore(): Promise<void> {
    const rows = await claimDeliveries(ctx.db, waiting.splice(0, CLAIM_AT_ONCE), ctx.now());
    for (const row of rows) held.add(row);
    claimed.push(...rows);
    claiming = null;
  }

  return {
    /** Null when there is nothing left. */
    async next(): Promise<ClaimedDelivery | null> {
      while (claimed.length === 0 && (claiming || waiting.length > 0)) {
        claiming ??= claimMore();
        await claiming;
      }
      return claimed.shift() ?? null;
    },
    done: (claim: ClaimedDelivery) => held.delete(claim),
    /** Claims no more; what was claimed still comes from `next`. */
    stop: () => void left.push(...waiting.splice(0)),
    /** Those that were never claimed. */
    left: () => left,
    close: () => clearInterval(renewal),
  };
}

interface Tried {
  outcome: Outcome;
  /** Where the server, asked about the address, said no for good. */
  refusal?: { answer: string; code: number | null };
}

async function sendOne(ctx: Context, delivery: ClaimedDelivery, parts: MailParts): Promise<Tried> {
  try {
    const { answer } = await ctx.mailer.send(writeMail(ctx, delivery, parts, ctx.now()));
    return { outcome: { delivery, status: 'sent', answer, at: ctx.now() } };
  } catch (error) {
    return judgeFault(ctx, delivery, error);
  }
}

function judgeFault(ctx: Context, delivery: ClaimedDelivery, error: unknown): Tried {
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
  const nextAttemptAt = new Date(Math.ceil((at.getTime() + retryDelayMs(attempts)) / 1000) * 1000);
  return {
    outcome: { delivery, status: 'pending', answer, at, nextAttemptAt, counts: kind === 'deferred' },
  };
}

function putBack(ctx: Context, delivery: ClaimedDelivery): Tried {
  const at = ctx.now();
  return {
    outcome: {
      delivery,
      status: 'pending',
      answer: 'the worker ended',
      at,
      nextAttemptAt: at,
      counts: false,
    },
  };
}

async function enqueueRetry(ctx: Context, at: number, again: readonly ClaimedDelivery[]): Promise<void> {
  const delayMs = Math.max(0, at - ctx.now().getTime());
  for (const urgency of ['waiting', 'bulk'] as const) {
    const ids = again.filter(({ kind }) => (kind === 'digest') === (urgency === 'bulk')).map(({ id }) => id);
    await enqueueSends(ctx, ids, urgency, delayMs);
  }
}
