/** Every answer that was recorded of an OAI-PMH archive, arXiv’s or another’s: each paper of arXiv’s is read, and all else is told apart. */
import { describe, expect, it } from 'vitest';
import { readArxivOai } from '../../src/papers/sources/arxiv-oai.ts';
import { badQuery, type Outcome, outcomeOf, useRecordedSources } from '../support/recorded-sources.ts';

const recorded = useRecordedSources();
const { ctx, dataDir, harvest, inFolder, title } = recorded;

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
    recorded.upstream.reset();
    expect(first && (await harvest(first))).toMatchObject({ total: 8 });
    expect(recorded.upstream.requests.map(({ params }) => params.get('resumptionToken'))).toEqual([
      null,
      'ListRecords2.xml',
      'ListRecords3.xml',
      'ListRecords4.xml',
    ]);
  });

  it('is found by set, and carries names as people write them', async () => {
    const sets = ['physics:hep-ex', 'physics:hep-th'];
    const { papers } = await outcomeOf(
      readArxivOai(ctx, { baseUrl: recorded.upstream.oaiUrl, sets, pauseMs: 0 }),
    );
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
