/** Papers that other sources told of are looked up at Semantic Scholar: all of them, once a run, and only to be added to. */
import { describe, expect, it } from 'vitest';
import { ingestSource } from '../../src/papers/ingest.ts';
import { listLiveSources } from '../../src/papers/sources.ts';
import { createTestContext } from '../support/context.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { useScholarLookUps } from '../support/scholar-look-ups.ts';

const lookUps = useScholarLookUps();
const { clock, daysAgo, lookUp } = lookUps;

const asked = () => lookUps.scholar.requests.map(({ ids }) => ids.length);
const cursor = async () =>
  (await lookUps.test.sql`select cursor from source_states where name = 'semantic-scholar'`)[0]?.cursor ??
  null;

const arxivPaper = (number: number, facts = {}) => {
  const arxivId = `2611.${String(number).padStart(5, '0')}`;
  return makePaper({ source: 'arxiv', arxivId, title: `Paper that has the number ${number}`, ...facts });
};

/** Stores `count` papers, of which Semantic Scholar knows all. */
async function storeMany(count: number): Promise<void> {
  const papers = Array.from({ length: count }, (_, at) => arxivPaper(at + 1));
  await storePapers(lookUps.test.ctx, papers, daysAgo(1));
  for (const { arxivId } of papers) {
    lookUps.scholar.records.set(`ARXIV:${arxivId}`, {
      paperId: `s2-${arxivId}`,
      venue: 'Nature',
      citationCount: 1,
    });
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
    await storePapers(lookUps.test.ctx, [makePaper(told)], daysAgo(1));
    const columns = () =>
      lookUps.test
        .sql`select arxiv_id, version, title, abstract, authors, categories, published_at, url, code_url, first_seen_at from papers`;
    const before = await columns();
    lookUps.scholar.records.set('ARXIV:2611.00001', {
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
    expect(await lookUps.test.sql`select doi, venue, open_access_url, fields_of_study from papers`).toEqual([
      {
        doi: '10.1000/printed',
        venue: 'Nature',
        open_access_url: 'https://example.org/printed.pdf',
        fields_of_study: ['Computer Science'],
      },
    ]);
    // A newer version from the archive leaves it there.
    await storePapers(
      lookUps.test.ctx,
      [makePaper({ ...told, version: 3, title: 'A new name' })],
      clock.now(),
    );
    expect(await lookUps.test.sql`select title, venue from papers`).toEqual([
      { title: 'A new name', venue: 'Nature' },
    ]);
  });

  it('asks for 500 papers at a time, newest first, each once', async () => {
    await storeMany(1000);
    await storePapers(lookUps.test.ctx, [arxivPaper(2000, { title: 'The newest of them all' })], clock.now());
    await storePapers(lookUps.test.ctx, [makePaper({ title: 'A paper without any id' })], clock.now());
    expect(await lookUp()).toMatchObject({ seen: 1001, updated: 1000, skipped: 1 });
    expect(asked()).toEqual([500, 500, 1]);
    const ids = lookUps.scholar.requests.flatMap((request) => request.ids);
    expect(ids[0]).toBe('ARXIV:2611.02000');
    expect(new Set(ids).size).toBe(1001);
    expect(lookUps.scholar.requests[0]).toMatchObject({
      key: undefined,
      fields: expect.stringContaining('citationCount'),
    });
  });

  it.each([0, 1, 2])(
    'goes on where it was when killed at batch %i, and asks for nothing twice',
    async (batch) => {
      await storeMany(1001);
      const kill = new AbortController();
      lookUps.test.ctx.fetch = (input, init) => {
        if (lookUps.scholar.requests.length < batch) return globalThis.fetch(input, init);
        kill.abort(new Error('killed at this boundary'));
        throw new TypeError('the network is gone');
      };
      await expect(lookUp({ signal: kill.signal })).rejects.toThrow();
      expect(await lookUps.test.sql`select 1 from papers where venue is not null`).toHaveLength(batch * 500);

      lookUps.test.ctx.fetch = globalThis.fetch;
      await lookUp();
      const ids = lookUps.scholar.requests.flatMap((request) => request.ids);
      expect(ids).toHaveLength(1001);
      expect(new Set(ids).size).toBe(1001);
      expect(await lookUps.test.sql`select 1 from papers where venue is null`).toEqual([]);
      expect(await lookUps.test.sql`select 1 from paper_observations`).toHaveLength(1001);
      expect(await cursor()).toBe('done 2026-11-24T08:00:00.000Z');
    },
  );

  it('waits as long as a refusal asks for, and goes on after a broken connection', async () => {
    await storeMany(1);
    lookUps.scholar.failNext({ status: 429, retryAfter: '0' });
    lookUps.scholar.failNext('cut');
    lookUps.scholar.failNext({ status: 503, retryAfter: '0' });
    expect(await lookUp()).toMatchObject({ updated: 1, skipped: 0 });
    expect(asked()).toEqual([1, 1, 1, 1]);
  });

  it('begins anew once all are done: writes nothing for what is the same, and a line for what moved', async () => {
    await storeMany(2);
    await lookUp();
    const rows = () => lookUps.test.sql`select xmin::text, updated_at from papers order by id`;
    const before = await rows();
    clock.set('2026-11-25T08:00:00Z');
    lookUps.scholar.records.set('ARXIV:2611.00002', {
      paperId: 's2-2611.00002',
      venue: 'Nature',
      citationCount: 5,
    });
    expect(await lookUp()).toMatchObject({ seen: 2, inserted: 0, updated: 0, merged: 0 });
    expect(await rows()).toEqual(before);
    expect(
      await lookUps.test
        .sql`select p.arxiv_id, o.citations from paper_observations o join papers p on p.id = o.paper_id
        order by observed_at, arxiv_id`,
    ).toEqual([
      { arxiv_id: '2611.00001', citations: 1 },
      { arxiv_id: '2611.00002', citations: 1 },
      { arxiv_id: '2611.00002', citations: 5 },
    ]);
  });

  it('counts what is not known there, keeps what is, and passes over papers that were taken back', async () => {
    await storePapers(
      lookUps.test.ctx,
      [
        arxivPaper(1),
        arxivPaper(2),
        arxivPaper(3, { withdrawn: true }),
        makePaper({ source: 'feed-journal', doi: '10.1000/four', title: 'A fourth one, in print' }),
      ],
      daysAgo(2),
    );
    lookUps.scholar.records.set('DOI:10.1000/four', { paperId: 'four', venue: 'Nature' });
    lookUps.scholar.records.set('ARXIV:2611.00002', { paperId: 7 });
    expect(await lookUp()).toMatchObject({ seen: 3, updated: 1, skipped: 2 });
    const [state] = await lookUps.test
      .sql`select skipped_reasons from source_states where name = 'semantic-scholar'`;
    expect(state?.skipped_reasons).toMatchObject({ 'not known to Semantic Scholar': 1 });
    expect(await lookUps.test.sql`select doi from papers where venue = 'Nature'`).toEqual([
      { doi: '10.1000/four' },
    ]);
  });

  it('ends well where nothing is known there yet', async () => {
    await storePapers(lookUps.test.ctx, [arxivPaper(1)], daysAgo(0));
    expect(await lookUp()).toMatchObject({ seen: 1, skipped: 1 });
    expect(await cursor()).toMatch(/^done /);
  });

  it('looks up a month by itself, and other days when asked, without losing its place', async () => {
    await storePapers(lookUps.test.ctx, [arxivPaper(1)], daysAgo(60));
    await storePapers(lookUps.test.ctx, [arxivPaper(2)], daysAgo(29));
    await lookUp();
    expect(lookUps.scholar.requests.flatMap(({ ids }) => ids)).toEqual(['ARXIV:2611.00002']);
    const place = await cursor();
    lookUps.scholar.requests.splice(0);
    const day = daysAgo(60).toISOString().slice(0, 10);
    await lookUp({ from: day, to: day });
    expect(lookUps.scholar.requests.flatMap(({ ids }) => ids)).toEqual(['ARXIV:2611.00001']);
    expect(await cursor()).toBe(place);
  });

  it('makes one paper of two rows that it knows to be one', async () => {
    await storePapers(
      lookUps.test.ctx,
      [
        arxivPaper(1),
        makePaper({ source: 'feed-journal', doi: '10.1000/one', title: 'Number one, in print' }),
      ],
      daysAgo(1),
    );
    const record = { paperId: 'one', externalIds: { ArXiv: '2611.00001', DOI: '10.1000/one' } };
    lookUps.scholar.records.set('ARXIV:2611.00001', record);
    lookUps.scholar.records.set('DOI:10.1000/one', record);
    await lookUp();
    expect(await lookUps.test.sql`select arxiv_id, doi from papers`).toEqual([
      { arxiv_id: '2611.00001', doi: '10.1000/one' },
    ]);
  });

  it('tells the key to Semantic Scholar', async () => {
    const withKey = await createTestContext({
      now: clock.now,
      env: {
        SOURCES: 'semantic-scholar',
        SEMANTIC_SCHOLAR_URL: lookUps.scholar.url,
        SEMANTIC_SCHOLAR_KEY: 'a-key',
      },
    });
    await storePapers(withKey.ctx, [arxivPaper(1)], daysAgo(1));
    const [scholarly] = listLiveSources(withKey.ctx.config);
    if (scholarly) await ingestSource(withKey.ctx, scholarly);
    expect(lookUps.scholar.requests.map(({ key }) => key)).toEqual(['a-key']);
    await withKey.close();
  });
});
