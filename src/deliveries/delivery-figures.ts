/** How the mail is going, in numbers that tell nothing of any reader: for metrics. */
import type { Context } from '../context.ts';
import { type BounceKind, countBounces } from './bounces.repo.ts';
import { countOpenAndRecent, type DeliveryStatus } from './deliveries.repo.ts';
import { findPause } from './guard.ts';
import { countSlowDomains } from './pace.repo.ts';

/** Long enough for a share of refusals to mean something, short enough to show what goes wrong now. */
const RECENT_MS = 3600_000;
/** Reports come when they like. */
const DAY_MS = 24 * 3600_000;

export interface DeliveryFigures {
  /** `pending` and `sending` of this moment; `sent`, `failed` and `skipped` of the last hour. */
  counts: Record<DeliveryStatus, number>;
  /** Seconds that the pending delivery which has waited longest is late; 0 where none is. */
  lateSeconds: number;
  /** What came back in the last day, each report once. */
  bounces: Record<BounceKind, number>;
  /** Whether digests are held back. */
  paused: boolean;
  /** Receiving domains that get their mail slowly, as they asked for patience. */
  slowDomains: number;
}

export async function getDeliveryFigures(ctx: Context): Promise<DeliveryFigures> {
  const now = ctx.now().getTime();
  const counts = { pending: 0, sending: 0, sent: 0, failed: 0, skipped: 0 };
  let lateSeconds = 0;
  for (const { status, count, oldestDueAt } of await countOpenAndRecent(ctx.db, new Date(now - RECENT_MS))) {
    counts[status] += count;
    if (oldestDueAt) lateSeconds = Math.max(0, (now - oldestDueAt.getTime()) / 1000);
  }
  const bounces = { hard: 0, soft: 0, complaint: 0 };
  for (const { kind, count } of await countBounces(ctx.db, new Date(now - DAY_MS))) bounces[kind] = count;
  return {
    counts,
    lateSeconds,
    bounces,
    paused: (await findPause(ctx)) !== null,
    slowDomains: await countSlowDomains(ctx.db),
  };
}
