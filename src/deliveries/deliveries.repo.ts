/** SQL for how deliveries stand: what was left behind, and how many are in each status. */
import { and, asc, eq, lt, lte, or, sql } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';
import { deliveries } from '../db/schema.ts';
import { notHeld } from './guard.repo.ts';

export type DeliveryStatus = (typeof deliveries.$inferSelect)['status'];

/** Pending deliveries whose time came before `before`, but for what a pause holds: no job in the queue speaks of them. Oldest first. */
export async function listForgotten(
  db: Sql,
  before: Date,
  limit: number,
): Promise<{ id: number; kind: string }[]> {
  return db
    .select({ id: deliveries.id, kind: deliveries.kind })
    .from(deliveries)
    .where(
      and(
        eq(deliveries.status, 'pending'),
        lt(deliveries.nextAttemptAt, before),
        notHeld(sql`${deliveries.kind}`),
      ),
    )
    .orderBy(asc(deliveries.nextAttemptAt))
    .limit(limit);
}

/** Deliveries that an earlier run left behind: pending ones whose time has come, and those that someone holds or held. */
export async function listUnfinished(db: Sql, now: Date, limit: number): Promise<number[]> {
  const rows = await db
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(
      or(
        and(eq(deliveries.status, 'pending'), lte(deliveries.nextAttemptAt, now)),
        eq(deliveries.status, 'sending'),
      ),
    )
    .orderBy(asc(deliveries.id))
    .limit(limit);
  return rows.map(({ id }) => id);
}

/** How many deliveries there are in each status; `deferred` are pending ones whose time is yet to come. */
export async function countByStatus(
  db: Sql,
  ids: readonly number[],
  now: Date,
): Promise<Record<DeliveryStatus | 'deferred', number>> {
  const counts = { pending: 0, sending: 0, sent: 0, failed: 0, skipped: 0, deferred: 0 };
  const rows = await db
    .select({
      status: deliveries.status,
      count: sql<number>`count(*)::int`,
      later: sql<number>`(count(*) filter (where ${deliveries.nextAttemptAt} > ${now.toISOString()}::timestamptz))::int`,
    })
    .from(deliveries)
    .where(sql`${deliveries.id} = any(${sql.param([...ids])}::bigint[])`)
    .groupBy(deliveries.status);
  for (const { status, count, later } of rows) {
    const deferred = status === 'pending' ? later : 0;
    counts[status] += count - deferred;
    counts.deferred += deferred;
  }
  return counts;
}

/**
 * Deliveries that are not done yet, and those that were finished since `since`, by status. Costs what these are, however
 * many lie behind: both come from an index of their own.
 */
export async function countOpenAndRecent(
  db: Sql,
  since: Date,
): Promise<{ status: DeliveryStatus; count: number; oldestDueAt: Date | null }[]> {
  const rows = await db.execute<Record<string, unknown>>(sql`
    select status, count(*) as count, min(next_attempt_at) filter (where status = 'pending') as oldest_due_at
    from ${deliveries} where status in ('pending', 'sending') group by status
    union all
    select status, count(*), null
    from ${deliveries} where finished_at > ${since.toISOString()} and status in ('sent', 'failed', 'skipped') group by status`);
  return rows.map((row) => ({
    status: row.status as DeliveryStatus,
    count: Number(row.count),
    oldestDueAt: row.oldest_due_at ? new Date(row.oldest_due_at as string) : null,
  }));
}
