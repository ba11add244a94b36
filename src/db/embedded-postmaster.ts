/**
 * The running Postgres of a database folder, whoever started it: finding it, asking whether it answers,
 * making our database in it, and stopping it.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { errorCode } from './data-dir.ts';
import type { Binaries } from './embedded-binaries.ts';
import { isPostmasterOf, signalProcess } from './embedded-process.ts';

export interface Postmaster {
  pid: number;
  port: number;
}

const POLL_MS = 20;
/** A crash recovery replays at most the log since the last checkpoint; on a slow disk that takes a while. */
const RECOVERY_TIMEOUT_MS = 10 * 60_000;
const SILENCE_TIMEOUT_MS = 30_000;

/** The live Postgres of this folder, or undefined; a stale postmaster.pid is not believed. */
export async function findPostmaster(pgData: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(pgData, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!(await isPostmasterOf(pid, pgData))) return undefined;
  return { pid, port: Number(lines[3]) || 0 };
}

export function databaseUrl(port: number, password: string, database = 'paperboy'): string {
  return `postgres://paperboy:${password}@127.0.0.1:${port}/${database}`;
}

/** Asks once. 'starting' also stands for recovering and shutting down, which Postgres reports alike. */
export async function askPostgres(url: string): Promise<'ready' | 'starting' | 'silent'> {
  return withConnection(url, async (sql) => {
    await sql`select 1`;
    return 'ready' as const;
  }).catch((error: unknown) => (errorCode(error) === '57P03' ? 'starting' : 'silent'));
}

/**
 * Waits until the folder's Postgres answers queries. Returns 'gone' as soon as `isGone` says so and 'silent'
 * when it has given no sign of life for too long.
 */
export async function waitForAnswer(
  pgData: string,
  password: string,
  isGone: () => boolean | Promise<boolean>,
  say: (sentence: string) => void,
): Promise<Postmaster | 'gone' | 'silent'> {
  const startedAt = performance.now();
  let lastSignAt = startedAt;
  let isAnnounced = false;
  for (;;) {
    const postmaster = await findPostmaster(pgData);
    // Asked in the database that every cluster has: ours may not have been made yet.
    const answer = postmaster?.port
      ? await askPostgres(databaseUrl(postmaster.port, password, 'postgres'))
      : 'silent';
    if (postmaster && answer === 'ready') return postmaster;
    if (await isGone()) return 'gone';
    const now = performance.now();
    if (answer === 'starting') lastSignAt = now;
    if (now - lastSignAt > SILENCE_TIMEOUT_MS || now - startedAt > RECOVERY_TIMEOUT_MS) return 'silent';
    if (!isAnnounced && answer === 'starting' && now - startedAt > 3000) {
      isAnnounced = true;
      say('Postgres is still starting, most likely recovering from being killed; waiting for it.');
    }
    // Postgres logs every question it has to turn down.
    await pause(now - startedAt < 1000 ? POLL_MS : 10 * POLL_MS);
  }
}

export async function ensureDatabase(port: number, password: string): Promise<void> {
  await withConnection(databaseUrl(port, password, 'postgres'), async (sql) => {
    const found = await sql`select 1 from pg_database where datname = 'paperboy'`;
    if (found.length === 0) await sql`create database paperboy`;
  });
}

/**
 * Stops it: fast, and after 4 s at once (the next start then recovers). Returns when it is gone, or after
 * 10 s at the latest; does nothing when it no longer runs.
 */
export async function stopPostmaster(pgData: string, pid: number, { pgCtl, env }: Binaries): Promise<void> {
  if (!(await isPostmasterOf(pid, pgData))) return;
  if (process.platform === 'win32') {
    // Windows has no signals; Node's stand-in would kill it outright.
    await promisify(execFile)(pgCtl, ['stop', '-D', pgData, '-m', 'fast', '-t', '10'], {
      env,
      windowsHide: true,
    });
    return;
  }
  signalProcess(pid, 'SIGINT');
  if (await waitUntilGone(pgData, pid, 4000)) return;
  signalProcess(pid, 'SIGQUIT');
  // It gives its own children 5 s before it kills them.
  await waitUntilGone(pgData, pid, 6000);
}

async function waitUntilGone(pgData: string, pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    if (!(await isPostmasterOf(pid, pgData))) return true;
    await pause(POLL_MS);
  }
  return false;
}

async function withConnection<T>(url: string, use: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, connect_timeout: 3, fetch_types: false, onnotice: () => undefined });
  try {
    return await use(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
