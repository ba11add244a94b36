/** Composes and sends all that is due at a moment and waits for it: the operator's way of what workers do by themselves. */
import type { Context } from '../context.ts';
import { countByStatus, listUnfinished } from '../deliveries/deliveries.repo.ts';
import { findPause, type Pause } from '../deliveries/guard.ts';
import { releaseExpiredLeases } from '../deliveries/unknown-fate.repo.ts';
import { enqueueSends } from '../hints.ts';
import { composePage, forEachDuePage } from './compose.ts';

export interface DigestRun {
  due: number;
  /** Readers with nothing worth a mail. */
  quiet: number;
  /** Mails that an earlier run left unsent and this one took along. */
  leftOver: number;
  sent: number;
  failed: number;
  skipped: number;
  /** Waiting for another try, which workers make later. */
  deferred: number;
  /** Mails that wait because sending is paused; the run did not wait for them. */
  held: number;
  paused: Pause | null;
}

const POLL_MS = 250;
/** Without any change for this long, the queue may have lost its jobs: it is told again. */
const STALL_MS = 10_000;
const MAX_LEFT_OVER = 200_000;

/** Needs senders at work, here or elsewhere. `onProgress` hears of the two stages as they go. */
export async function runDigest(
  ctx: Context,
  at: Date,
  onProgress: (stage: 'composing' | 'sending', done: number, total: number) => void,
): Promise<DigestRun> {
  const ids = await listUnfinished(ctx.db, ctx.now(), MAX_LEFT_OVER);
  const leftOver = ids.length;
  await enqueueSends(ctx, ids, 'bulk');
  let due = 0;
  await forEachDuePage(ctx, at, async (subscriberIds) => {
    const composed = await composePage(ctx, at, subscriberIds);
    due += composed.due;
    ids.push(...composed.deliveryIds);
    onProgress('composing', due, due);
  });
  const quiet = due - (ids.length - leftOver);

  let lastOpen = -1;
  let changedAt = performance.now();
  for (;;) {
    const { pending, sending, sent, failed, skipped, deferred } = await countByStatus(ctx.db, ids, ctx.now());
    const open = pending + sending;
    onProgress('sending', ids.length - open, ids.length);
    const paused = await findPause(ctx);
    if (open === 0 || (paused && sending === 0)) {
      return { due, quiet, leftOver, sent, failed, skipped, deferred, held: pending, paused };
    }
    if (open !== lastOpen) {
      lastOpen = open;
      changedAt = performance.now();
    } else if (performance.now() - changedAt > STALL_MS && (await ctx.queues.backlog('send')) === 0) {
      // What a process held that was killed comes free when its lease runs out, two minutes after it was taken.
      await releaseExpiredLeases(ctx.db, ctx.now(), ctx.config.mail.unknownDelivery);
      await enqueueSends(ctx, ids, 'bulk');
      changedAt = performance.now();
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
