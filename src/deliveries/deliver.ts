/** Claims, writes, sends and records the mails of one job. */
import type { Context } from '../context.ts';
import { describeFault } from '../errors.ts';
import { enqueueAround, enqueueAt, putOffRest } from './ask-again.ts';
import { type ClaimedDelivery, listPending, listTopicNames, skipUnwanted } from './claims.repo.ts';
import { claimAsNeeded } from './claims.ts';
import { listDigestContents } from './digest-content.repo.ts';
import { checkSending } from './guard.ts';
import { openOutcomeLog } from './outcomes.ts';
import { suppressRefused } from './record-bounce.ts';
import { untilStuck } from './stuck.ts';
import { putBack, tryDelivery } from './try-delivery.ts';
import type { MailParts } from './write-mail.ts';

export interface Delivered {
  sent: number;
  failed: number;
  /** Back to pending, with a job for their next try. */
  deferred: number;
  skipped: number;
  /** Left to themselves, as their servers take long: what comes of them is written down all the same. */
  inHand: number;
}

/** How long a job leaves mails alone that it makes way with. */
const MAKES_WAY_MS = 1000;

/**
 * Sends those of `deliveryIds` that are pending and wanted, several at a time. They are claimed a few at once and right
 * before they are sent, so nothing goes to someone who left while the job waited, and no digest while sending is paused;
 * what a pause holds stays pending. A domain that asked for patience gets its mails in turn, all together go when and as
 * fast as SEND_RATE, SEND_WARMUP and SEND_WINDOW let them. `ending` stops it after the mails in hand; the rest is asked for again.
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
      const { outcome, refusal } = await tryDelivery(ctx, claim, parts, ending).finally(() =>
        claims.done(claim),
      );
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
  const { canBegin, isSilent } = claims;
  const stuck = untilStuck({ ended, canBegin, isSilent, canOthersGo: ctx.lanes.isAnyFree }, whole);
  const delivered = await Promise.race([whole, stuck]);
  if (delivered) return delivered;
  whole.catch((error) => ctx.log.warn({ event: 'delivery.last_ones', error: describeFault(error) }));
  const { begun, claimed, left } = claims.abandon();
  const at = new Date(ctx.now().getTime() + MAKES_WAY_MS);
  for (const claim of claimed) {
    await outcomes.add(putBack(ctx, claim, 'others of its job took long', at).outcome);
  }
  await enqueueAround(ctx, at, [...claimed, ...left]);
  const { pending: deferred, ...done } = counts;
  return { ...done, deferred, skipped: 0, inHand: begun };
}
