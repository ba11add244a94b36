/** SQL of the guard: what came of the latest digests, and which deliveries a pause holds back. */
import { type SQL, sql } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';
import { bounces, deliveries, settings } from '../db/schema.ts';
import type { SendingFigures } from './guard-verdict.ts';

/** The row of the settings that is there while sending is paused. */
export const PAUSE_KEY = 'sending_paused';

/** So many mails are looked at. */
const SAMPLE = 1000;

/**
 * True for all but a digest while sending is paused. As part of the statement that claims, no process acts on what it
 * read before, and a statement for some mails looks up one row.
 */
export const notHeld = (kind: SQL) =>
  sql`(${kind} <> 'digest' or not exists (select 1 from ${settings} where ${settings.key} = ${PAUSE_KEY}))`;

/**
 * Counts up to 1,000 digests that were done with after `since`: those around the delivery `around`, else the latest. At
 * a hundred mails a second, what comes back minutes later is never about the latest thousand.
 */
export async function countReturned(
  db: Sql,
  since: Date,
  now: Date,
  around: number | null,
): Promise<Omit<SendingFigures, 'outage'>> {
  const done = sql`d.kind = 'digest' and d.status in ('sent', 'failed') and d.finished_at > ${since.toISOString()}`;
  const [row] = await db.execute<Record<string, string>>(sql`
    with center as (
      select coalesce(
        (select finished_at from ${deliveries} where id = ${around} and finished_at > ${since.toISOString()}),
        ${now.toISOString()}
      ) as at
    ), later as (
      select d.id, d.finished_at as at from ${deliveries} d where ${done} and d.finished_at >= (select at from center)
      order by d.finished_at limit ${SAMPLE}
    ), earlier as (
      select d.id, d.finished_at as at from ${deliveries} d where ${done} and d.finished_at < (select at from center)
      order by d.finished_at desc limit ${SAMPLE}
    ), nearest as (
      select m.id from (table later union all table earlier) m, center c
      order by greatest(m.at - c.at, c.at - m.at) limit ${SAMPLE}
    )
    select count(*) as mails, count(h.delivery_id) as hard, count(c.delivery_id) as complaints
    from nearest m
    left join ${bounces} h on h.delivery_id = m.id and h.kind = 'hard'
    left join ${bounces} c on c.delivery_id = m.id and c.kind = 'complaint'`);
  return {
    mails: Number(row?.mails),
    hardBounces: Number(row?.hard),
    complaints: Number(row?.complaints),
  };
}
