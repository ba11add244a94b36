/** Every source into the database, stopped at each of its requests and pages in turn: the next run ends as if nothing had happened. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Config } from '../../src/config.ts';
import { ingestSource } from '../../src/papers/ingest.ts';
import { SOURCE_LEASE_MS } from '../../src/papers/sources.repo.ts';
import { type LiveSource, listLiveSources } from '../../src/papers/sources.ts';
import { createClock } from '../support/clock.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { archiveOf, arxivRecord } from '../support/oai-archive.ts';
import { PLAYED_NOW, PLAYED_SETS, playedSources } from '../support/played-sources.ts';
import { findDataDir, readRecordings } from '../support/recordings.ts';
import { runProgram } from '../support/run.ts';
import { startUpstream, type Upstream } from '../support/upstream-server.ts';

const dataDir = findDataDir();
const clock = createClock(PLAYED_NOW);
/** Feeds must be on the public internet, so this address stands for the loopback server. */
const PUBLIC = 'http://93.184.215.14';

let upstream: Upstream;
let test: TestContext;
/** Called before each request goes out. */
let onRequest = () => {};

beforeAll(async () => {
  upstream = await startUpstream(playedSources(dataDir));
  test = await createTestContext({
    now: clock.now,
    env: {
      SOURCES: 'hf,arxiv,arxiv-oai,arxiv-rss',
      HF_BASE_URL: upstream.url,
      ARXIV_BASE_URL: upstream.url,
      ARXIV_QUERY: 'testing',
      ARXIV_OAI_URL: upstream.oaiUrl,
      ARXIV_OAI_SETS: PLAYED_SETS.join(','),
      ARXIV_RSS_URL: upstream.url,
      ARXIV_RSS_ARCHIVES: 'cs',
      FEEDS: ['rss', 'atom', 'json'].map((format) => `${format}=${PUBLIC}/journal.${format}`).join(','),
    },
    fetch: async (input, init) => {
      // The clock stands still, so that runs can be compared, and no second turn at a host would ever come.
      await test.sql`truncate source_hosts`;
      onRequest();
      return globalThis.fetch(String(input).replace(PUBLIC, upstream.url), init);
    },
  });
});
beforeEach(async () => {
  clock.set(PLAYED_NOW);
  await forget();
});
afterEach(async () => {
  onRequest = () => {};
  await acceptInserts();
});
afterAll(async () => {
  await test?.close();
  await upstream?.close();
});

async function forget(): Promise<void> {
  await test.sql`truncate papers, source_states restart identity cascade`;
  // Hugging Face is read up to a day that its look-back does not reach.
  await test.sql`insert into source_states (name, cursor) values ('hf', '2025-01-05')`;
  upstream.reset();
}

function sourceOf(name: string, config: Pick<Config, 'sources'> = test.ctx.config): LiveSource {
  const found = listLiveSources(config).find((one) => one.name === name);
  if (!found) throw new Error(`no source ${name}`);
  return found;
}

/** All that is stored, whatever numbers the rows have. */
async function stored(name: string) {
  const { sql } = test;
  return {
    papers: await sql`select to_jsonb(p) - 'id' as paper from papers p order by title, arxiv_id`,
    keys: await sql`select k.key, p.title from paper_keys k join papers p on p.id = k.paper_id order by 1`,
    sightings: await sql`select to_jsonb(s) - 'paper_id' as sighting, p.title from paper_sources s
      join papers p on p.id = s.paper_id order by source, external_id`,
    observations: await sql`select to_jsonb(o) - 'paper_id' as observation, p.title from paper_observations o
      join papers p on p.id = o.paper_id order by p.title, source, observed_at`,
    // Counted over all runs, so a paper that is stored twice would stand out.
    state:
      await sql`select name, cursor, inserted, failing_since, last_error from source_states where name = ${name}`,
  };
}

/** A run that nothing disturbs: what it stores, and how many requests and pages with papers it takes. */
async function undisturbed(source: LiveSource) {
  let pages = 0;
  let inserted = 0;
  await ingestSource(test.ctx, source, {
    onPage: (counts) => {
      if (counts.inserted > inserted) pages += 1;
      inserted = counts.inserted;
    },
  });
  const requests = upstream.requests.length;
  const rows = await stored(source.name);
  expect(rows.papers.length).toBe(inserted);
  return { rows, requests, pages };
}

const sources: [name: string, papers: number, requests: number][] = [
  ['hf', 29, 6],
  ['arxiv', 31, 4],
  ['arxiv-oai', 25, 4],
  ['arxiv-rss', 9, 1],
  ['feed-rss', 9, 1],
  ['feed-atom', 9, 1],
  ['feed-json', 9, 1],
];

