/** The queue is a hint: wiped, down or told twice, it costs time and no mail. The same on both backends. */
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { recover } from '../../src/deliveries/recover.ts';
import { composePage } from '../../src/digests/compose.ts';
import { enqueueSends } from '../../src/hints.ts';
import { keepSchedules } from '../../workers/schedules.ts';
import { startWorkers } from '../../workers/workers.ts';
import { createTestContext, emptyQueue, type TestContext } from '../support/context.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { addReaders } from '../support/readers.ts';

const redisUrl = inject('redisUrl');

describe.each([
  { backend: 'postgres' as const, skip: false },
  { backend: 'redis' as const, skip: redisUrl === null },
])('the queue on $backend', ({ backend, skip }) => {
  let test: TestContext;
  const closers: (() => unknown)[] = [];

  afterEach(async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  });

  async function open(): Promise<void> {
    test = await createTestContext({ redis: backend === 'redis' });
    closers.push(test.close);
  }

  it.skipIf(skip)('gets its schedules back when it was emptied under running workers', async () => {
    await open();
    const ending = new AbortController();
    closers.push(() => ending.abort());
    await keepSchedules(test.ctx, ending.signal, 50);
    const scheduled = async () => {
      const queues = ['compose', 'recover', 'ingest'] as const;
      const lists = await Promise.all(queues.map((name) => test.ctx.queues.listSchedules(name)));
      // By name: two that were set in the same millisecond come in any order.
      return lists.map((list) => list.map(({ id }) => id).sort());
    };
    const before = await scheduled();
    expect(before.flat().length).toBeGreaterThan(2);
    await emptyQueue(test);
    await vi.waitFor(async () => expect(await scheduled()).toEqual(before));
  });

  it.skipIf(skip)('sends all mail of a run whose jobs were wiped', async () => {
    await open();
    const { ctx, sql, sink } = test;
    await storePapers(
      ctx,
      ['One', 'Two', 'Three'].map((title) => makePaper({ title: `Graph neural networks: ${title}` })),
      ctx.now(),
    );
    await addReaders(
      ctx,
      Array.from({ length: 120 }, (_, at) => ({
        email: `r${at}@example.org`,
        topics: ['graph-neural-networks'],
      })),
    );
    const later = new Date(ctx.now().getTime() + 24 * 3600_000);
    const ids = (await sql`select id::int from subscribers`).map(({ id }) => id as number);
    expect(await composePage(ctx, later, ids)).toMatchObject({ digests: 120 });
    expect(await ctx.queues.backlog('send')).toBe(1);
    await emptyQueue(test);
    expect(await ctx.queues.backlog('send')).toBe(0);

    await sql`update deliveries set next_attempt_at = now() - interval '5 minutes'`;
    expect(await recover(ctx)).toEqual({ released: 0, requeued: 120 });
    // Told again while the first jobs still wait: the backlog is left alone.
    expect(await recover(ctx)).toEqual({ released: 0, requeued: 0 });
    const workers = await startWorkers(ctx);
    closers.push(workers.close);
    await vi.waitFor(() => expect(sink.mails).toHaveLength(120), { timeout: 20_000 });
    expect(new Set(sink.mails.map(({ to }) => to)).size).toBe(120);
  });

  it.skipIf(skip)('lets what a person waits for go ahead of bulk', async () => {
    await open();
    const order: number[] = [];
    await test.ctx.queues.addSends(
      Array.from({ length: 800 }, (_, at) => at + 1),
      'bulk',
    );
    await test.ctx.queues.addSends([1000], 'waiting');
    const worker = test.ctx.queues.startWorker(
      'send',
      async ({ deliveryIds }) => void order.push(deliveryIds[0] ?? 0),
      {
        concurrency: 1,
        onError: () => {},
      },
    );
    closers.push(worker.close);
    await vi.waitFor(() => expect(order).toHaveLength(5), { timeout: 10_000 });
    expect(order[0]).toBe(1000);
  });

  it.skipIf(skip)('keeps a job that failed for its next try', async () => {
    await open();
    let tries = 0;
    const worker = test.ctx.queues.startWorker(
      'send',
      async () => {
        tries++;
        throw new Error('not yet');
      },
      { concurrency: 1, onError: () => {} },
    );
    closers.push(worker.close);
    await test.ctx.queues.addSends([1], 'waiting');
    await vi.waitFor(() => expect(tries).toBe(1), { timeout: 10_000 });
    // It waits for its next try: neither lost nor counted as work that can be done now.
    await vi.waitFor(async () => expect(await test.ctx.queues.backlog('send')).toBe(0), { timeout: 10_000 });
  });
});

it('loses nothing when the queue is down at the moment of a sign-up', async () => {
  const test = await createTestContext();
  await test.ctx.queues.close();
  await expect(enqueueSends(test.ctx, [1], 'waiting')).resolves.toBeUndefined();
  await test.close().catch(() => {});
});
