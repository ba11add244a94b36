/** Runs of one source: never two at once, ended at a word, and gone on with afterwards. */
import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { ingestByName, ingestPages, ingestSource, resumeSources } from '../../src/papers/ingest.ts';
import type { SourcePage } from '../../src/papers/sources/source.ts';
import { claimSource } from '../../src/papers/sources.repo.ts';
import type { LiveSource, SourceRun } from '../../src/papers/sources.ts';
import { startWorkers } from '../../workers/workers.ts';
import { makePaper } from '../support/papers.ts';
import { useSourceRuns } from '../support/source-runs.ts';

const runs = useSourceRuns();
const { clock, closers, state } = runs;

const titles = async () =>
  (await runs.test.sql`select title from papers order by id`).map(({ title }) => title);
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
    const first = ingestSource(runs.test.ctx, source);
    await vi.waitFor(async () => expect(await state('hf')).toBeDefined());
    clock.advance(60_000);
    await expect(ingestSource(runs.test.ctx, source)).rejects.toMatchObject({
      code: 'SOURCE_IN_USE',
      message: expect.stringContaining('since 2026-11-24 08:00 UTC'),
    });
    await ingestByName(runs.test.ctx, 'hf');
    expect(runs.upstream.requests).toEqual([]);
    await next();
    expect(await first).toMatchObject({ inserted: 1 });
    expect(await state('hf')).toMatchObject({
      runs: '1',
      lease_until: null,
      last_error: null,
      failing_since: null,
    });
    await ingestSource(runs.test.ctx, stepwiseSource(1).source);
    expect(await state('hf')).toMatchObject({ runs: '2', last_ok_at: clock.now() });
  });

  it('gives the source to exactly one of many that come at once', async () => {
    const claims = await Promise.all(
      Array.from({ length: 10 }, () => claimSource(runs.test.ctx.db, 'hf', clock.now())),
    );
    expect(claims.filter((claim) => claim !== null)).toMatchObject([{ run: 1 }]);
  });

  it('frees a source whose reader died, and lets one thought dead write nothing', async () => {
    const { source, next } = stepwiseSource(2);
    const asleep = ingestSource(runs.test.ctx, source);
    await next();
    await vi.waitFor(async () => expect((await state('hf'))?.cursor).toBe('1'));
    // Longer than it may be silent: its machine was closed, say.
    clock.advance(121_000);
    const other = stepwiseSource(2);
    const second = ingestSource(runs.test.ctx, other.source);
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
    const claim = await claimSource(runs.test.ctx.db, 'hf', clock.now());
    if (!claim) throw new Error('nobody else reads it');
    async function* pages() {
      const skipped = Array.from({ length: 100 }, (_, at) => ({ reason: `made up ${at}` }));
      yield { papers: [], skipped: [...skipped, { reason: 'constructor' }] };
    }
    await ingestPages(runs.test.ctx, pages(), { run: { claim, keepCursor: true } });
    const reasons = (await state('hf'))?.skipped_reasons as Record<string, number>;
    expect(Object.keys(reasons)).toHaveLength(31);
    expect(reasons).toMatchObject({ 'made up 0': 1, 'other reasons': 71 });
  });
});

describe('an interruption', () => {
  it('ends a run between two pages, is no failure of the source, and is gone on with by a worker', async () => {
    const { source, next } = stepwiseSource(3);
    const ending = new AbortController();
    const run = ingestSource(runs.test.ctx, source, { signal: ending.signal });
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

    await resumeSources(runs.test.ctx);
    expect(await runs.test.ctx.queues.backlog('ingest')).toBe(1);
    // Told once, or every minute would add a job.
    await resumeSources(runs.test.ctx);
    expect(await runs.test.ctx.queues.backlog('ingest')).toBe(1);
    const again = stepwiseSource(1);
    const second = ingestSource(runs.test.ctx, again.source);
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
    await expect(ingestPages(runs.test.ctx, pages(), { signal: ending.signal })).rejects.toBe(interruption);
    expect(await titles()).toEqual([]);
  });

  it('has a source read again whose process was killed, and none that is being read or done', async () => {
    await claimSource(runs.test.ctx.db, 'hf', clock.now());
    await resumeSources(runs.test.ctx);
    expect(await runs.test.ctx.queues.backlog('ingest')).toBe(0);
    clock.advance(121_000);
    await ingestByName(runs.test.ctx, 'arxiv');
    await resumeSources(runs.test.ctx);
    expect(await runs.test.ctx.queues.backlog('ingest')).toBe(1);
  });

  it('of workers ends at once, though the source keeps silent, and the next ones go on', async () => {
    runs.upstream.failNext({ kind: 'silent' }, 2);
    const workers = await startWorkers(runs.test.ctx);
    await vi.waitFor(() => expect(runs.upstream.requests).toHaveLength(2), { timeout: 20_000 });
    const endedAt = performance.now();
    await workers.close();
    expect(performance.now() - endedAt).toBeLessThan(1400);
    const untold = { last_ok_at: null, last_error: null, failing_since: null };
    expect([await state('hf'), await state('arxiv')]).toMatchObject([untold, untold]);
    await resumeSources(runs.test.ctx);
    const others = await startWorkers(runs.test.ctx);
    closers.push(others.close);
    await vi.waitFor(
      async () =>
        expect(await runs.test.sql`select 1 from source_states where last_ok_at is not null`).toHaveLength(2),
      { timeout: 20_000 },
    );
  });
});
