/** What Semantic Scholar answers, read to the last record that can be, and tied to the papers that were asked for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Paper } from '../../../src/papers/paper.ts';
import { type KnownPaper, readSemanticScholar } from '../../../src/papers/sources/semantic-scholar.ts';
import type { SourcePage } from '../../../src/papers/sources/source.ts';

const NOW = new Date('2026-11-24T08:00:00Z');
const PUBLISHED = new Date('2026-11-01T00:00:00Z');

function known(facts: Partial<KnownPaper> = {}): KnownPaper {
  return {
    id: 1,
    firstSeenAt: new Date('2026-11-02T00:00:00Z'),
    arxivId: '2611.00001',
    doi: null,
    title: 'A paper that is known here',
    authors: ['Ada Example'],
    publishedAt: PUBLISHED,
    citations: null,
    ...facts,
  };
}

/** The first page of a run that is told of `papers` and answered with `body`. */
async function read(papers: KnownPaper[], body: unknown, status = 200): Promise<SourcePage> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const pages = readSemanticScholar(
    {
      fetch: async () => new Response(text, { status }),
      now: () => NOW,
      userAgent: 'test',
      sleep: async () => {},
    },
    {
      baseUrl: 'http://scholar.test',
      apiKey: null,
      listKnown: async () => papers,
      since: new Date(0),
      until: NOW,
      cursor: null,
    },
  );
  const { value } = await pages.next();
  if (!value) throw new Error('no page');
  return value;
}

async function readOne(extra: object, paper = known()): Promise<Paper | undefined> {
  const page = await read([paper], [{ paperId: 'abc', ...extra }]);
  expect(page.skipped).toEqual([]);
  return page.papers[0];
}

describe('a record', () => {
  it('adds to the paper that was asked for, and says of it what was known', async () => {
    expect(
      await readOne({
        externalIds: { ArXiv: '2611.00001', DOI: '10.1000/Known', CorpusId: 7 },
        venue: 'International Conference on Learning Representations',
        publicationVenue: {
          name: 'International Conference on Learning Representations',
          type: 'conference',
          alternate_names: ['Int Conf Learn Represent', 'ICLR'],
        },
        year: 2026,
        citationCount: 12,
        openAccessPdf: { url: 'https://openreview.net/pdf?id=x', status: 'GREEN' },
        s2FieldsOfStudy: [
          { category: 'Computer Science', source: 'external' },
          { category: 'Computer Science', source: 's2-fos-model' },
          { category: 'Medicine', source: 's2-fos-model' },
        ],
      }),
    ).toMatchObject({
      source: 'semantic-scholar',
      externalId: 'ARXIV:2611.00001',
      arxivId: '2611.00001',
      doi: '10.1000/known',
      title: 'A paper that is known here',
      authors: ['Ada Example'],
      abstract: '',
      publishedAt: null,
      url: null,
      venue: 'ICLR 2026',
      openAccessUrl: 'https://openreview.net/pdf?id=x',
      fieldsOfStudy: ['Computer Science', 'Medicine'],
      trend: { observedAt: NOW, listedAt: PUBLISHED, citations: 12, upvotes: null, githubStars: null },
    });
  });

  it('never changes an id that was known', async () => {
    const paper = known({ doi: '10.1000/ours' });
    const read = await readOne({ externalIds: { ArXiv: '2611.00001', DOI: '10.1000/theirs' } }, paper);
    expect(read?.doi).toBe('10.1000/ours');
  });

  it.each([
    ['', null, null],
    ['arXiv.org', { name: 'arXiv.org' }, null],
    ['bioRxiv', { name: 'bioRxiv', type: 'journal' }, null],
    ['Nature', { name: 'Nature', type: 'journal' }, 'Nature'],
    ['Nature &amp; Science', null, 'Nature & Science'],
    ['ACL', null, 'ACL'],
    ['', { name: 'Robotics: Science and Systems', type: 'conference' }, 'Robotics: Science and Systems 2026'],
    [
      '',
      {
        name: 'Neural Information Processing Systems',
        type: 'conference',
        alternate_names: [7, 'Neural Inf Process Syst', 'NeurIPS', 'NIPS'],
      },
      'NeurIPS 2026',
    ],
    ['', { name: '2025 Conference on Everything', type: 'conference' }, '2025 Conference on Everything'],
    ['Fallback', 'not an object', 'Fallback'],
    ['Null\u0000 \ud800 venue', null, 'Null venue'],
  ])('names the venue as a reader would: %j, %j', async (venue, publicationVenue, expected) => {
    expect((await readOne({ venue, publicationVenue, year: 2026 }))?.venue).toBe(expected);
  });

  it.each([
    ['https://example.org/a.pdf', 'https://example.org/a.pdf'],
    ['http://example.org/a b"c.pdf', 'http://example.org/a%20b%22c.pdf'],
    ['javascript:alert(1)', null],
    ['data:text/html,x', null],
    ['/relative.pdf', null],
    ['', null],
    [`https://example.org/${'a'.repeat(5000)}`, null],
    [7, null],
  ])('gives a link only where a browser may go: %j', async (url, expected) => {
    expect((await readOne({ openAccessPdf: { url } }))?.openAccessUrl).toBe(expected);
  });

  it.each([[null], [-1], [1.5], ['12'], [3_000_000_000]])(
    'counts nothing where the count is none: %j',
    async (citationCount) => {
      expect((await readOne({ citationCount }))?.trend).toBeNull();
    },
  );

  it('is counted again only once the count has moved', async () => {
    expect((await readOne({ citationCount: 4 }, known({ citations: 4 })))?.trend).toBeNull();
    expect((await readOne({ citationCount: 3 }, known({ citations: 4 })))?.trend?.citations).toBe(3);
    expect((await readOne({ citationCount: 0 }))?.trend?.citations).toBe(0);
  });
});

