/** Every answer that was recorded of the real sources, over HTTP to the adapter that asks for it: none is forgotten, none fails unseen. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { readArxivIds, readArxivQuery } from '../../src/papers/sources/arxiv.ts';
import { readArxivOai, readArxivOaiRecord } from '../../src/papers/sources/arxiv-oai.ts';
import { readHuggingFaceDays } from '../../src/papers/sources/hugging-face.ts';
import type { SourceContext, SourcePage } from '../../src/papers/sources/source.ts';
import { findDataDir, type Recording, readRecordings } from '../support/recordings.ts';
import { startUpstream, type Upstream } from '../support/upstream-server.ts';

const dataDir = findDataDir();
const recordings = readRecordings(dataDir);
const inFolder = (folder: string) => recordings.filter(({ name }) => name.startsWith(`${folder}/`));
const title = (text: string) => `${text}${dataDir ? '' : ' (skipped: no data)'}`;
const ctx: SourceContext = {
  fetch: globalThis.fetch,
  now: () => new Date('2025-07-01T06:00:00Z'),
  userAgent: 'Paperboy/1.0 (+https://paperboy.test)',
  sleep: async () => {},
};

interface Outcome {
  papers: SourcePage['papers'];
  skipped: string[];
  total: number | undefined;
  fault: { code: string; retry: boolean; message: string } | null;
}

/** All that an adapter gives, up to its fault if it has one. Anything but an `AppError` is a bug. */
async function outcomeOf(pages: AsyncIterable<SourcePage>): Promise<Outcome> {
  const outcome: Outcome = { papers: [], skipped: [], total: undefined, fault: null };
  try {
    for await (const page of pages) {
      outcome.papers.push(...page.papers);
      outcome.skipped.push(...page.skipped.map(({ reason }) => reason));
      outcome.total ??= page.total;
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    outcome.fault = { code: error.code, retry: error.retry, message: error.message };
  }
  return outcome;
}

let upstream: Upstream;

beforeAll(async () => {
  upstream = await startUpstream({ dataDir });
});
afterEach(() => upstream.reset());
afterAll(() => upstream.close());

/** Reads a recorded answer with the adapter that asks for such, by the request that it answered. */
function read(recording: Recording): Promise<Outcome> {
  const { name, params } = recording;
  if (name.startsWith('hf_daily_papers/')) return readDay(name.replace(/.*\/|\.json$/g, ''));
  if (params?.get('id_list')) return readIds(params.get('id_list')?.split(',') ?? []);
  if (params) return search(Number(params.get('start')), Number(params.get('max_results')));
  return harvest(recording);
}

const readDay = (day: string) =>
  outcomeOf(readHuggingFaceDays(ctx, { baseUrl: upstream.url, from: day, to: day }));

const readIds = (ids: string[]) => outcomeOf(readArxivIds(ctx, { baseUrl: upstream.url, ids }));

/** A search that goes on at `start`, as after a first page that ended there. */
function search(start: number, pageSize: number): Promise<Outcome> {
  const options = { baseUrl: upstream.url, query: 'testing', pageSize, pauseMs: 0 };
  const [head = '', ...entries] = longest()
    .body.toString('utf8')
    .split(/(?=<entry>)/);
  if (start > 0) upstream.answerNext(`${head}${entries.slice(0, start).join('')}</feed>`);
  return outcomeOf(readArxivQuery(ctx, { ...options, maxResults: start + pageSize }));
}

/** The search's first hundred results in one answer. */
function longest(): Recording {
  const found = recordings.find(
    ({ params }) => params?.get('max_results') === '100' && params.get('search_query'),
  );
  if (!found) throw new Error('no such recording');
  return found;
}

/** Asks an archive that knows this answer, and those that follow it, to whatever question. */
function harvest({ name, body }: Recording): Promise<Outcome> {
  const baseUrl = `${upstream.url}/recorded/${name}`;
  if (!body.includes('<GetRecord>')) return outcomeOf(readArxivOai(ctx, { baseUrl, sets: [], pauseMs: 0 }));
  async function* one() {
    yield await readArxivOaiRecord(ctx, { baseUrl, arxivId: '0000.00000' });
  }
  return outcomeOf(one());
}

/** Three of them broken in shape: records as text, an envelope around them. */
const DAYS: Record<string, number> = {
  '2024-05-27': 13,
  '2024-10-11': 22,
  '2024-12-11': 26,
  '2025-01-09': 13,
  '2025-01-10': 9,
  '2025-03-04': 13,
  '2025-06-13': 26,
};

const badQuery = { code: 'SOURCE_BAD_QUERY', retry: false };
const badAnswer = { code: 'SOURCE_BAD_ANSWER', retry: true };
const ofAnotherArchive = 'id: not an arXiv id';
const refused = (message: string) => ({
  skipped: [],
  fault: { ...badQuery, message: expect.stringMatching(message) },
});
const notAsked = (what: string) => ({
  skipped: [],
  fault: { ...badAnswer, message: expect.stringMatching(what) },
});
const unread = (skipped: string[]) => ({ skipped, fault: null });
const pair = ['deleted', ofAnotherArchive];

/** No answer of another archive holds a paper of arXiv's; each error of the protocol is told apart. */
const GENERIC: Record<string, Partial<Outcome>> = {
  GetRecord: unread([ofAnotherArchive]),
  GetRecord_utf8test: unread([ofAnotherArchive]),
  Identify: notAsked('something other than ListRecords'),
  ListIdentifiers: notAsked('something other than ListRecords'),
  ListIdentifiers2: notAsked('something other than ListRecords'),
  ListMetadataFormats: notAsked('something other than ListRecords'),
  // Each with the ones behind it.
  ListRecords: unread([pair, pair, pair, pair].flat()),
  ListRecords2: unread([pair, pair, pair].flat()),
  ListRecords3: unread([pair, pair].flat()),
  ListRecords4: unread(pair),
  ListRecordsBroken: notAsked('no whole OAI-PMH answer'),
  ListSets: notAsked('something other than ListRecords'),
  badArgument: refused('badArgument'),
  badResumptionToken: {
    skipped: [],
    fault: {
      code: 'SOURCE_CURSOR_EXPIRED',
      retry: true,
      message: expect.stringMatching('badResumptionToken'),
    },
  },
  cannotDisseminateFormat: refused('cannotDisseminateFormat'),
  idDoesNotExist: refused(
    'idDoesNotExist, “oai:lcoa1\\.loc\\.gov:loc\\.rbc/rbpe\\.00000111 has the structure',
  ),
  noRecordsMatch: unread([]),
  noSetHierarchy: refused('noSetHierarchy'),
  undefinedError: refused('undefinedError'),
};

describe.skipIf(!dataDir)(title('Hugging Face'), () => {
  it.each(Object.entries(DAYS))('gives every paper of %s, whatever its shape', async (day, count) => {
    const { papers, skipped, fault } = await readDay(day);
    expect({ count: papers.length, skipped, fault }).toEqual({ count, skipped: [], fault: null });
    const start = Date.parse(`${day}T00:00:00Z`);
    for (const { authors, abstract, trend } of papers) {
      expect(authors.length).toBeGreaterThan(0);
      expect(abstract.length).toBeGreaterThan(200);
      expect(Math.abs((trend?.listedAt.getTime() ?? 0) - start)).toBeLessThan(24 * 3_600_000);
    }
  });
});

describe.skipIf(!dataDir)(title('the arXiv API'), () => {
  it.each([
    [['quant-ph/0201082v1'], ['quant-ph/0201082']],
    [['astro-ph/0601001'], ['astro-ph/0601001']],
    [['1605.08386'], ['1605.08386']],
    [['1707.08567'], ['1707.08567']],
    [['2104.12255v1'], ['2104.12255']],
    [['0808.05394', '1707.08567'], ['1707.08567']],
    [['0808.05394'], []],
    [['0000.0000'], []],
  ])('gives papers by id, and passes over those that it does not have: %j', async (ids, found) => {
    const { papers, skipped, fault } = await readIds(ids);
    expect({ ids: papers.map(({ externalId }) => externalId), skipped, fault }).toEqual({
      ids: found,
      skipped: [],
      fault: null,
    });
  });

  it('tells in a sentence why it refuses an id', async () => {
    expect((await readIds(['abc'])).fault).toEqual({
      ...badQuery,
      message: 'arXiv rejects the search: incorrect id format for abc.',
    });
  });

  it.each(inFolder('arxiv_atom_api').filter(({ params }) => params?.get('search_query')))(
    'gives the results of $name in their order, wherever the page before ended',
    async ({ params }) => {
      const [start, size] = [Number(params?.get('start')), Number(params?.get('max_results'))];
      const { papers, skipped, fault } = await search(start, size);
      const more = `${214_881 - start - size} results after the first ${start + size}`;
      expect({ skipped, fault }).toEqual({ skipped: [more], fault: null });
      expect(papers).toEqual((await search(0, 100)).papers.slice(0, start + size));
    },
  );

  it('gives sixty results in six pages, each once', async () => {
    const options = { baseUrl: upstream.url, query: 'testing', pageSize: 10, maxResults: 60, pauseMs: 0 };
    const { papers } = await outcomeOf(readArxivQuery(ctx, options));
    expect(new Set(papers.map(({ externalId }) => externalId)).size).toBe(60);
    expect(papers.find(({ externalId }) => externalId === '2405.13786')?.authors[0]).toBe('Aurora Ramírez');
    expect(papers.find(({ externalId }) => externalId === '2202.12139')).toMatchObject({
      doi: '10.1109/ICSTW55395.2022.00035',
      categories: ['cs.SE', 'cs.LG'],
    });
  });
});

describe.skipIf(!dataDir)(title('an OAI-PMH archive'), () => {
  it.each([...inFolder('arxiv_oai'), ...inFolder('arxiv_oai_ads')])(
    'gives every paper of $name',
    async (recording) => {
      const xml = recording.body.toString('utf8');
      const ids = [...xml.matchAll(/oai:arXiv\.org:([^<"]+)<\/identifier>/g)].map(([, id]) => id);
      const { papers, skipped, fault } = await harvest(recording);
      expect(ids.length).toBeGreaterThan(0);
      expect(skipped).toEqual([]);
      // Of the one list that goes on, the rest was not recorded.
      expect(fault?.code).toBe(xml.includes('resumptionToken') ? 'SOURCE_CURSOR_EXPIRED' : undefined);
      expect([...new Set(papers.map(({ externalId }) => externalId))]).toEqual(ids);
      for (const paper of papers) {
        expect(paper.authors.length).toBeGreaterThan(0);
        expect(paper.abstract.length).toBeGreaterThan(100);
        expect(paper.publishedAt).toBeInstanceOf(Date);
        expect(paper.title).not.toMatch(/\s{2}|&\w+;|[\\$]/);
        expect(paper.categories.length > 0).toBe(xml.includes('<categories>'));
      }
    },
  );

  it.each(inFolder('oai_pmh_generic'))('is understood, or told why not: $name', async (recording) => {
    const expected = GENERIC[recording.name.replace(/.*\/|\.xml/g, '')];
    expect(expected).toBeDefined();
    expect(await harvest(recording)).toMatchObject({ papers: [], ...expected });
  });

  it('counts its whole list, and is followed through it by token', async () => {
    const [first] = inFolder('oai_pmh_generic').filter(({ name }) => name.endsWith('/ListRecords.xml'));
    upstream.reset();
    expect(first && (await harvest(first))).toMatchObject({ total: 8 });
    expect(upstream.requests.map(({ params }) => params.get('resumptionToken'))).toEqual([
      null,
      'ListRecords2.xml',
      'ListRecords3.xml',
      'ListRecords4.xml',
    ]);
  });

  it('is found by set, and carries names as people write them', async () => {
    const sets = ['physics:hep-ex', 'physics:hep-th'];
    const { papers } = await outcomeOf(readArxivOai(ctx, { baseUrl: upstream.oaiUrl, sets, pauseMs: 0 }));
    expect(papers).toHaveLength(6);
    expect(papers[3]).toMatchObject({
      externalId: '1412.8323',
      version: 2,
      title: 'Toolbox for reconstructing quantum theory from rules on information acquisition',
      authors: ['Philipp A Hoehn'],
      categories: ['quant-ph', 'gr-qc', 'hep-th', 'math-ph', 'math.MP', 'physics.hist-ph'],
      publishedAt: new Date('2014-12-29T00:00:00Z'),
    });
    const [dublinCore] = inFolder('arxiv_oai_ads').filter(({ name }) => name.includes('multi'));
    const { papers: inDublinCore, total } = (dublinCore && (await harvest(dublinCore))) ?? { papers: [] };
    expect(total).toBe(1090);
    expect(inDublinCore[2]).toMatchObject({
      version: 2,
      doi: '10.1112/jlms.12001',
      authors: ['Anna Beliakova', 'Kazuo Habiro', 'Aaron D. Lauda', 'Ben Webster'],
      publishedAt: new Date('2014-12-03T00:00:00Z'),
    });
  });
});

it.skipIf(!dataDir)(title('serves every recorded file to an adapter'), async () => {
  upstream.reset();
  for (const recording of recordings) await read(recording);
  expect([...upstream.served].sort()).toEqual(recordings.map(({ name }) => name));
});
