/** SQL for mails whose fate nobody knows: a worker died with them, or an answer was lost. */
import { and, eq, lt, sql } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';
import { deliveries } from '../db/schema.ts';

/** What the outcome of one that is held begins with. */
export const UNKNOWN_PREFIX = 'unknown: ';

/** Deliveries whose worker died: back to pending, or given up where mails of unknown fate are held. Returns how many. */
export async function releaseExpiredLeases(db: Sql, now: Date, then: 'resend' | 'hold'): Promise<number> {
  const outcome = 'the worker went away';
  const released = await db
    .update(deliveries)
    .set(
      then === 'hold'
        ? { status: 'failed', leaseUntil: null, finishedAt: now, outcome: UNKNOWN_PREFIX + outcome }
        : { status: 'pending', leaseUntil: null, outcome },
    )
    .where(and(eq(deliveries.status, 'sending'), lt(deliveries.leaseUntil, now)))
    .returning({ id: deliveries.id });
  return released.length;
}

/** Puts back to pending those that were given up after `since`. */
export async function reviveUnknown(
  db: Sql,
  since: Date,
  now: Date,
): Promise<{ id: number; kind: string }[]> {
  const rows = await db.execute<Record<string, unknown>>(sql`
    update ${deliveries}
    set status = 'pending', next_attempt_at = ${now.toISOString()}, finished_at = null
    where status = 'failed' and finished_at > ${since.toISOString()} and starts_with(outcome, ${UNKNOWN_PREFIX})
    returning id, kind`);
  return rows.map(({ id, kind }) => ({ id: Number(id), kind: kind as string }));
}
