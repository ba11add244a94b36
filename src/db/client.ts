/** The database handle: one pool of connections, and drizzle over it. */
import { sql } from 'drizzle-orm';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import * as schema from './schema.ts';

export type Database = PostgresJsDatabase<typeof schema>;
/** A transaction offers what the database does, so repos take either. */
export type Sql = Pick<Database, 'select' | 'selectDistinct' | 'insert' | 'update' | 'delete' | 'execute'>;

/** Opens a pool. Connections are made at the first query, so an unreachable server shows up there. */
export function openDatabase(url: string, { poolSize = 10 } = {}) {
  const client = postgres(url, {
    max: poolSize,
    onnotice: () => {},
    connect_timeout: 10,
    connection: { application_name: 'paperboy' },
  });
  return {
    db: drizzle(client, { schema, casing: 'snake_case' }),
    /** Waits up to 1 s for queries under way. */
    close: () => client.end({ timeout: 1 }),
  };
}

/** The smallest question to the database; rejects where it does not answer. */
export async function pingDatabase(db: Sql): Promise<void> {
  await db.execute(sql`select 1`);
}