describe('a batch', () => {
  const two = [
    known(),
    known({ id: 2, arxivId: null, doi: '10.1000/two', title: 'The second paper of two' }),
  ];
  const ids = (page: SourcePage) => page.papers.map(({ externalId }) => externalId);

  it('keeps the rest where one record is broken, and says why', async () => {
    const page = await read(two, [{ title: 'no id' }, { paperId: 'b' }]);
    expect(ids(page)).toEqual(['DOI:10.1000/two']);
    expect(page.skipped).toEqual([
      { reason: expect.stringContaining('paperId'), externalId: 'ARXIV:2611.00001' },
    ]);
  });

  it('is put in order by the ids in it, whatever order it came in', async () => {
    const page = await read(two, [
      { paperId: 'b', externalIds: { DOI: '10.1000/TWO' }, citationCount: 2 },
      { paperId: 'a', externalIds: { ArXiv: '2611.00001' }, citationCount: 1 },
    ]);
    expect(page.papers.map(({ title, trend }) => [title, trend?.citations])).toEqual([
      ['The second paper of two', 2],
      ['A paper that is known here', 1],
    ]);
  });

  it('takes no record for a paper that it does not name, where some are missing or another is named', async () => {
    expect(ids(await read(two, [{ paperId: 'b' }]))).toEqual([]);
    expect(ids(await read(two, [{ paperId: 'b', externalIds: { DOI: '10.1000/two' } }]))).toEqual([
      'DOI:10.1000/two',
    ]);
    const page = await read(two, [{ paperId: 'c', externalIds: { ArXiv: '2611.09999' } }, null]);
    expect(page.papers).toEqual([]);
    expect(page.skipped.map(({ reason }) => reason)).toEqual([
      'not one of the papers asked for',
      'not known to Semantic Scholar',
    ]);
  });

  it('counts all as not known where that is what a 400 says, and fails at any other', async () => {
    const page = await read(two, { error: 'No valid paper ids given' }, 400);
    expect(page.skipped).toHaveLength(2);
    await expect(read(two, { error: 'Unrecognized fields' }, 400)).rejects.toMatchObject({
      code: 'SOURCE_HTTP_ERROR',
    });
  });

  it.each([['{"data": []}'], ['[{"paperId": "a"}, '], ['[null, null, null]'], ['']])(
    'that is no list of what was asked for ends the run, to be asked again: %j',
    async (body) => {
      await expect(read(two, body)).rejects.toMatchObject({ code: 'SOURCE_BAD_ANSWER', retry: true });
    },
  );

  it('leaves out ids that would make the whole be refused', async () => {
    const odd = [known({ arxivId: 'nonsense', doi: 'doi with spaces' }), ...two];
    const page = await read(odd, [{ paperId: 'a' }, { paperId: 'b' }]);
    expect(ids(page)).toEqual(['ARXIV:2611.00001', 'DOI:10.1000/two']);
    expect(page.skipped).toHaveLength(1);
  });

  it('is read to its end whatever it holds, and yields no link but of the web', async () => {
    const paperish = fc.record(
      {
        paperId: fc.oneof(fc.string(), fc.jsonValue()),
        externalIds: fc.oneof(fc.record({ ArXiv: fc.jsonValue(), DOI: fc.string() }), fc.jsonValue()),
        venue: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
        publicationVenue: fc.oneof(
          fc.record({ name: fc.string({ unit: 'binary' }), type: fc.constant('conference') }),
          fc.jsonValue(),
        ),
        year: fc.jsonValue(),
        citationCount: fc.jsonValue(),
        openAccessPdf: fc.oneof(fc.record({ url: fc.oneof(fc.webUrl(), fc.string()) }), fc.jsonValue()),
        s2FieldsOfStudy: fc.oneof(
          fc.array(fc.record({ category: fc.string({ unit: 'binary' }) })),
          fc.jsonValue(),
        ),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.tuple(fc.oneof(paperish, fc.jsonValue()), paperish), async (answers) => {
        const page = await read(two, answers);
        expect(page.papers.length + page.skipped.length).toBe(2);
        for (const { openAccessUrl } of page.papers) {
          if (openAccessUrl !== null) expect(openAccessUrl).toMatch(/^https?:\/\//);
        }
      }),
      { numRuns: 200 },
    );
  });
});
