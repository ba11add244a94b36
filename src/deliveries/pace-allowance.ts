/** How many mails may go now by SEND_RATE, SEND_WARMUP and SEND_WINDOW, over all workers. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { countGone, takeSlots } from './pace.repo.ts';
import { midnightAfter, midnightBefore, nextOpening, warmupLimit } from './pace-settings.ts';

/** None: not before `until`. */
export type Allowance = { mails: number } | { mails: 0; until: Date; because: 'rate' | 'warmup' | 'window' };

/** A busy worker catches up on so much; with more, the mails of one second could be twice what was set. */
const BURST_MS = 250;
/** What a person waits for goes after this, though the rate has no slot for it. */
const PATIENCE_OF_PEOPLE_MS = 1000;

/**
 * Takes slots for up to `wanted` mails, and waits up to `patienceMs` for the first. Mails that a person waits for get all
 * they want within a second; the others make up for it. `ending` stops the waiting.
 */
export async function allowMails(
  ctx: Context,
  ask: { wanted: number; forPerson: boolean; patienceMs: number },
  ending?: AbortSignal,
): Promise<Allowance> {
  const { rateIntervalMs, warmup, window } = ctx.config.mail;
  const opening = window && !ask.forPerson ? nextOpening(window, ctx.now()) : null;
  if (opening) return { mails: 0, until: opening, because: 'window' };
  const limit = warmup && !ask.forPerson ? warmupLimit(warmup, ctx.now()) : null;
  const room =
    limit === null ? ask.wanted : limit - (await countGone(ctx.db, midnightBefore(ctx.now()), limit));
  if (room <= 0) return { mails: 0, until: midnightAfter(ctx.now()), because: 'warmup' };
  const wanted = Math.min(ask.wanted, room);
  if (rateIntervalMs === null) return { mails: wanted };

  const patienceMs = ask.forPerson ? PATIENCE_OF_PEOPLE_MS : ask.patienceMs;
  const startedAt = performance.now();
  for (;;) {
    const leftMs = startedAt + patienceMs - performance.now();
    const now = ctx.now();
    const { mails, waitMs } = await takeSlots(ctx.db, {
      wanted,
      intervalMs: rateIntervalMs,
      burstMs: Math.max(BURST_MS, rateIntervalMs),
      owing: ask.forPerson && leftMs <= 0,
      now,
    });
    if (mails > 0) return { mails };
    if (ending?.aborted || (!ask.forPerson && waitMs > leftMs)) {
      return { mails: 0, until: new Date(now.getTime() + waitMs), because: 'rate' };
    }
    await sleep(Math.min(waitMs, Math.max(leftMs, 1)), undefined, { signal: ending }).catch(() => {});
  }
}
