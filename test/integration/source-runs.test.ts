/** Runs of one source: never two at once, ended at a word, gone on with afterwards, and never in the way of another source. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { AppError } from '../../src/errors.ts';
import {
  ingestByName,
  ingestPages,
  ingestSource,
  readAllSources,
  resumeSources,
} from '../../src/papers/ingest.ts';
import type { SourcePage } from '../../src/papers/sources/source.ts';
import { claimSource } from '../../src/papers/sources.repo.ts';
import type { LiveSource, SourceRun } from '../../src/papers/sources.ts';
import { setSchedules } from '../../workers/schedules.ts';
import { startWorkers } from '../../workers/workers.ts';
import { createClock } from '../support/clock.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { makePaper } from '../support/papers.ts';
import { startUpstream, type Upstream } from '../support/upstream-server.ts';

const clock = createClock('2026-11-24T08:00:00Z');
const closers: (() => unknown)[] = [];
let test: TestContext;
let upstream: Upstream;

beforeEach(async () => {
  clock.set('2026-11-24T08:00:00Z');
  upstream = await startUpstream();
  test = await createTestContext({
    now: clock.now,
    env: { HF_BASE_URL: upstream.url, ARXIV_BASE_URL: upstream.url },
  });
});

afterEach(async () => {
  for (const closer of closers.splice(0).reverse()) await closer();
  await test.close();
  await upstream.close();
});

const state = async (name: string) => (await test.sql`select * from source_states where name = ${name}`)[0];
const titles = async () => (await test.sql`select title from papers order by id`).map(({ title }) => title);
const interruption = new AppError('INTERRUPTED', 'This process ends.');

/** A source that gives a page for each number up to `pages`, each only once the test says `next`. */
function stepwiseSource(pages: number) {
  const steps: (() => void)[] = [];
  const gate = () => new Promise<void>((resolve) => steps.push(resolve));
  const starts: SourceRun[] = [];
  async function* read(ctx: { signal?: AbortSignal }, run: SourceRun): AsyncGenerator<SourcePage> {
    starts.push(run);
    for (let page = Number(run.cursor ?? 0) + 1; page <= pages; page += 1) {
      const called = new Promise<never>((_, reject) => {
        ctx.signal?.addEventListener('abort', () => reject(ctx.signal?.reason), { once: true });
      });
      await Promise.race([gate(), called]);
      const skipped = Array.from({ length: 3 }, (_, at) => ({ reason: `reason ${page}-${at}` }));
      yield {
        papers: [
          makePaper({ source: 'hf', externalId: `p${page}`, title: `Paper ${page} of a long harvest` }),
        ],
        skipped,
        cursor: String(page),
      };
    }
  }
  const source: LiveSource = { name: 'hf', everyMs: 1, isFeed: false, read };
  /** Lets the next page come, once it is asked for. */
  async function next(): Promise<void> {
    await vi.waitFor(() => expect(steps.length).toBeGreaterThan(0));
    steps.shift()?.();
  }
  return { source, next, starts };
}

describe('one run at a time', () => {
  it('tells whoever comes second since when the source is being read, and lets the schedule pass over', async () => {
    const { source, next } = stepwiseSource(1);
    const first = ingestSource(test.ctx, source);
    await vi.waitFor(async () => expect(await state('hf')).toBeDefined());
    clock.advance(60_000);
    await expect(ingestSource(test.ctx, source)).rejects.toMatchObject({
      code: 'SOURCE_IN_USE',
      message: expect.stringContaining('since 2026-11-24 08:00 UTC'),
    });
    await ingestByName(test.ctx, 'hf');
    expect(upstream.requests).toEqual([]);
    await next();
    expect(await first).toMatchObject({ inserted: 1 });
    expect(await state('hf')).toMatchObject({
      runs: '1',
      lease_until: null,
      last_error: null,
      failing_since: null,
    });
    await ingestSource(test.ctx, stepwiseSource(1).source);
    expect(await state('hf')).toMatchObject({ runs: '2', last_ok_at: clock.now() });
  });

  it('gives the source to exactly one of many that come at once', async () => {
    const claims = await Promise.all(
      Array.from({ length: 10 }, () => claimSource(test.ctx.db, 'hf', clock.now())),
    );
    expect(claims.filter((claim) => claim !== null)).toMatchObject([{ run: 1 }]);
  });

  it('frees a source whose reader died, and lets one thought dead write nothing', async () => {
    const { source, next } = stepwiseSource(2);
    const asleep = ingestSource(test.ctx, source);
    await next();
    await vi.waitFor(async () => expect((await state('hf'))?.cursor).toBe('1'));
    // Longer than it may be silent: its machine was closed, say.
    clock.advance(121_000);
    const other = stepwiseSource(2);
    const second = ingestSource(test.ctx, other.source);
    await vi.waitFor(() => expect(other.starts).toMatchObject([{ cursor: '1' }]));
    await next();
    await expect(asleep).rejects.toMatchObject({ code: 'SOURCE_IN_USE' });
    expect(await titles()).toHaveLength(1);
    expect(await state('hf')).toMatchObject({ cursor: '1', runs: '2', last_error: null, last_ok_at: null });
    await other.next();
    expect(await second).toMatchObject({ inserted: 1 });
    expect(await state('hf')).toMatchObject({ cursor: '2', last_ok_at: clock.now(), seen: '8' });
  });

  it('keeps no more kinds of reasons than an operator can read', async () => {
    const claim = await claimSource(test.ctx.db, 'hf', clock.now());
    if (!claim) throw new Error('nobody else reads it');
    async function* pages() {
      const skipped = Array.from({ length: 100 }, (_, at) => ({ reason: `made up ${at}` }));
      yield { papers: [], skipped: [...skipped, { reason: 'constructor' }] };
    }
    await ingestPages(test.ctx, pages(), { run: { claim, keepCursor: true } });
    const reasons = (await state('hf'))?.skipped_reasons as Record<string, number>;
    expect(Object.keys(reasons)).toHaveLength(31);
    expect(reasons).toMatchObject({ 'made up 0': 1, 'other reasons': 71 });
  });
});

