/** Harvesting arXiv by OAI-PMH: what records say, which questions a harvest asks, and an archive that misbehaves. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type ArxivOaiOptions,
  readArxivOai,
  readArxivOaiRecord,
} from '../../src/papers/sources/arxiv-oai.ts';
import type { SourceContext, SourcePage } from '../../src/papers/sources/source.ts';
import {
  archiveOf,
  arxivRecord,
  deletedRecord,
  oaiAnswer,
  oaiError,
  recordList,
} from '../support/oai-archive.ts';
import { processorMs } from '../support/processor-time.ts';
import { startUpstream, type Upstream } from '../support/upstream-server.ts';

const waits: number[] = [];
const ctx: SourceContext = {
  fetch: globalThis.fetch,
  now: () => new Date('2025-07-01T06:00:00Z'),
  userAgent: 'Paperboy/1.0 (+https://paperboy.test)',
  sleep: async (ms) => void waits.push(ms),
};

let server: Upstream;
let archive: (params: URLSearchParams) => string = () => oaiError('noRecordsMatch');

beforeAll(async () => {
  server = await startUpstream({ fallbackOai: (params) => archive(params) });
});
afterEach(() => {
  archive = () => oaiError('noRecordsMatch');
  waits.length = 0;
  server.reset();
});
afterAll(() => server.close());

const read = (options: Partial<ArxivOaiOptions> = {}) =>
  readArxivOai(ctx, { baseUrl: server.oaiUrl, sets: [], pauseMs: 3_000, ...options });

async function pagesOf(pages: AsyncIterable<SourcePage>, atMost = 1_000): Promise<SourcePage[]> {
  const all: SourcePage[] = [];
  for await (const page of pages) {
    all.push(page);
    if (all.length === atMost) break;
  }
  return all;
}

const idsOf = (pages: SourcePage[]) =>
  pages.flatMap(({ papers, skipped }) => [...papers, ...skipped].map(({ externalId }) => externalId));

async function onlyPage(xml: string): Promise<SourcePage> {
  server.answerNext(xml);
  const [page] = await pagesOf(read(), 1);
  if (!page) throw new Error('no page');
  return page;
}

describe('a record of arXiv', () => {
  it('becomes a paper', async () => {
    const page = await onlyPage(
      oaiAnswer(`<ListRecords><record><header><identifier>oai:arXiv.org:math.GT/0309136</identifier></header>
      <metadata><arXiv><id>math/0309136</id><created>2003-09-08</created><updated>2004-01-01</updated>
      <authors><author><keyname>Example Collaboration</keyname></author><author><keyname>:</keyname></author>
        <author><keyname>Erd&#337;s</keyname><forenames>P&#xe1;l</forenames><suffix>Jr</suffix><affiliation>Here</affiliation></author></authors>
      <title>Steps &amp;
        Walks</title><categories>math.GT math.AG  hep-th</categories><comments>12 pages</comments>
      <doi>10.1/a;b-2, 10.1/second</doi><abstract>  A sentence\nof our own on $O(n^2)$ where 1 &lt; n.</abstract></arXiv></metadata>
      </record></ListRecords>`),
    );
    expect(page).toMatchObject({
      skipped: [],
      papers: [
        {
          source: 'arxiv',
          externalId: 'math/0309136',
          arxivId: 'math/0309136',
          version: 2,
          doi: '10.1/a;b-2',
          title: 'Steps & Walks',
          abstract: 'A sentence of our own on O(n²) where 1 < n.',
          authors: ['Example Collaboration', 'Pál Erdős Jr'],
          categories: ['math.GT', 'math.AG', 'hep-th'],
          publishedAt: new Date('2003-09-08T00:00:00Z'),
          withdrawn: false,
          url: 'https://arxiv.org/abs/math/0309136',
        },
      ],
    });
  });

  it('is the first version where nothing was updated', async () => {
    const page = await onlyPage(oaiAnswer(recordList([arxivRecord('2501.00001')])));
    expect(page.papers[0]).toMatchObject({ version: 1, abstract: '', doi: null, authors: ['Jane Doe'] });
  });

  it.each([
    ['<comments>This paper has been withdrawn by the author due to an error</comments>', true],
    ['<comments>Withdrawn: see version 2</comments>', true],
    ['<abstract>  This submission has been withdrawn by arXiv administrators.</abstract>', true],
    ['<abstract>We study how this paper has been withdrawn.</abstract>', false],
    ['<comments>The withdrawn lemma is back; 5 pages</comments>', false],
  ])('says whether it was withdrawn: %s', async (field, withdrawn) => {
    const page = await onlyPage(oaiAnswer(recordList([arxivRecord('2501.00001', field)])));
    expect(page.papers).toMatchObject([{ withdrawn }]);
  });

  it('is counted and skipped where it is deleted or unreadable, and the rest is kept', async () => {
    const page = await onlyPage(
      oaiAnswer(
        recordList([
          deletedRecord('2501.00002'),
          arxivRecord('2501.00003').replace(/<title>.*<\/title>/, ''),
          arxivRecord('2501.00004').replace('<id>2501.00004</id>', '<id>none</id>'),
          '<record><header><identifier>oai:arXiv.org:2501.00005</identifier></header></record>',
          '<record/>',
          arxivRecord('2501.00006').replace('2025-01-02', 'soon'),
        ]),
      ),
    );
    expect(page.papers).toMatchObject([{ externalId: '2501.00006', publishedAt: null }]);
    expect(page.skipped.map(({ externalId }) => externalId)).toEqual([
      '2501.00002',
      '2501.00003',
      '2501.00004',
      '2501.00005',
      undefined,
    ]);
    expect(page.skipped[0]?.reason).toBe('deleted');
    expect(page.skipped[1]?.reason).toMatch(/^title: /);
    expect(page.skipped[2]?.reason).toBe('id: not an arXiv id');
  });

  it('can be asked for by its id', async () => {
    server.answerNext(oaiAnswer(`<GetRecord>${arxivRecord('2501.00007')}</GetRecord>`));
    const page = await readArxivOaiRecord(ctx, { baseUrl: server.oaiUrl, arxivId: '2501.00007' });
    expect(idsOf([page])).toEqual(['2501.00007']);
    expect(Object.fromEntries(server.requests[0]?.params ?? [])).toEqual({
      verb: 'GetRecord',
      identifier: 'oai:arXiv.org:2501.00007',
      metadataPrefix: 'arXiv',
    });
  });
});

describe('a harvest', () => {
  const sets = {
    cs: ['2501.00001', '2501.00002', '2501.00003', '2501.00004', '2501.00005'].map((id) => arxivRecord(id)),
    math: [],
    'physics:hep-ex': [arxivRecord('2502.00001'), deletedRecord('2502.00002'), arxivRecord('2502.00003')],
  };
  const everything = [
    ['2501.00001', '2501.00002', '2501.00003', '2501.00004', '2501.00005'],
    ['2502.00001', '2502.00002', '2502.00003'],
  ].flat();

  it.each([1, 2, 3, 10])(
    'misses and doubles nothing wherever it is cut, %i records at a time',
    async (size) => {
      archive = archiveOf(sets, size);
      const options = { sets: Object.keys(sets), from: '2025-06-01', to: '2025-06-30' };
      const whole = await pagesOf(read(options));
      expect(idsOf(whole).sort()).toEqual(everything);
      for (let cut = 1; cut < whole.length; cut += 1) {
        const before = await pagesOf(read(options), cut);
        const after = await pagesOf(read({ ...options, cursor: before.at(-1)?.cursor }));
        expect([...before, ...after]).toEqual(whole);
      }
    },
  );

  it('asks for each set with its days, then for nothing but the token, with a pause between', async () => {
    archive = archiveOf(sets, 3);
    await pagesOf(read({ sets: ['cs', 'physics:hep-ex'], from: '2025-06-01', to: '2025-06-30' }));
    const days = { from: '2025-06-01', until: '2025-06-30', metadataPrefix: 'arXiv' };
    expect(server.requests.map(({ params }) => Object.fromEntries(params))).toEqual([
      { verb: 'ListRecords', set: 'cs', ...days },
      { verb: 'ListRecords', resumptionToken: 'cs|3' },
      { verb: 'ListRecords', set: 'physics:hep-ex', ...days },
    ]);
    expect(waits).toEqual([3_000, 3_000]);
  });

  it('asks for no days that arXiv would reject', async () => {
    await pagesOf(read({ from: '1991-01-01', to: '2999-01-01' }));
    expect(Object.fromEntries(server.requests[0]?.params ?? [])).toEqual({
      verb: 'ListRecords',
      metadataPrefix: 'arXiv',
    });
  });

  it('tells how many records a single list has', async () => {
    archive = archiveOf(sets, 3);
    expect((await pagesOf(read({ sets: ['cs'] }))).map(({ total }) => total)).toEqual([5, 5]);
    const both = await pagesOf(read({ sets: ['cs', 'physics:hep-ex'] }));
    expect(both.map(({ total }) => total)).toEqual([undefined, undefined, undefined]);
  });

  it('goes on next time on the day of its first answer, however long it took', async () => {
    let hour = 0;
    archive = archiveOf(sets, 3, () => (hour++ === 0 ? '2025-06-30' : '2025-07-01'));
    const cursor = (await pagesOf(read({ sets: ['cs'], from: '2025-06-01' }))).at(-1)?.cursor;
    server.requests.length = 0;
    await pagesOf(read({ sets: ['cs'], cursor }));
    expect(server.requests[0]?.params.get('from')).toBe('2025-06-30');
  });

  it('goes on next time where its own last day was, if that was earlier', async () => {
    archive = archiveOf(sets, 10);
    const cursor = (await pagesOf(read({ sets: ['cs'], to: '2025-03-31' }))).at(-1)?.cursor;
    server.requests.length = 0;
    const next = await pagesOf(read({ sets: ['cs'], cursor }));
    expect(server.requests[0]?.params.get('from')).toBe('2025-03-31');
    expect(server.requests[0]?.params.has('until')).toBe(false);
    server.requests.length = 0;
    await pagesOf(read({ sets: ['cs'], from: '2025-02-01', cursor: next.at(-1)?.cursor }));
    expect(server.requests[0]?.params.get('from')).toBe('2025-02-01');
  });

  it('yields an empty page with a cursor where nothing has changed', async () => {
    const pages = await pagesOf(read({ from: '2025-06-30' }));
    expect(pages).toMatchObject([{ papers: [], skipped: [], cursor: expect.any(String) }]);
    // The archive's own day, as `oaiAnswer` writes it.
    server.requests.length = 0;
    await pagesOf(read({ cursor: pages[0]?.cursor }));
    expect(server.requests[0]?.params.get('from')).toBe('2025-07-01');
  });

  it('begins a set again from its first day when the token has expired', async () => {
    archive = archiveOf(sets, 3);
    const options = { sets: ['physics:hep-ex', 'cs'], from: '2025-06-01' };
    const [, second] = await pagesOf(read(options), 2);
    server.requests.length = 0;
    server.answerNext(oaiError('badResumptionToken'));
    const rest = await pagesOf(read({ ...options, cursor: second?.cursor }));
    expect(idsOf(rest)).toEqual(['2501.00001', '2501.00002', '2501.00003', '2501.00004', '2501.00005']);
    expect(Object.fromEntries(server.requests[1]?.params ?? [])).toMatchObject({
      set: 'cs',
      from: '2025-06-01',
    });
  });

  it('gives up on an archive that forgets every token, or repeats one', async () => {
    const first = archiveOf(sets, 3);
    archive = (params) => (params.has('resumptionToken') ? oaiError('badResumptionToken') : first(params));
    await expect(pagesOf(read({ sets: ['cs'] }))).rejects.toMatchObject({
      code: 'SOURCE_CURSOR_EXPIRED',
      retry: true,
    });
    archive = () =>
      oaiAnswer(recordList([arxivRecord('2501.00001')], '<resumptionToken>same</resumptionToken>'));
    await expect(pagesOf(read())).rejects.toMatchObject({ code: 'SOURCE_BAD_ANSWER' });
  });

  it('begins again rather than follow a cursor into other sets, and refuses one that is not its own', async () => {
    archive = archiveOf(sets, 3);
    const [page] = await pagesOf(read({ sets: ['cs'], from: '2025-06-01' }), 1);
    server.requests.length = 0;
    await pagesOf(read({ sets: ['physics:hep-ex', 'cs'], cursor: page?.cursor }), 1);
    expect(Object.fromEntries(server.requests[0]?.params ?? [])).toMatchObject({
      set: 'physics:hep-ex',
      from: '2025-06-01',
    });
    for (const cursor of ['', '6460044|1001', '{"set":0}', 'null']) {
      await expect(pagesOf(read({ cursor }))).rejects.toMatchObject({ code: 'SOURCE_BAD_QUERY' });
    }
  });
});

describe('an archive that misbehaves', () => {
  const good = oaiAnswer(recordList([arxivRecord('2501.00001', '<abstract>It is here.</abstract>')]));

  it.each([
    'badArgument',
    'badVerb',
    'cannotDisseminateFormat',
    'idDoesNotExist',
    'noMetadataFormats',
    'noSetHierarchy',
    'somethingElse',
  ])('is quoted when it rejects the request: %s', async (code) => {
    server.answerNext(oaiError(code, 'it\n says &lt;why&gt;'));
    const rejected = {
      code: 'SOURCE_BAD_QUERY',
      retry: false,
      message: expect.stringContaining(`${code}, “it says <why>”`),
    };
    await expect(pagesOf(read())).rejects.toMatchObject(rejected);
    server.failNext({ kind: 'status', status: 422, body: oaiError(code, 'it says &lt;why&gt;') });
    await expect(pagesOf(read())).rejects.toMatchObject(rejected);
  });

  it('is not believed when an answer ends early, wherever that is', async () => {
    const whole = good.trimEnd();
    for (let end = 0; end < whole.length; end += 7) {
      server.answerNext(whole.slice(0, end));
      await expect(pagesOf(read()), `after ${end} characters`).rejects.toMatchObject({
        code: 'SOURCE_BAD_ANSWER',
        retry: true,
      });
    }
  });

  it.each([
    ['a web page', '<!DOCTYPE html><html><body>Down for maintenance</body></html>'],
    ['a feed', '<feed xmlns="http://www.w3.org/2005/Atom"/>'],
    ['an answer without a date', good.replace(/<responseDate>.*<\/responseDate>/, '')],
    ['an answer to another question', oaiAnswer('<ListSets><set><setSpec>cs</setSpec></set></ListSets>')],
    ['a document type, however small', good.replace('?>', '?><!DOCTYPE OAI-PMH [<!ENTITY e "e">]>')],
    ['crossed elements', good.replace('</title>', '</titel>')],
  ])('is not understood when it sends %s', async (_what, xml) => {
    server.answerNext(xml);
    await expect(pagesOf(read())).rejects.toMatchObject({ code: 'SOURCE_BAD_ANSWER', retry: true });
  });

  it('can not make entities explode, or read files through them', async () => {
    const levels = Array.from(
      { length: 30 },
      (_, level) => `<!ENTITY l${level + 1} "&l${level};&l${level};">`,
    );
    const bomb = `<!DOCTYPE OAI-PMH [<!ENTITY l0 "boom"><!ENTITY f SYSTEM "file:///etc/passwd">${levels.join('')}]>`;
    server.answerNext(good.replace('?>', `?>${bomb}`).replace('<title>', '<title>&l30;&f;'));
    const spentMs = await processorMs(() =>
      expect(pagesOf(read())).rejects.toMatchObject({ code: 'SOURCE_BAD_ANSWER' }),
    );
    expect(spentMs).toBeLessThan(2_000);
  });

  it('can nest and number as it likes without harm', async () => {
    server.answerNext(good.replace('It is here.', `${'<b>'.repeat(50_000)}${'</b>'.repeat(50_000)}`));
    await expect(pagesOf(read())).rejects.toMatchObject({ code: 'SOURCE_BAD_ANSWER' });
    const page = await onlyPage(good.replace('It is here.', '&#60;b&#62; &#0; &#x110000; &#38;lt; &#9731;'));
    expect(page.papers).toHaveLength(1);
    expect(page.papers[0]?.abstract).toContain('☃');
  });
});
