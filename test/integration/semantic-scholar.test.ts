/** Papers that other sources told of are looked up at Semantic Scholar: all of them, once a run, and only to be added to. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { deliver } from '../../src/deliveries/deliver.ts';
import { composePage } from '../../src/digests/compose.ts';
import { listTrendingDays } from '../../src/digests/list-trending.ts';
import { ingestSource } from '../../src/papers/ingest.ts';
import { listNewestPapers } from '../../src/papers/papers.repo.ts';
import { listLiveSources } from '../../src/papers/sources.ts';
import { createClock } from '../support/clock.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { addReaders } from '../support/readers.ts';
import { type ScholarServer, startScholar } from '../support/scholar-server.ts';

const clock = createClock('2026-11-24T08:00:00Z');
const DAY_MS = 24 * 3600_000;
let scholar: ScholarServer;
let test: TestContext;

beforeEach(async () => {
  clock.set('2026-11-24T08:00:00Z');
  scholar = await startScholar();
  test = await createTestContext({
    now: clock.now,
    env: { SOURCES: 'semantic-scholar', SEMANTIC_SCHOLAR_URL: scholar.url },
  });
});

afterEach(async () => {
  await test.close();
  await scholar.close();
});

function source() {
  const [found] = listLiveSources(test.ctx.config);
  if (!found) throw new Error('no source');
  return found;
}

const lookUp = (options = {}) => ingestSource(test.ctx, source(), options);
const asked = () => scholar.requests.map(({ ids }) => ids.length);
const cursor = async () =>
  (await test.sql`select cursor from source_states where name = 'semantic-scholar'`)[0]?.cursor ?? null;
const daysAgo = (days: number) => new Date(clock.now().getTime() - days * DAY_MS);

const arxivPaper = (number: number, facts = {}) => {
  const arxivId = `2611.${String(number).padStart(5, '0')}`;
  return makePaper({ source: 'arxiv', arxivId, title: `Paper that has the number ${number}`, ...facts });
};

/** Stores `count` papers, of which Semantic Scholar knows all. */
async function storeMany(count: number): Promise<void> {
  const papers = Array.from({ length: count }, (_, at) => arxivPaper(at + 1));
  await storePapers(test.ctx, papers, daysAgo(1));
  for (const { arxivId } of papers) {
    scholar.records.set(`ARXIV:${arxivId}`, { paperId: `s2-${arxivId}`, venue: 'Nature', citationCount: 1 });
  }
}