describe('an interruption', () => {
  it('ends a run between two pages, is no failure of the source, and is gone on with by a worker', async () => {
    const { source, next } = stepwiseSource(3);
    const ending = new AbortController();
    const run = ingestSource(test.ctx, source, { signal: ending.signal });
    await next();
    await vi.waitFor(async () => expect(await titles()).toHaveLength(1));
    ending.abort(interruption);
    await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(await titles()).toHaveLength(1);
    expect(await state('hf')).toMatchObject({
      cursor: '1',
      last_error: null,
      failing_since: null,
      last_ok_at: null,
    });

    await resumeSources(test.ctx);
    expect(await test.ctx.queues.backlog('ingest')).toBe(1);
    // Told once, or every minute would add a job.
    await resumeSources(test.ctx);
    expect(await test.ctx.queues.backlog('ingest')).toBe(1);
    const again = stepwiseSource(1);
    const second = ingestSource(test.ctx, again.source);
    expect(await second).toMatchObject({ seen: 0 });
    expect(again.starts).toMatchObject([{ cursor: '1' }]);
  });

  it('stores the page in hand not at all where it comes before', async () => {
    const ending = new AbortController();
    async function* pages() {
      yield { papers: [makePaper({ title: 'The first of two papers' })], skipped: [] };
      ending.abort(interruption);
      yield { papers: [makePaper({ title: 'The second of two papers' })], skipped: [] };
    }
    await expect(ingestPages(test.ctx, pages(), { signal: ending.signal })).rejects.toBe(interruption);
    expect(await titles()).toEqual([]);
  });

  it('has a source read again whose process was killed, and none that is being read or done', async () => {
    await claimSource(test.ctx.db, 'hf', clock.now());
    await resumeSources(test.ctx);
    expect(await test.ctx.queues.backlog('ingest')).toBe(0);
    clock.advance(121_000);
    await ingestByName(test.ctx, 'arxiv');
    await resumeSources(test.ctx);
    expect(await test.ctx.queues.backlog('ingest')).toBe(1);
  });

  it('of workers ends at once, though the source keeps silent, and the next ones go on', async () => {
    upstream.failNext({ kind: 'silent' }, 2);
    const workers = await startWorkers(test.ctx);
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(2), { timeout: 20_000 });
    const endedAt = performance.now();
    await workers.close();
    expect(performance.now() - endedAt).toBeLessThan(1400);
    const untold = { last_ok_at: null, last_error: null, failing_since: null };
    expect([await state('hf'), await state('arxiv')]).toMatchObject([untold, untold]);
    await resumeSources(test.ctx);
    const others = await startWorkers(test.ctx);
    closers.push(others.close);
    await vi.waitFor(
      async () =>
        expect(await test.sql`select 1 from source_states where last_ok_at is not null`).toHaveLength(2),
      { timeout: 20_000 },
    );
  });
});

describe('a failing source', () => {
  it('stops no other, also where its adapter has a fault of its own', async () => {
    test.ctx.fetch = (input, init) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      // Answers that no adapter can make sense of: `text` of undefined.
      if (pathname.startsWith('/api/daily_papers')) return Promise.resolve(undefined as never);
      return globalThis.fetch(input, init);
    };
    await readAllSources(test.ctx);
    expect(await state('arxiv')).toMatchObject({ last_ok_at: clock.now(), failing_since: null });
    expect(await state('hf')).toMatchObject({ failing_since: clock.now(), lease_until: null });
    await expect(ingestByName(test.ctx, 'hf')).resolves.toBeUndefined();
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
    env: { HF_BASE_URL: `http://127.0.0.1:${port}`, ARXIV_BASE_URL: upstream.url },
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
