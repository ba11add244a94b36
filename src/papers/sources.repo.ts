/** SQL for where each source stands, and for the turns that all workers take at one host. */
import { asc, eq, sql } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';
import { sourceHosts, sourceStates } from '../db/schema.ts';

export type SourceState = typeof sourceStates.$inferSelect;

export interface PageCounts {
  seen: number;
  inserted: number;
  updated: number;
  merged: number;
  skipped: number;
}

export async function findSourceState(db: Sql, name: string): Promise<SourceState | null> {
  const [state] = await db.select().from(sourceStates).where(eq(sourceStates.name, name));
  return state ?? null;
}

export async function listSourceStates(db: Sql): Promise<SourceState[]> {
  return db.select().from(sourceStates).orderBy(asc(sourceStates.name));
}

/** A run begins: its reasons for skipping are counted anew. */
export async function recordRunStart(db: Sql, name: string, now: Date): Promise<void> {
  await db
    .insert(sourceStates)
    .values({ name, lastRunAt: now })
    .onConflictDoUpdate({ target: sourceStates.name, set: { lastRunAt: now, skippedReasons: {} } });
}

/** Adds up a page; in the transaction that stores its papers, so that the cursor never runs ahead of them. */
export async function recordPage(
  tx: Sql,
  name: string,
  counts: PageCounts,
  { cursor, skippedReasons }: { cursor: string | undefined; skippedReasons: Record<string, number> },
): Promise<void> {
  await tx
    .update(sourceStates)
    .set({
      seen: sql`${sourceStates.seen} + ${counts.seen}`,
      inserted: sql`${sourceStates.inserted} + ${counts.inserted}`,
      updated: sql`${sourceStates.updated} + ${counts.updated}`,
      merged: sql`${sourceStates.merged} + ${counts.merged}`,
      skipped: sql`${sourceStates.skipped} + ${counts.skipped}`,
      skippedReasons,
      ...(cursor === undefined ? {} : { cursor }),
    })
    .where(eq(sourceStates.name, name));
}

export async function recordRunEnd(db: Sql, name: string, now: Date, error: string | null): Promise<void> {
  await db
    .update(sourceStates)
    .set(
      error === null
        ? { lastOkAt: now, failingSince: null, lastError: null }
        : {
            lastError: error,
            failingSince: sql`coalesce(${sourceStates.failingSince}, ${now.toISOString()}::timestamptz)`,
          },
    )
    .where(eq(sourceStates.name, name));
}

/** Takes the next turn at a host, `intervalMs` after the one before it. Returns how long to wait for it, in ms. */
export async function reserveHost(db: Sql, host: string, intervalMs: number, now: Date): Promise<number> {
  const next = new Date(now.getTime() + intervalMs);
  const [row] = await db
    .insert(sourceHosts)
    .values({ host, freeAt: next })
    .onConflictDoUpdate({
      target: sourceHosts.host,
      set: {
        freeAt: sql`greatest(${sourceHosts.freeAt}, ${now.toISOString()}::timestamptz) + ${intervalMs} * interval '1 millisecond'`,
      },
    })
    .returning({ freeAt: sourceHosts.freeAt });
  return row ? Math.max(0, row.freeAt.getTime() - next.getTime()) : 0;
}
