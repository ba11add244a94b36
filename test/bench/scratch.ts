/** A database for one benchmark and nothing else: a new one on the server of TEST_DATABASE_URL, or an embedded Postgres. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { loadConfig } from '../../src/config.ts';
import { type Context, openContext } from '../../src/context.ts';
import { openEmbeddedPostgres } from '../../src/db/embedded.ts';
import { createLogger } from '../../src/logger.ts';

export interface Scratch {
  ctx: Context;
  /** For what the product has no words for. One connection. */
  sql: postgres.Sql;
  url: string;
  /** For files that go with the database. */
  folder: string;
  /** Removes all of it. Also happens on Ctrl-C. */
  remove(): Promise<void>;
}

/** Opens it with all tables made. Without `smtpUrl`, no mail server is there. */
export async function openScratch({ smtpUrl = 'smtp://127.0.0.1:1' } = {}): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), 'paperboy-bench-'));
  // Run by root, Postgres is another user's, who must reach it here, or it goes where nobody cleans up.
  await chmod(folder, 0o755);
  const server = process.env.TEST_DATABASE_URL
    ? await createDatabase(process.env.TEST_DATABASE_URL)
    : await openEmbeddedPostgres({ dataDir: folder, mode: 'own', say: () => {} });
  const { url } = server;
  const config = loadConfig({ DATA_DIR: folder, DATABASE_URL: url, SMTP_URL: smtpUrl });
  const { ctx, close } = await openContext(config, { mode: 'attach', log: createLogger('silent') });
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  let removed: Promise<void> | null = null;
  const remove = async () => {
    process.off('SIGINT', interrupted);
    await sql.end({ timeout: 1 });
    await close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const removeOnce = () => {
    removed ??= remove();
    return removed;
  };
  const interrupted = () => void removeOnce().finally(() => process.exit(130));
  process.once('SIGINT', interrupted);
  return { ctx, sql, url, folder, remove: removeOnce };
}

async function createDatabase(serverUrl: string): Promise<{ url: string; stop(): Promise<void> }> {
  const name = `paperboy_bench_${process.pid}`;
  const run = async (statement: string) => {
    const server = postgres(serverUrl, { max: 1, onnotice: () => {} });
    await server.unsafe(statement);
    await server.end();
  };
  await run(`create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, stop: () => run(`drop database if exists ${name} with (force)`) };
}
