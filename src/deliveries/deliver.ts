/** Claims, writes, sends and records the mails of one job. */
import type { Context } from '../context.ts';
import { AppError, describeFault } from '../errors.ts';
import { isAboutRecipient, readDeliveryFault } from '../mail/delivery-error.ts';
import { MAX_ATTEMPTS, retryDelayMs } from '../queues.ts';
import {
  type ClaimedDelivery,
  claimDelivery,
  LEASE_MS,
  listDigestIds,
  recordOutcome,
  releaseDelivery,
  renewLease,
  skipUnwanted,
} from './deliveries.repo.ts';
import { type DigestContent, listDigestContents } from './digest-content.repo.ts';
import { suppressRefused } from './record-bounce.ts';
import { writeMail } from './write-mail.ts';

export interface Delivered {
  sent: number;
  failed: number;
  deferred: number;
  skipped: number;
}

/**
 * Sends those of `deliveryIds` that are pending and wanted, several at a time. Each is claimed right before it is sent,
 * so nothing goes to someone who left while the job waited.
 * Throws AppError `DELIVERY_DEFERRED` (retry) after all are tried, if some have to be tried again: they are back to
 * pending by then, so that the job's next attempt finds them.
 */
export async function deliver(ctx: Context, deliveryIds: readonly number[]): Promise<Delivered> {
  const contents = await listDigestContents(ctx.db, await listDigestIds(ctx.db, deliveryIds));
  const counts: Delivered = { sent: 0, failed: 0, deferred: 0, skipped: 0 };
  const waiting = [...deliveryIds];
  const lanes = Array.from(
    { length: Math.min(ctx.config.mail.sendConcurrency, waiting.length) },
    async () => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
        const outcome = await deliverOne(ctx, id, contents);
        if (outcome) counts[outcome]++;
      }
    },
  );
  await Promise.all(lanes);
  counts.skipped = await skipUnwanted(ctx.db, deliveryIds, ctx.now());
  ctx.log.info({ event: 'delivery.batch', ...counts });
  if (counts.deferred > 0) {
    throw new AppError('DELIVERY_DEFERRED', `${counts.deferred} mails have to be tried again.`, {
      retry: true,
    });
  }
  return counts;
}

async function deliverOne(
  ctx: Context,
  id: number,
  contents: ReadonlyMap<number, DigestContent>,
): Promise<'sent' | 'failed' | 'deferred' | null> {
  const delivery = await claimDelivery(ctx.db, id, ctx.now());
  if (!delivery) return null;
  let answer: string;
  // Waiting for a free connection, or a server that takes its time, must not look like a dead worker.
  const renewal = setInterval(() => {
    renewLease(ctx.db, delivery, ctx.now()).catch((error) =>
      ctx.log.warn({ event: 'delivery.lease', deliveryId: id, error: describeFault(error) }),
    );
  }, LEASE_MS / 3);
  try {
    const content = delivery.digestId === null ? null : (contents.get(delivery.digestId) ?? null);
    ({ answer } = await ctx.mailer.send(writeMail(ctx, delivery, content, ctx.now())));
  } catch (error) {
    return await recordFault(ctx, delivery, error);
  } finally {
    clearInterval(renewal);
  }
  // Outside of the try: a database that fails here must not make a sent mail look unsent.
  await recordOutcome(ctx.db, delivery, { status: 'sent', answer, now: ctx.now() });
  return 'sent';
}

async function recordFault(
  ctx: Context,
  delivery: ClaimedDelivery,
  error: unknown,
): Promise<'failed' | 'deferred'> {
  const { kind, answer, code } = readDeliveryFault(error);
  const lastTry = kind === 'deferred' && delivery.attempts >= MAX_ATTEMPTS;
  ctx.log.warn({ event: 'delivery.fault', deliveryId: delivery.id, kind, code, attempts: delivery.attempts });
  if (kind === 'rejected' || lastTry) {
    await recordOutcome(ctx.db, delivery, { status: 'failed', answer, now: ctx.now() });
    if (kind === 'rejected' && isAboutRecipient(error))
      await suppressRefused(ctx, delivery.id, { answer, code });
    return 'failed';
  }
  await releaseDelivery(ctx.db, delivery, {
    answer,
    nextAttemptAt: new Date(ctx.now().getTime() + retryDelayMs(delivery.attempts)),
    counts: kind === 'deferred',
  });
  return 'deferred';
}
