/** SQL for readers who are erased. All that hangs on a subscriber goes with the row. */
import { asc, eq, inArray, lte } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';
import { subscribers } from '../db/schema.ts';

export async function deleteSubscriber(tx: Sql, id: number): Promise<void> {
  await tx.delete(subscribers).where(eq(subscribers.id, id));
}

/** Erases up to `limit` of those whose time has come; one who is taking it back right now is passed over. Returns how many. */
export async function deleteDue(db: Sql, now: Date, limit: number): Promise<number> {
  const due = db
    .select({ id: subscribers.id })
    .from(subscribers)
    .where(lte(subscribers.eraseAt, now))
    .orderBy(asc(subscribers.eraseAt))
    .limit(limit)
    .for('update', { skipLocked: true });
  const rows = await db
    .delete(subscribers)
    .where(inArray(subscribers.id, due))
    .returning({ id: subscribers.id });
  return rows.length;
}
