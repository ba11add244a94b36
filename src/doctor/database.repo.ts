/** What the database says of itself. */
import { sql } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';

/** `at` is the database's own clock; `lastMigration` the time of the newest applied one, in ms, or null before the first. */
export async function getDatabaseFacts(
  db: Sql,
): Promise<{ version: string; at: Date; lastMigration: number | null }> {
  const [row] = await db.execute<{ version: string; at_ms: number; migrated: boolean }>(sql`
    select current_setting('server_version') as version,
      extract(epoch from clock_timestamp())::float8 * 1000 as at_ms,
      to_regclass('drizzle.__drizzle_migrations') is not null as migrated`);
  if (!row) throw new Error('the database gave no row');
  return {
    version: row.version,
    at: new Date(row.at_ms),
    lastMigration: row.migrated ? await findLastMigration(db) : null,
  };
}

async function findLastMigration(db: Sql): Promise<number | null> {
  const [row] = await db.execute<{ last: number | null }>(
    sql`select max(created_at)::float8 as last from drizzle.__drizzle_migrations`,
  );
  return row?.last ?? null;
}