describe('looking papers up', () => {
  it('is off by default, as is asking anyone but the sources that were named', async () => {
    const plain = await createTestContext();
    expect(listLiveSources(plain.ctx.config).map(({ name }) => name)).toEqual(['hf', 'arxiv']);
    await plain.close();
  });

  it('adds what it knows and overwrites nothing that the archive told', async () => {
    const told = {
      source: 'arxiv',
      arxivId: '2611.00001',
      version: 2,
      title: 'What the archive calls it',
      abstract: 'What the archive says.',
      authors: ['Ada Example', 'Bo Example'],
      categories: ['cs.CL', 'cs.LG'],
      publishedAt: new Date('2026-11-20T10:00:00Z'),
      url: 'https://arxiv.org/abs/2611.00001',
      codeUrl: 'https://github.com/example/x',
    };
    await storePapers(test.ctx, [makePaper(told)], daysAgo(1));
    const columns = () =>
      test.sql`select arxiv_id, version, title, abstract, authors, categories, published_at, url, code_url, first_seen_at from papers`;
    const before = await columns();
    scholar.records.set('ARXIV:2611.00001', {
      paperId: 'abc',
      externalIds: { ArXiv: '2611.00001', DOI: '10.1000/Printed' },
      title: 'WHAT OTHERS CALL IT',
      abstract: 'What others say.',
      publicationVenue: { name: 'Nature', type: 'journal' },
      openAccessPdf: { url: 'https://example.org/printed.pdf' },
      s2FieldsOfStudy: [{ category: 'Computer Science' }],
      citationCount: 12,
    });
    expect(await lookUp()).toMatchObject({ seen: 1, inserted: 0, updated: 1, merged: 1, skipped: 0 });
    expect(await columns()).toEqual(before);
    expect(await test.sql`select doi, venue, open_access_url, fields_of_study from papers`).toEqual([
      {
        doi: '10.1000/printed',
        venue: 'Nature',
        open_access_url: 'https://example.org/printed.pdf',
        fields_of_study: ['Computer Science'],
      },
    ]);
    // A newer version from the archive leaves it there.
    await storePapers(test.ctx, [makePaper({ ...told, version: 3, title: 'A new name' })], clock.now());
    expect(await test.sql`select title, venue from papers`).toEqual([
      { title: 'A new name', venue: 'Nature' },
    ]);
  });

  it('asks for 500 papers at a time, newest first, each once', async () => {
    await storeMany(1000);
    await storePapers(test.ctx, [arxivPaper(2000, { title: 'The newest of them all' })], clock.now());
    await storePapers(test.ctx, [makePaper({ title: 'A paper without any id' })], clock.now());
    expect(await lookUp()).toMatchObject({ seen: 1001, updated: 1000, skipped: 1 });
    expect(asked()).toEqual([500, 500, 1]);
    const ids = scholar.requests.flatMap((request) => request.ids);
    expect(ids[0]).toBe('ARXIV:2611.02000');
    expect(new Set(ids).size).toBe(1001);
    expect(scholar.requests[0]).toMatchObject({
      key: undefined,
      fields: expect.stringContaining('citationCount'),
    });
  });

  it.each([0, 1, 2])(
    'goes on where it was when killed at batch %i, and asks for nothing twice',
    async (batch) => {
      await storeMany(1001);
      const kill = new AbortController();
      test.ctx.fetch = (input, init) => {
        if (scholar.requests.length < batch) return globalThis.fetch(input, init);
        kill.abort(new Error('killed at this boundary'));
        throw new TypeError('the network is gone');
      };
      await expect(lookUp({ signal: kill.signal })).rejects.toThrow();
      expect(await test.sql`select 1 from papers where venue is not null`).toHaveLength(batch * 500);

      test.ctx.fetch = globalThis.fetch;
      await lookUp();
      const ids = scholar.requests.flatMap((request) => request.ids);
      expect(ids).toHaveLength(1001);
      expect(new Set(ids).size).toBe(1001);
      expect(await test.sql`select 1 from papers where venue is null`).toEqual([]);
      expect(await test.sql`select 1 from paper_observations`).toHaveLength(1001);
      expect(await cursor()).toBe('done 2026-11-24T08:00:00.000Z');
    },
  );

  it('waits as long as a refusal asks for, and goes on after a broken connection', async () => {
    await storeMany(1);
    scholar.failNext({ status: 429, retryAfter: '0' });
    scholar.failNext('cut');
    scholar.failNext({ status: 503, retryAfter: '0' });
    expect(await lookUp()).toMatchObject({ updated: 1, skipped: 0 });
    expect(asked()).toEqual([1, 1, 1, 1]);
  });

  it('begins anew once all are done: writes nothing for what is the same, and a line for what moved', async () => {
    await storeMany(2);
    await lookUp();
    const rows = () => test.sql`select xmin::text, updated_at from papers order by id`;
    const before = await rows();
    clock.set('2026-11-25T08:00:00Z');
    scholar.records.set('ARXIV:2611.00002', {
      paperId: 's2-2611.00002',
      venue: 'Nature',
      citationCount: 5,
    });
    expect(await lookUp()).toMatchObject({ seen: 2, inserted: 0, updated: 0, merged: 0 });
    expect(await rows()).toEqual(before);
    expect(
      await test.sql`select p.arxiv_id, o.citations from paper_observations o join papers p on p.id = o.paper_id
        order by observed_at, arxiv_id`,
    ).toEqual([
      { arxiv_id: '2611.00001', citations: 1 },
      { arxiv_id: '2611.00002', citations: 1 },
      { arxiv_id: '2611.00002', citations: 5 },
    ]);
  });

  it('counts what is not known there, keeps what is, and passes over papers that were taken back', async () => {
    await storePapers(
      test.ctx,
      [
        arxivPaper(1),
        arxivPaper(2),
        arxivPaper(3, { withdrawn: true }),
        makePaper({ source: 'feed-journal', doi: '10.1000/four', title: 'A fourth one, in print' }),
      ],
      daysAgo(2),
    );
    scholar.records.set('DOI:10.1000/four', { paperId: 'four', venue: 'Nature' });
    scholar.records.set('ARXIV:2611.00002', { paperId: 7 });
    expect(await lookUp()).toMatchObject({ seen: 3, updated: 1, skipped: 2 });
    const [state] = await test.sql`select skipped_reasons from source_states where name = 'semantic-scholar'`;
    expect(state?.skipped_reasons).toMatchObject({ 'not known to Semantic Scholar': 1 });
    expect(await test.sql`select doi from papers where venue = 'Nature'`).toEqual([{ doi: '10.1000/four' }]);
  });

  it('ends well where nothing is known there yet', async () => {
    await storePapers(test.ctx, [arxivPaper(1)], daysAgo(0));
    expect(await lookUp()).toMatchObject({ seen: 1, skipped: 1 });
    expect(await cursor()).toMatch(/^done /);
  });

  it('looks up a month by itself, and other days when asked, without losing its place', async () => {
    await storePapers(test.ctx, [arxivPaper(1)], daysAgo(60));
    await storePapers(test.ctx, [arxivPaper(2)], daysAgo(29));
    await lookUp();
    expect(scholar.requests.flatMap(({ ids }) => ids)).toEqual(['ARXIV:2611.00002']);
    const place = await cursor();
    scholar.requests.splice(0);
    const day = daysAgo(60).toISOString().slice(0, 10);
    await lookUp({ from: day, to: day });
    expect(scholar.requests.flatMap(({ ids }) => ids)).toEqual(['ARXIV:2611.00001']);
    expect(await cursor()).toBe(place);
  });

  it('makes one paper of two rows that it knows to be one', async () => {
    await storePapers(
      test.ctx,
      [
        arxivPaper(1),
        makePaper({ source: 'feed-journal', doi: '10.1000/one', title: 'Number one, in print' }),
      ],
      daysAgo(1),
    );
    const record = { paperId: 'one', externalIds: { ArXiv: '2611.00001', DOI: '10.1000/one' } };
    scholar.records.set('ARXIV:2611.00001', record);
    scholar.records.set('DOI:10.1000/one', record);
    await lookUp();
    expect(await test.sql`select arxiv_id, doi from papers`).toEqual([
      { arxiv_id: '2611.00001', doi: '10.1000/one' },
    ]);
  });

  it('tells the key to Semantic Scholar', async () => {
    const withKey = await createTestContext({
      now: clock.now,
      env: {
        SOURCES: 'semantic-scholar',
        SEMANTIC_SCHOLAR_URL: scholar.url,
        SEMANTIC_SCHOLAR_KEY: 'a-key',
      },
    });
    await storePapers(withKey.ctx, [arxivPaper(1)], daysAgo(1));
    const [scholarly] = listLiveSources(withKey.ctx.config);
    if (scholarly) await ingestSource(withKey.ctx, scholarly);
    expect(scholar.requests.map(({ key }) => key)).toEqual(['a-key']);
    await withKey.close();
  });
});

