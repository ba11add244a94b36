/** The database handle: one pool of connections, and drizzle over it. */
import { type SQL, sql } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import * as schema from './schema.ts';

export type Database = PostgresJsDatabase<typeof schema> & { $client: postgres.Sql };
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

const dialect = new PgDialect({ casing: 'snake_case' });

/**
 * Runs a statement that the server plans once per connection instead of every time. For statements that run for every few
 * mails or for every page, and always have the same text: each other text would stay in the server's memory.
 */
export async function executePrepared(db: Database, statement: SQL): Promise<Record<string, unknown>[]> {
  const { sql: text, params } = dialect.sqlToQuery(statement);
  return db.$client.unsafe<Record<string, unknown>[]>(text, params as never[], { prepare: true });
}

/** The smallest question to the database; rejects where it does not answer. */
export async function pingDatabase(db: Sql): Promise<void> {
  await db.execute(sql`select 1`);
}
