/** The one seam of the tests: a real context on a database of its own, with mail going to a real SMTP sink. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { inject } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { type Context, openContext } from '../../src/context.ts';
import { createLogger } from '../../src/logger.ts';
import { seedTopics } from '../../src/subscribers/seed-topics.ts';
import { type MailSink, startMailSink } from './mail-sink.ts';

export interface TestContext {
  ctx: Context;
  sink: MailSink;
  /** Statements on the test's own database, to look at what is stored. */
  sql: postgres.Sql;
  /** Null where the queue is on Postgres. */
  redisUrl: string | null;
  close(): Promise<void>;
}

export interface TestOptions {
  /** Environment variables on top of the test's own. */
  env?: Record<string, string>;
  now?: () => Date;
  fetch?: typeof globalThis.fetch;
  /** Puts the queue on Redis, on a database of its own that starts empty. */
  redis?: boolean;
  /** Without a sink, mail goes to the local mailbox. */
  localMailbox?: boolean;
}

/** Topics are seeded, papers are not. */
export async function createTestContext(options: TestOptions = {}): Promise<TestContext> {
  const serverUrl = inject('postgresUrl');
  const database = `paperboy_test_${randomBytes(6).toString('hex')}`;
  const admin = postgres(serverUrl, { max: 1, onnotice: () => {} });
  await admin.unsafe(`create database ${database}`);
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  const sink = await startMailSink();
  const redisUrl = options.redis ? await emptyRedis() : null;
  const dataDir = await mkdtemp(join(tmpdir(), 'paperboy-test-'));
  const config = loadConfig({
    DATABASE_URL: url.href,
    DATA_DIR: dataDir,
    PUBLIC_URL: 'https://papers.example.org',
    MAIL_FROM: 'Paperboy <digest@example.org>',
    SECRET_KEY: 'a secret for tests only',
    SUBSCRIBE_LIMIT: '10000',
    ...(options.localMailbox ? {} : { SMTP_URL: sink.url }),
    ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
    ...options.env,
  });
  const { ctx, close } = await openContext(config, {
    mode: 'attach',
    log: createLogger('silent'),
    now: options.now,
    fetch: options.fetch,
    compiledMailsIn: inject('compiledMailsIn'),
  });
  await seedTopics(ctx);
  const sql = postgres(url.href, { max: 2, onnotice: () => {} });
  return {
    ctx,
    sink,
    sql,
    redisUrl,
    async close() {
      await close();
      await sql.end();
      await sink.close();
      await admin.unsafe(`drop database ${database} with (force)`);
      await admin.end();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Files run at the same time, each in a pool of its own number; Redis has sixteen databases. */
export async function emptyRedis(): Promise<string> {
  const url = new URL(inject('redisUrl') ?? '');
  url.pathname = `/${(Number(process.env.VITEST_POOL_ID ?? 0) % 15) + 1}`;
  await wipeRedis(url.href);
  return url.href;
}

/** Takes everything that the queue holds from it: jobs, schedules and its notes of them. */
export async function emptyQueue({ sql, redisUrl }: Pick<TestContext, 'sql' | 'redisUrl'>): Promise<void> {
  if (redisUrl) return wipeRedis(redisUrl);
  const tables = await sql`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname = 'bullmq' and tablename not like '%migration%'`;
  await sql.unsafe(`truncate ${tables.map(({ name }) => name).join(', ')}`);
}

export async function wipeRedis(url: string): Promise<void> {
  const redis = new Redis(url);
  await redis.flushdb();
  redis.disconnect();
}