describe.each(sources)('%s', (name, papers, expectedRequests) => {
  it(`misses and doubles nothing when its run is called off at any request`, async () => {
    const source = sourceOf(name);
    const { rows, requests } = await undisturbed(source);
    expect([rows.papers.length, requests]).toEqual([papers, expectedRequests]);
    for (let boundary = 0; boundary < requests; boundary += 1) {
      await forget();
      const run = new AbortController();
      let asked = 0;
      onRequest = () => {
        if (asked++ === boundary) run.abort(new Error('stopping'));
        run.signal.throwIfAborted();
      };
      await expect(ingestSource(test.ctx, source, { signal: run.signal })).rejects.toThrow();
      onRequest = () => {};
      await ingestSource(test.ctx, source);
      expect(await stored(name)).toEqual(rows);
    }
  });

  it('misses and doubles nothing when it is refused at any request', async () => {
    const source = sourceOf(name);
    const { rows, requests } = await undisturbed(source);
    for (let boundary = 0; boundary < requests; boundary += 1) {
      await forget();
      upstream.failNext({ kind: 'status', status: 429, retryAfter: '3600' }, 1, boundary);
      await expect(ingestSource(test.ctx, source)).rejects.toMatchObject({ code: 'SOURCE_HTTP_ERROR' });
      await ingestSource(test.ctx, source);
      expect(await stored(name)).toEqual(rows);
    }
  });

  it('misses and doubles nothing when the database refuses any page of it', async () => {
    const source = sourceOf(name);
    const { rows, pages } = await undisturbed(source);
    for (let page = 1; page <= pages; page += 1) {
      await forget();
      await refuseInsert(page);
      await expect(ingestSource(test.ctx, source)).rejects.toThrow();
      await acceptInserts();
      await ingestSource(test.ctx, source);
      expect(await stored(name)).toEqual(rows);
    }
  });

  it('stores nothing twice when all is told again', async () => {
    const source = sourceOf(name);
    const { rows } = await undisturbed(source);
    await ingestSource(test.ctx, source);
    expect(await stored(name)).toEqual(rows);
  });
});

/** The database refuses the `nth` page that brings new papers. */
async function refuseInsert(nth: number): Promise<void> {
  await test.sql`create sequence inserts`;
  await test.sql.unsafe(`create function refuse() returns trigger language plpgsql as $$
    begin if nextval('inserts') = ${nth} then raise 'refused'; end if; return null; end $$`);
  await test.sql`create trigger refuse after insert on papers for each statement execute function refuse()`;
}

async function acceptInserts(): Promise<void> {
  await test.sql`drop function if exists refuse cascade`;
  await test.sql`drop sequence if exists inserts`;
}

it('keeps what came before an answer that is broken, says so, and reads on there', async () => {
  const source = sourceOf('arxiv-oai');
  const { rows } = await undisturbed(source);
  const broken = readRecordings(dataDir).find(({ name }) => name.endsWith('/ListRecordsBroken.xml'));
  await forget();
  upstream.failNext({ kind: 'status', status: 200, body: broken?.body.toString() ?? 'broken xml' }, 1, 2);
  await expect(ingestSource(test.ctx, source)).rejects.toMatchObject({
    code: 'SOURCE_BAD_ANSWER',
    retry: true,
  });
  // The first set, but for the deleted paper.
  expect(await test.sql`select 1 from papers`).toHaveLength(13);
  expect((await stored(source.name)).state).toMatchObject([
    { last_error: expect.stringMatching('no whole OAI-PMH answer') },
  ]);
  await ingestSource(test.ctx, source);
  expect(upstream.requests.at(-2)?.params.get('set')).toBe('physics');
  expect(await stored(source.name)).toEqual(rows);
});

it('asks arXiv for papers of a week before its last run, as that long passes until they are announced', async () => {
  const source = sourceOf('arxiv');
  await ingestSource(test.ctx, source);
  clock.set('2025-01-20T12:00:00Z');
  await ingestSource(test.ctx, source);
  const days = upstream.requests.map(({ params }) => /\[(\d{8})/.exec(params.get('search_query') ?? '')?.[1]);
  expect([days[0], days.at(-1)]).toEqual(['20250103', '20250103']);
});

it('misses and doubles nothing when its process is killed in mid-run', async () => {
  const ids = ['2501.00091', '2501.00092', '2501.00093'];
  const archive = await startUpstream({
    fallbackOai: archiveOf({ cs: ids.map((id) => arxivRecord(id)) }, 1),
  });
  archive.failNext({ kind: 'silent' }, 1, 1);
  const program = runProgram('src/cli.ts', ['ingest', '--source', 'arxiv-oai'], {
    DATABASE_URL: test.ctx.config.databaseUrl ?? '',
    SMTP_URL: test.sink.url,
    SOURCES: 'arxiv-oai',
    ARXIV_OAI_URL: archive.oaiUrl,
    ARXIV_OAI_SETS: 'cs',
  });
  await vi.waitFor(() => expect(archive.requests).toHaveLength(2), { timeout: 30_000 });
  program.child.kill('SIGKILL');
  await program.exited;
  // It could not say that it is gone, so its source is held for it a while.
  clock.set(new Date(Date.now() + SOURCE_LEASE_MS).toISOString());
  const { sources: chosen } = test.ctx.config;
  const config = { sources: { ...chosen, oaiUrl: archive.oaiUrl, oaiSets: ['cs'] } };
  await ingestSource(test.ctx, sourceOf('arxiv-oai', config));
  await archive.close();
  expect(await test.sql`select arxiv_id from papers order by 1`).toEqual(
    ids.map((arxiv_id) => ({ arxiv_id })),
  );
  const { state } = await stored('arxiv-oai');
  expect(state).toMatchObject([{ inserted: '3', cursor: expect.stringContaining('"from":"2025-07-01"') }]);
});
