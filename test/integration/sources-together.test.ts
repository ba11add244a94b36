/** Sources beside each other: one that fails or hangs is in no other’s way, and each is read for as long as it is switched on. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { ingestByName, readAllSources } from '../../src/papers/ingest.ts';
import { setSchedules } from '../../workers/schedules.ts';
import { startWorkers } from '../../workers/workers.ts';
import { createTestContext } from '../support/context.ts';
import { useSourceRuns } from '../support/source-runs.ts';

const runs = useSourceRuns();
const { clock, closers, state } = runs;

describe('a failing source', () => {
  it('stops no other, also where its adapter has a fault of its own', async () => {
    runs.test.ctx.fetch = (input, init) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      // Answers that no adapter can make sense of: `text` of undefined.
      if (pathname.startsWith('/api/daily_papers')) return Promise.resolve(undefined as never);
      return globalThis.fetch(input, init);
    };
    await readAllSources(runs.test.ctx);
    expect(await state('arxiv')).toMatchObject({ last_ok_at: clock.now(), failing_since: null });
    expect(await state('hf')).toMatchObject({ failing_since: clock.now(), lease_until: null });
    await expect(ingestByName(runs.test.ctx, 'hf')).resolves.toBeUndefined();
  });
});

const redisUrl = inject('redisUrl');
describe.each([
  { backend: 'postgres' as const, skip: false },
  { backend: 'redis' as const, skip: redisUrl === null },
])('schedules on $backend', ({ backend, skip }) => {
  it.skipIf(skip)(
    'end when a source is switched off, follow a new interval, and stay as they are otherwise',
    async () => {
      const own = await createTestContext({ redis: backend === 'redis' });
      closers.push(own.close);
      const set = (env: Record<string, string>) =>
        setSchedules({ ...own.ctx, config: { ...own.ctx.config, sources: loadConfig(env).sources } });
      const next = async () =>
        Object.fromEntries(
          (await own.ctx.queues.listSchedules('ingest')).map(({ id, nextAt }) => [id, nextAt]),
        );

      await set({ SOURCES: 'hf,arxiv-oai', FEEDS: 'a=https://a.example/feed' });
      const first = await next();
      expect(Object.keys(first).sort()).toEqual(['ingest-arxiv-oai', 'ingest-feed-a', 'ingest-hf']);
      expect(await own.ctx.queues.listSchedules('compose')).toMatchObject([{ id: 'due' }]);

      await set({ SOURCES: 'hf,arxiv-oai', FEEDS: 'a=https://a.example/feed' });
      expect(await next()).toEqual(first);

      await set({ SOURCES: 'arxiv-oai', SOURCE_EVERY: 'arxiv-oai=5m' });
      const second = await next();
      expect(Object.keys(second)).toEqual(['ingest-arxiv-oai']);
      const waitMs = (second['ingest-arxiv-oai']?.getTime() ?? 0) - own.ctx.now().getTime();
      expect(waitMs).toBeLessThanOrEqual(5 * 60_000);
      // What had been due at once comes once more, and then only what is switched on is left.
      const told: string[] = [];
      const worker = own.ctx.queues.startWorker(
        'ingest',
        async ({ source }) => {
          told.push(source);
        },
        { concurrency: 1, onError: () => {} },
      );
      closers.push(worker.close);
      await vi.waitFor(() => expect(told.toSorted()).toEqual(['arxiv-oai', 'feed-a', 'hf']));
      await vi.waitFor(async () =>
        expect(await own.ctx.queues.countJobs('ingest')).toEqual({
          waiting: 0,
          active: 0,
          delayed: 1,
          failed: 0,
        }),
      );
    },
  );
});

let silent: Server | undefined;
afterEach(() => silent?.close());

it('reads other sources while one of them hangs', async () => {
  silent = createServer(() => {}).listen(0, '127.0.0.1');
  await vi.waitFor(() => expect(silent?.address()).not.toBeNull());
  const { port } = silent.address() as AddressInfo;
  const own = await createTestContext({
    env: { HF_BASE_URL: `http://127.0.0.1:${port}`, ARXIV_BASE_URL: runs.upstream.url },
  });
  closers.push(own.close, () => silent?.closeAllConnections());
  const workers = await startWorkers(own.ctx);
  closers.push(workers.close);
  await vi.waitFor(
    async () =>
      expect(await own.sql`select name from source_states where last_ok_at is not null`).toEqual([
        { name: 'arxiv' },
      ]),
    { timeout: 20_000 },
  );
});
