/** SQL for how fast mail may go: turns of slow domains, slots of the whole run, and what the day has taken. */
import { and, eq, lte, ne, sql } from 'drizzle-orm';
import type { Database, Sql } from '../db/client.ts';
import { deliveries, sendPaces } from '../db/schema.ts';
import type { Pace } from './pace.ts';

/** The row that all mails share. */
const ALL = '*';

/** Takes the domain's next turn, if its time has come: `taken`. `free`: the domain is not slow. Else its pace. */
export async function takeTurn(db: Sql, domain: string, now: Date): Promise<'taken' | 'free' | Pace> {
  const taken = await db
    .update(sendPaces)
    .set({ nextAt: sql`${now.toISOString()}::timestamptz + ${sendPaces.intervalMs} * interval '1 ms'` })
    .where(and(eq(sendPaces.key, domain), lte(sendPaces.nextAt, now)))
    .returning({ key: sendPaces.key });
  if (taken.length > 0) return 'taken';
  const [pace] = await db.select().from(sendPaces).where(eq(sendPaces.key, domain));
  return pace ?? 'free';
}

/** Changes the domain's pace; null stands for a domain that is not slow. Returns what it is now. */
export async function changePace(
  db: Database,
  domain: string,
  change: (pace: Pace | null) => Pace | null,
): Promise<Pace | null> {
  return db.transaction(async (tx) => {
    // Where there is no row yet, there is none to lock.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('send_paces'), hashtext(${domain}))`);
    const [row] = await tx.select().from(sendPaces).where(eq(sendPaces.key, domain)).for('update');
    const pace = change(row ?? null);
    if (pace) {
      const { intervalMs, nextAt, changedAt } = pace;
      const set = { intervalMs, nextAt, changedAt };
      await tx
        .insert(sendPaces)
        .values({ key: domain, ...set })
        .onConflictDoUpdate({ target: sendPaces.key, set });
    } else if (row) {
      await tx.delete(sendPaces).where(eq(sendPaces.key, domain));
    }
    return pace;
  });
}

export async function countSlowDomains(db: Database): Promise<number> {
  return db.$count(sendPaces, ne(sendPaces.key, ALL));
}

/**
 * Takes up to `wanted` slots of the run, which come one each `intervalMs` (with fractions) and are kept for `burstMs`.
 * `owing` takes all of them though their time is to come. `waitMs`: until the next one is there.
 */
export async function takeSlots(
  db: Sql,
  ask: { wanted: number; intervalMs: number; burstMs: number; owing: boolean; now: Date },
): Promise<{ mails: number; waitMs: number }> {
  const { wanted, intervalMs, burstMs, owing } = ask;
  const now = sql`${ask.now.toISOString()}::timestamptz`;
  const ms = (count: number) => sql`${count}::float8 * interval '1 ms'`;
  // `next_at` is when the slots began that nobody took.
  await db.execute(sql`
    insert into ${sendPaces} (key, interval_ms, next_at, changed_at)
    values (${ALL}, ${Math.round(intervalMs)}, ${now} - ${ms(intervalMs)}, ${now}) on conflict do nothing`);
  const [row] = await db.execute<Record<string, unknown>>(sql`
    with untaken as (
      select greatest(next_at, ${now} - ${ms(burstMs)}) as since from ${sendPaces} where key = ${ALL} for update
    ), taken as (
      select since, case when ${owing} then ${wanted}::int
        else least(${wanted}::int, greatest(0, floor(extract(epoch from ${now} - since) * 1000 / ${intervalMs}::float8 + 1e-6)))::int
      end as mails
      from untaken
    )
    update ${sendPaces} p set next_at = t.since + t.mails * ${ms(intervalMs)}, interval_ms = ${Math.round(intervalMs)}
    from taken t where p.key = ${ALL}
    returning t.mails, extract(epoch from p.next_at + ${ms(intervalMs)} - ${now}) * 1000 as wait_ms`);
  return { mails: Number(row?.mails), waitMs: Math.max(0, Math.ceil(Number(row?.wait_ms))) };
}

/** Mails that went since `since`, and those on their way; beyond `enough` they are not counted. */
export async function countGone(db: Sql, since: Date, enough: number): Promise<number> {
  const [row] = await db.execute<Record<string, unknown>>(sql`
    select count(*) as gone from (
      select 1 from ${deliveries} where status = 'sending'
      union all
      select 1 from ${deliveries} where status = 'sent' and finished_at >= ${since.toISOString()}
      limit ${enough}
    ) g`);
  return Number(row?.gone);
}

/**
 * Says of those that are pending and were due before `dueBefore` that a job asks for them at `at`, so that `recover`
 * leaves them alone until then. With `outcome` they count as tried, so nobody waits for them.
 */
export async function postpone(
  db: Sql,
  ids: readonly number[],
  to: { at: Date; dueBefore: Date; outcome: string | null },
): Promise<void> {
  await db.execute(sql`
    update ${deliveries}
    set next_attempt_at = ${to.at.toISOString()}, outcome = coalesce(${to.outcome}::text, outcome)
    where id = any(${sql.param([...ids])}::bigint[]) and status = 'pending'
      and next_attempt_at < ${to.dueBefore.toISOString()}`);
}
