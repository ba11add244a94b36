/** SQL for where each source stands, and for the turns that all workers take at one host. */
import { and, asc, eq, inArray, isNull, lte, or, sql } from 'drizzle-orm';
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

/** How long a run may be silent before another may take its place. A slow source is no silence: see `renewSourceLease`. */
export const SOURCE_LEASE_MS = 120_000;

/** A run that holds its source. Only as long as no later run has begun may it write anything down. */
export interface SourceClaim {
  name: string;
  run: number;
  /** Where the run before it stopped. */
  cursor: string | null;
}

/** Begins a run, with its reasons for skipping counted anew. Null where another process reads the source. */
export async function claimSource(db: Sql, name: string, now: Date): Promise<SourceClaim | null> {
  const begun = { lastRunAt: now, leaseUntil: leaseFrom(now) };
  const [claimed] = await db
    .insert(sourceStates)
    .values({ name, runs: 1, ...begun })
    .onConflictDoUpdate({
      target: sourceStates.name,
      set: { ...begun, runs: sql`${sourceStates.runs} + 1`, skippedReasons: {} },
      setWhere: or(isNull(sourceStates.leaseUntil), lte(sourceStates.leaseUntil, now)),
    })
    .returning({ name: sourceStates.name, run: sourceStates.runs, cursor: sourceStates.cursor });
  return claimed ?? null;
}

/** Says that the run is still at work. */
export async function renewSourceLease(db: Sql, claim: SourceClaim, now: Date): Promise<void> {
  await db
    .update(sourceStates)
    .set({ leaseUntil: leaseFrom(now) })
    .where(held(claim));
}

/**
 * Adds up a page; in the transaction that stores its papers, so that the cursor never runs ahead of them.
 * False where the run has lost its source to a later one: the page is then that one's to store.
 */
export async function recordPage(
  tx: Sql,
  claim: SourceClaim,
  counts: PageCounts,
  { cursor, skippedReasons }: { cursor: string | undefined; skippedReasons: Record<string, number> },
): Promise<boolean> {
  const recorded = await tx
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
    .where(held(claim))
    .returning({ name: sourceStates.name });
  return recorded.length > 0;
}

/** How a run ended: all read, the source at fault, or cut off by us, which says nothing of the source. */
export type RunEnd =
  | { kind: 'ok' }
  | { kind: 'failed'; error: string }
  | { kind: 'cut_off'; resume: boolean };

/** Ends a run and frees its source. One to `resume` is left for `takeCutOffSources` to find. */
export async function recordRunEnd(db: Sql, claim: SourceClaim, now: Date, end: RunEnd): Promise<void> {
  await db.update(sourceStates).set(changesOf(end, now)).where(held(claim));
}

function changesOf(end: RunEnd, now: Date) {
  switch (end.kind) {
    case 'ok':
      return { leaseUntil: null, lastOkAt: now, failingSince: null, lastError: null };
    case 'failed':
      return {
        leaseUntil: null,
        lastError: end.error,
        failingSince: sql`coalesce(${sourceStates.failingSince}, ${now.toISOString()}::timestamptz)`,
      };
    case 'cut_off':
      return { leaseUntil: end.resume ? now : null };
  }
}

/** Sources whose last run was cut off, by us or by the death of its process. Each cut is told once. */
export async function takeCutOffSources(db: Sql, names: readonly string[], now: Date): Promise<string[]> {
  const taken = await db
    .update(sourceStates)
    .set({ leaseUntil: null })
    .where(and(inArray(sourceStates.name, [...names]), lte(sourceStates.leaseUntil, now)))
    .returning({ name: sourceStates.name });
  return taken.map(({ name }) => name);
}

const leaseFrom = (now: Date) => new Date(now.getTime() + SOURCE_LEASE_MS);
const held = ({ name, run }: SourceClaim) => and(eq(sourceStates.name, name), eq(sourceStates.runs, run));

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
