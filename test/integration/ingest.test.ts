/** Ingestion that an operator can leave alone: it goes on where it was killed, fails alone, and says where it stands. */
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { ingestByName, ingestPages, ingestSource, readAllSources } from '../../src/papers/ingest.ts';
import { claimSource, reserveHost } from '../../src/papers/sources.repo.ts';
import { listLiveSources } from '../../src/papers/sources.ts';
import { createClock } from '../support/clock.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { makePaper } from '../support/papers.ts';
import { startUpstream, type Upstream } from '../support/upstream-server.ts';

const clock = createClock('2026-11-24T08:00:00Z');
let upstream: Upstream;
let test: TestContext;
let app: FastifyInstance | undefined;

beforeEach(async () => {
  clock.set('2026-11-24T08:00:00Z');
  upstream = await startUpstream({
    days: {
      '2026-11-22': [listed('2611.00001', 12)],
      '2026-11-23': [listed('2611.00002', 7), { paper: { id: 'broken' } }],
      '2026-11-24': [listed('2611.00003', 3)],
    },
  });
  test = await createTestContext({
    now: clock.now,
    env: { HF_BASE_URL: upstream.url, ARXIV_BASE_URL: upstream.url, SOURCES: 'hf,arxiv' },
  });
});

afterEach(async () => {
  await app?.close();
  app = undefined;
  await test.close();
  await upstream.close();
});

function listed(id: string, upvotes: number) {
  return {
    paper: {
      id,
      title: `Paper number ${id}`,
      summary: 'It says one thing.',
      publishedAt: '2026-11-20T00:00:00.000Z',
      authors: [{ name: 'Ada Example' }],
      upvotes,
    },
    publishedAt: '2026-11-24T01:00:00.000Z',
    numComments: 1,
  };
}

function source(name: string) {
  const found = listLiveSources(test.ctx.config).find((one) => one.name === name);
  if (!found) throw new Error(`no source ${name}`);
  return found;
}

const state = async (name: string) => (await test.sql`select * from source_states where name = ${name}`)[0];
const asked = () => upstream.requests.map(({ params }) => params.get('date')).filter((date) => date !== null);

describe('ingestion', () => {
  it('reads the last days, counts what it skipped and why, and begins there the next time', async () => {
    expect(await ingestSource(test.ctx, source('hf'))).toEqual({
      seen: 4,
      inserted: 3,
      updated: 0,
      merged: 0,
      skipped: 1,
    });
    expect(await state('hf')).toMatchObject({ cursor: '2026-11-24', failing_since: null, last_error: null });
    expect(Object.values((await state('hf'))?.skipped_reasons as Record<string, number>)).toEqual([1]);
    clock.set('2026-11-28T08:00:00Z');
    upstream.requests.splice(0);
    await ingestSource(test.ctx, source('hf'));
    expect(asked()).toEqual(['2026-11-24', '2026-11-25', '2026-11-26', '2026-11-27', '2026-11-28']);
  });

  it('leaves the others alone when one source fails, and tells the operator after a day', async () => {
    upstream.failNext({ kind: 'status', status: 404 });
    await ingestByName(test.ctx, 'arxiv');
    await ingestByName(test.ctx, 'hf');
    expect(await state('arxiv')).toMatchObject({
      failing_since: clock.now(),
      last_error: expect.stringContaining('404'),
    });
    expect(await state('hf')).toMatchObject({ failing_since: null });
    app = await buildApp(test.ctx);
    expect((await app.inject('/readyz')).json()).toMatchObject({ status: 'ready', sources: {} });
    clock.set('2026-11-25T09:00:00Z');
    expect((await app.inject('/readyz')).json()).toMatchObject({
      status: 'ready',
      sources: { arxiv: 'failing since 2026-11-24T08:00:00.000Z' },
    });
    await readAllSources(test.ctx);
    expect((await app.inject('/readyz')).json()).toMatchObject({ sources: {} });
  });

  it('reads days that are asked for without losing its own place', async () => {
    await ingestSource(test.ctx, source('hf'));
    upstream.requests.splice(0);
    await ingestSource(test.ctx, source('hf'), { from: '2026-10-01', to: '2026-10-02' });
    expect(asked()).toEqual(['2026-10-01', '2026-10-02']);
    expect((await state('hf'))?.cursor).toBe('2026-11-24');
  });

  it('passes over a job of a source that is switched off', async () => {
    await ingestByName(test.ctx, 'arxiv-rss');
    expect(await test.sql`select 1 from source_states`).toHaveLength(0);
  });

  it('moves the cursor only together with the papers before it', async () => {
    async function* pages() {
      yield { papers: [makePaper({ title: 'The first of two papers' })], skipped: [], cursor: 'one' };
      yield { papers: [makePaper({ title: 'The second of two papers' })], skipped: [], cursor: 'two' };
      throw new Error('killed');
    }
    const claim = await claimSource(test.ctx.db, 'hf', clock.now());
    if (!claim) throw new Error('nobody else reads it');
    await test.sql`create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$`;
    await test.sql`create trigger refuse before insert on papers for each row when (new.title like '%second%') execute function refuse()`;
    await expect(ingestPages(test.ctx, pages(), { run: { claim, keepCursor: true } })).rejects.toThrow();
    expect((await state('hf'))?.cursor).toBe('one');
    expect(await test.sql`select title from papers`).toEqual([{ title: 'The first of two papers' }]);
  });

  it('takes turns at a host, whichever worker asks', async () => {
    const waits = await Promise.all(
      [1, 2, 3].map(() => reserveHost(test.ctx.db, 'export.arxiv.org', 3000, clock.now())),
    );
    expect(waits.sort((a, b) => a - b)).toEqual([0, 3000, 6000]);
    clock.advance(60_000);
    expect(await reserveHost(test.ctx.db, 'export.arxiv.org', 3000, clock.now())).toBe(0);
  });
});
