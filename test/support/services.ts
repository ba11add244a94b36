/**
 * The services that tests run on, started once for all files: what TEST_DATABASE_URL and TEST_REDIS_URL name;
 * else containers where a Docker engine answers; else the embedded Postgres and a redis-server from PATH.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { PostgreSqlContainer } from '@testcontainers/postgresql';
import { RedisContainer } from '@testcontainers/redis';
import { Redis } from 'ioredis';
import type { TestProject } from 'vitest/node';
import { openEmbeddedPostgres } from '../../src/db/embedded.ts';
import { freePort } from './free-port.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
    /** Null: no Redis here, and the half of the queue suite that needs one says so. */
    redisUrl: string | null;
    /** Where what MJML makes of the mails is kept for the next file. */
    compiledMailsIn: string;
  }
}

interface Service {
  url: string;
  stop(): Promise<unknown>;
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { TEST_DATABASE_URL, TEST_REDIS_URL } = process.env;
  const postgres = TEST_DATABASE_URL ? given(TEST_DATABASE_URL) : await startPostgres();
  const redis = TEST_REDIS_URL ? given(TEST_REDIS_URL) : await startRedis();
  project.provide('postgresUrl', postgres.url);
  project.provide('redisUrl', redis?.url ?? null);
  const compiledMailsIn = await mkdtemp(join(tmpdir(), 'paperboy-test-mails-'));
  project.provide('compiledMailsIn', compiledMailsIn);
  if (!redis) console.warn('No Redis here: the tests of the queue on Redis are skipped.');
  return async () => {
    await redis?.stop();
    await postgres.stop();
    await rm(compiledMailsIn, { recursive: true, force: true });
  };
}

function given(url: string): Service {
  return { url, stop: async () => {} };
}

async function startPostgres(): Promise<Service> {
  const container = await new PostgreSqlContainer('postgres:18-alpine').start().catch(() => null);
  if (container) return { url: container.getConnectionUri(), stop: () => container.stop() };
  const dataDir = await mkdtemp(join(tmpdir(), 'paperboy-test-'));
  // Run by root, Postgres is another user's, who must reach it here, or it goes where nobody cleans up.
  await chmod(dataDir, 0o755);
  const postgres = await openEmbeddedPostgres({ dataDir, mode: 'own', say: () => {} });
  return {
    url: postgres.url,
    async stop() {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function startRedis(): Promise<Service | null> {
  const container = await new RedisContainer('redis:8-alpine').start().catch(() => null);
  if (container) return { url: container.getConnectionUrl(), stop: () => container.stop() };
  const program = findProgram('redis-server');
  if (!program) return null;
  const port = await freePort();
  const server = spawn(
    program,
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    {
      stdio: 'ignore',
      cwd: tmpdir(),
    },
  );
  const redis = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: 50 });
  redis.on('error', () => {});
  await redis.ping();
  redis.disconnect();
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      server.kill();
      await once(server, 'exit');
    },
  };
}

function findProgram(name: string): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // Not in this folder.
    }
  }
  return null;
}
