/** Whether the queue answers, keeps what it is given, and how much waits in it. */
import { Redis } from 'ioredis';
import type { Config } from '../config.ts';
import { jobSchemas, type QueueName } from '../jobs.ts';
import { createLogger } from '../logger.ts';
import { openQueues } from '../queues.ts';
import { within } from '../within.ts';
import { type Finding, fault, ok, skipped, warning } from './finding.ts';
import { reasonOf } from './reason.ts';

const PATIENCE_MS = 4000;
const CLOSE_WITHIN_MS = 1000;
/** Send jobs hold 50 mails each, so this is far more than one worker has in an hour. */
const MANY_JOBS = 2000;

export async function checkQueue(
  { redisUrl }: Pick<Config, 'redisUrl'>,
  databaseUrl: string,
): Promise<Finding[]> {
  const [backlog, redis] = await Promise.all([
    checkBacklog(redisUrl, databaseUrl),
    redisUrl ? checkRedisPolicy(redisUrl) : [],
  ]);
  return [...backlog, ...redis];
}

async function checkBacklog(redisUrl: string | null, databaseUrl: string): Promise<Finding[]> {
  const backend = redisUrl ? `Redis at ${new URL(redisUrl).host}` : 'Postgres';
  const log = createLogger('silent');
  const opening = openQueues({ redisUrl, databaseUrl, log });
  try {
    const queues = await within(PATIENCE_MS, opening);
    const names = Object.keys(jobSchemas) as QueueName[];
    const counts = await within(PATIENCE_MS, Promise.all(names.map((name) => queues.countJobs(name))));
    const sum = (state: 'waiting' | 'active' | 'failed') =>
      counts.reduce((total, count) => total + count[state], 0);
    const jobs = `${sum('waiting')} jobs wait, ${sum('active')} run, ${sum('failed')} failed for good this week`;
    return [
      ok('backend', backend),
      sum('waiting') < MANY_JOBS
        ? ok('backlog', jobs)
        : warning('backlog', jobs, 'See that a worker runs, or start more of them.'),
    ];
  } catch (error) {
    const setting = redisUrl ? 'REDIS_URL' : 'DATABASE_URL';
    return [fault('backend', `${backend}: ${reasonOf(error)}`, `See that it runs, and check ${setting}.`)];
  } finally {
    const closing = opening.then((queues) => queues.close());
    await within(CLOSE_WITHIN_MS, closing).catch(() => {});
  }
}

/** Silent where Redis can't be reached at all: the backlog has told that. */
async function checkRedisPolicy(url: string): Promise<Finding[]> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: PATIENCE_MS });
  redis.on('error', () => {});
  try {
    await redis.connect();
    const [, policy] = (await redis.config('GET', 'maxmemory-policy').catch(() => [])) as string[];
    if (policy === undefined) {
      return [skipped('eviction', 'this Redis does not tell its maxmemory-policy; it must be noeviction')];
    }
    if (policy === 'noeviction') return [ok('eviction', 'none (noeviction)')];
    return [fault('eviction', `maxmemory-policy is ${policy}: Redis may drop jobs`, 'Set it to noeviction.')];
  } catch {
    return [];
  } finally {
    redis.disconnect();
  }
}
