/** Brings the tables and, where the queue lives in Postgres, the queue's own schema up to date. */
import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { AppError } from '../errors.ts';
import { projectRoot } from '../project-root.ts';

/** Any number, the same in every process: web and workers may start at the same moment. */
const LOCK = 7_274_901;

/**
 * Runs the migrations that are not yet applied, one process at a time.
 * Throws AppError `DATABASE_UNREACHABLE` or `MIGRATION_FAILED`.
 */
export async function migrateDatabase(url: string): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 10 });
  try {
    await client`select pg_advisory_lock(${LOCK})`.catch((cause) => {
      throw new AppError(
        'DATABASE_UNREACHABLE',
        `Can't reach the database at ${new URL(url).host}: ${cause.code ?? cause.message}. Check DATABASE_URL.`,
        { cause, retry: true },
      );
    });
    await migrate(drizzle(client), { migrationsFolder: join(projectRoot, 'migrations') }).catch((cause) => {
      throw new AppError('MIGRATION_FAILED', `A migration failed: ${cause.cause?.message ?? cause.message}`, {
        cause,
      });
    });
  } finally {
    await client.end({ timeout: 3 });
  }
}
