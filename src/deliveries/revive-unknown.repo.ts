/** SQL for mails whose fate nobody knows, where the operator has them held. */
import { sql } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';
import { deliveries } from '../db/schema.ts';

/** What the outcome of such a mail begins with. */
export const UNKNOWN_PREFIX = 'unknown: ';

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