describe('citations', () => {
  it('are shown beside the votes, and neither make a paper news again nor trending', async () => {
    const old = makePaper({
      source: 'arxiv',
      arxivId: '2611.00001',
      title: 'A paper that many cite',
      publishedAt: daysAgo(3),
    });
    const voted = makePaper({
      source: 'hf',
      arxivId: '2611.00002',
      title: 'A paper with a few votes',
      upvotes: 3,
    });
    await storePapers(test.ctx, [old, voted], daysAgo(5));
    scholar.records.set('ARXIV:2611.00001', { paperId: 'a', citationCount: 9000 });
    scholar.records.set('ARXIV:2611.00002', { paperId: 'b', citationCount: 2 });
    await lookUp();
    const papers = await listNewestPapers(test.ctx.db, { at: clock.now(), limit: 10 });
    expect(papers.map(({ arxivId, citations, trend }) => [arxivId, citations, trend?.upvotes])).toEqual([
      ['2611.00002', 2, 3],
      ['2611.00001', 9000, undefined],
    ]);
    expect(papers.find(({ arxivId }) => arxivId === '2611.00001')?.newsAt).toEqual(daysAgo(5));
    const listed = (await listTrendingDays(test.ctx)).flatMap((day) => day.papers);
    expect(listed.map(({ paper }) => paper.arxivId)).toEqual(['2611.00002']);
  });
});

describe('a reader', () => {
  it('sees on the page and in the mail where a paper appeared, and gets a PDF of one that is not on arXiv', async () => {
    await storePapers(
      test.ctx,
      [
        makePaper({
          source: 'feed-journal',
          doi: '10.1000/berries',
          title: 'Federated learning with few rounds',
          url: 'https://journal.example.org/berries',
          upvotes: 7,
        }),
      ],
      daysAgo(1),
    );
    scholar.records.set('DOI:10.1000/berries', {
      paperId: 'b',
      publicationVenue: { name: 'Journal of <Fields>', type: 'journal' },
      openAccessPdf: { url: 'https://journal.example.org/berries.pdf' },
      s2FieldsOfStudy: [{ category: 'Computer Science' }],
      citationCount: 12,
    });
    await lookUp();
    const app = await buildApp(test.ctx);
    const { body } = await app.inject('/');
    await app.close();
    expect(body).toContain('Journal of &lt;Fields&gt; · Computer Science');
    expect(body).toContain('<a href="https://journal.example.org/berries.pdf">PDF</a>');
    expect(body).toContain('12 citations');

    await addReaders(test.ctx, [{ email: 'ada@example.org', topics: ['federated-learning'], hour: 8 }]);
    const ids = (await test.sql`select id::int from subscribers`).map(({ id }) => id as number);
    clock.set('2026-11-25T08:00:00Z');
    await deliver(test.ctx, (await composePage(test.ctx, clock.now(), ids)).deliveryIds);
    const [mail] = await test.sink.parsed();
    expect(mail?.text).toContain('Journal of <Fields> · Computer Science');
    expect(mail?.text).toContain('PDF:  https://journal.example.org/berries.pdf');
    expect(mail?.html).toContain('Journal of &lt;Fields&gt; &#183; Computer Science');
  });
});
