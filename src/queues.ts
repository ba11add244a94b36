/** The queues on Redis or on Postgres, the same to all who use them. Here alone BullMQ is known. */
import {
  createPostgresBackend,
  type JobsOptions,
  Queue,
  runMigrations,
  UnrecoverableError,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { AppError } from './errors.ts';
import { type JobData, jobSchemas, type QueueName, type Urgency } from './jobs.ts';
import type { Logger } from './logger.ts';

/** Lower goes first: what a person is waiting for ahead of bulk. */
const PRIORITY: Record<Urgency, number> = { waiting: 1, bulk: 10 };

/** A delivery or job is tried this often; with `retryDelayMs` that spans about 8 hours. */
export const MAX_ATTEMPTS = 12;

/** Time until the next try after `attempts` tries: 30 s doubling up to 2 hours. */
export function retryDelayMs(attempts: number): number {
  return Math.min(30_000 * 2 ** Math.max(0, attempts - 1), 2 * 3600_000);
}

/** What a job throws so that it is not tried again. */
export function unretryable(message: string): Error {
  return new UnrecoverableError(message);
}

const JOB_OPTIONS: JobsOptions = {
  attempts: MAX_ATTEMPTS,
  backoff: { type: 'custom' },
  // Finished jobs say nothing that the database doesn't know.
  removeOnComplete: true,
  removeOnFail: { age: 7 * 24 * 3600, count: 1000 },
};

/** Deliveries in one send job: few, large jobs cost the queue least, and readers of one page share most of their papers. */
const SEND_PAGE = 200;

export interface Queues {
  backend: 'redis' | 'postgres';
  add<N extends QueueName>(name: N, data: JobData<N>, urgency?: Urgency): Promise<void>;
  addSends(deliveryIds: readonly number[], urgency?: Urgency, delayMs?: number): Promise<void>;
  /** Runs a job every `everyMs`, however many processes ask for it. */
  schedule<N extends QueueName>(
    name: N,
    schedulerId: string,
    everyMs: number,
    data: JobData<N>,
  ): Promise<void>;
  /** The schedules of a queue, and when each runs next. */
  listSchedules(name: QueueName): Promise<{ id: string; nextAt: Date | null }[]>;
  /** Ends a schedule, with the job of its next round; one that is due already still comes. */
  unschedule(name: QueueName, schedulerId: string): Promise<void>;
  /** Jobs by what they are at; `delayed` are those that wait for a time: a retry, a schedule's next round. */
  countJobs(name: QueueName): Promise<Record<'waiting' | 'active' | 'delayed' | 'failed', number>>;
  /** Jobs that wait or run now, without those delayed for a retry. */
  backlog(name: QueueName): Promise<number>;
  startWorker<N extends QueueName>(
    name: N,
    process: (data: JobData<N>, job: { id: string; attemptsMade: number }) => Promise<void>,
    options: { concurrency: number; onError: (error: Error) => void },
  ): { close(): Promise<void> };
  /** Throws where the backend does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the queues on Redis where there is one, else on Postgres. Throws AppError `QUEUE_UNREACHABLE`. */
export async function openQueues({
  redisUrl,
  databaseUrl,
  log,
}: {
  redisUrl: string | null;
  databaseUrl: string;
  log: Logger;
}): Promise<Queues> {
  const store = redisUrl ? await openRedis(redisUrl, log) : await openPostgres(databaseUrl, log);
  const queues = Object.fromEntries(
    Object.keys(jobSchemas).map((name) => {
      const queue = new Queue(name, { ...store.options, defaultJobOptions: JOB_OPTIONS }, store.factory);
      queue.on('error', (error) => log.warn({ event: 'queue.error', queue: name, error: error.message }));
      return [name, queue];
    }),
  ) as Record<QueueName, Queue>;

  return {
    backend: redisUrl ? 'redis' : 'postgres',
    async add(name, data, urgency = 'bulk') {
      await queues[name].add(name, data, { priority: PRIORITY[urgency] });
    },
    async addSends(deliveryIds, urgency = 'bulk', delayMs = 0) {
      const pages = Array.from({ length: Math.ceil(deliveryIds.length / SEND_PAGE) }, (_, page) =>
        deliveryIds.slice(page * SEND_PAGE, (page + 1) * SEND_PAGE),
      );
      const jobs = pages.map((ids) => ({
        name: 'send',
        data: { deliveryIds: ids },
        opts: { priority: PRIORITY[urgency], delay: delayMs },
      }));
      const [first, ...others] = jobs;
      // On Postgres, adding in bulk makes two tables each time, which takes a dozen times as long as one job.
      if (first && others.length === 0) await queues.send.add(first.name, first.data, first.opts);
      else await queues.send.addBulk(jobs);
    },
    async schedule(name, schedulerId, everyMs, data) {
      await queues[name].upsertJobScheduler(
        schedulerId,
        { every: everyMs },
        // The next round comes anyway, so a failed one is not tried again.
        { name, data, opts: { attempts: 1, removeOnComplete: true, removeOnFail: 50 } },
      );
    },
    async listSchedules(name) {
      const schedulers = await queues[name].getJobSchedulers();
      return schedulers.map(({ key, next }) => ({ id: key, nextAt: next ? new Date(Number(next)) : null }));
    },
    async unschedule(name, schedulerId) {
      await queues[name].removeJobScheduler(schedulerId);
    },
    async countJobs(name) {
      const counts = await queues[name].getJobCounts('wait', 'prioritized', 'active', 'delayed', 'failed');
      const of = (state: string) => counts[state] ?? 0;
      return {
        waiting: of('wait') + of('prioritized'),
        active: of('active'),
        delayed: of('delayed'),
        failed: of('failed'),
      };
    },
    async backlog(name) {
      const counts = await queues[name].getJobCounts('wait', 'prioritized', 'active');
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
    startWorker(name, process, { concurrency, onError }) {
      const options: WorkerOptions = {
        ...store.options,
        concurrency,
        settings: { backoffStrategy: retryDelayMs },
      };
      const worker = new Worker(
        name,
        async (job) => {
          const data = jobSchemas[name].parse(job.data) as JobData<typeof name>;
          await process(data, { id: job.id ?? '', attemptsMade: job.attemptsMade });
        },
        options,
        store.factory,
      );
      worker.on('error', onError);
      return { close: () => worker.close() };
    },
    ping: store.ping,
    async close() {
      await Promise.all(Object.values(queues).map((queue) => queue.close()));
      await store.close();
    },
  };
}

interface Store {
  // BullMQ's types tie connection and factory together per backend; here either pair fits.
  options: { connection: never };
  factory: never;
  ping(): Promise<void>;
  close(): Promise<void>;
}

async function openRedis(url: string, log: Logger): Promise<Store> {
  const redis = new Redis(url, { maxRetriesPerRequest: null, lazyConnect: true });
  redis.on('error', (error) => log.warn({ event: 'queue.error', error: error.message }));
  await redis.connect().catch((cause) => {
    redis.disconnect();
    throw unreachable(`Redis at ${new URL(url).host}`, 'REDIS_URL', cause);
  });
  const [, policy] = (await redis.config('GET', 'maxmemory-policy').catch(() => [])) as string[];
  if (policy && policy !== 'noeviction') {
    log.warn(
      { event: 'queue.eviction', policy },
      'Redis may evict jobs: set maxmemory-policy to noeviction.',
    );
  }
  return {
    options: { connection: redis as never },
    factory: undefined as never,
    // ioredis queues commands while it reconnects, so a ping alone would wait without limit.
    async ping() {
      if (redis.status !== 'ready') throw new AppError('QUEUE_UNREACHABLE', 'Redis does not answer.');
      await redis.ping();
    },
    async close() {
      redis.disconnect();
    },
  };
}

/** The only name BullMQ takes when it is given a pool. */
const QUEUE_SCHEMA = 'bullmq';

async function openPostgres(url: string, log: Logger): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: url,
    // Each worker keeps one connection to listen on.
    max: 12,
    options: `-c search_path=${QUEUE_SCHEMA}`,
    application_name: 'paperboy-queue',
  });
  pool.setMaxListeners(50);
  pool.on('error', (error) => log.warn({ event: 'queue.error', error: error.message }));
  try {
    const client = await pool.connect();
    try {
      await runMigrations(client, QUEUE_SCHEMA);
    } finally {
      client.release();
    }
  } catch (cause) {
    await pool.end();
    throw unreachable(`the queue in Postgres at ${new URL(url).host}`, 'DATABASE_URL', cause);
  }
  return {
    options: { connection: pool as never },
    factory: createPostgresBackend as never,
    async ping() {
      await pool.query('select 1');
    },
    close: () => pool.end(),
  };
}

function unreachable(what: string, setting: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new AppError('QUEUE_UNREACHABLE', `Can't reach ${what}: ${reason}. Check ${setting}.`, {
    cause,
    retry: true,
  });
}
