/** Feeds of all formats over HTTP: what publishers send, and what has not changed since. */
import { describe, expect, it } from 'vitest';
import { feedSource } from '../../src/papers/sources/feed.ts';
import { splitAuthors } from '../../src/papers/sources/feed-item.ts';
import {
  ATOM_ENTRY,
  atom,
  JSON_FEED,
  RDF_ITEM,
  RSS_ITEM,
  rdf,
  rss,
  useFeedServer,
} from '../support/feed-server.ts';

const server = useFeedServer();
const { read, readPages } = server;

describe('formats', () => {
  it('reads RSS 2.0 with the namespaces of journals', async () => {
    const page = await read(rss(RSS_ITEM));
    expect(page.skipped).toEqual([]);
    expect(page.papers).toMatchObject([
      {
        source: 'feed-test',
        externalId: '10.1234/abc.5',
        doi: '10.1234/ABC.5',
        arxivId: null,
        version: 1,
        title: 'On E. coli & CO₂',
        abstract: 'First part. Second, p < 0.05.',
        authors: ['Ada Example', 'Ben Other'],
        categories: [],
        publishedAt: new Date('2025-06-30T08:00:00Z'),
        url: 'https://journal.test/a1?x=1&y=2',
        trend: null,
      },
    ]);
  });

  it('reads RSS 1.0 of preprint servers, and gives a later version no day of publication', async () => {
    const page = await read(
      rdf(RDF_ITEM + RDF_ITEM.replaceAll('600001v2', '600002v1').replaceAll('600001', '600002')),
    );
    expect(page.papers).toMatchObject([
      {
        externalId: '10.1101/2025.06.01.600001',
        version: 2,
        title: 'Cells that count',
        abstract: 'They count to four.',
        authors: ['A. Example', 'B. C. Other'],
        publishedAt: null,
        url: 'http://biorxiv.org/cgi/content/short/2025.06.01.600001v2?rss=1',
      },
      { doi: '10.1101/2025.06.01.600002', version: 1, publishedAt: new Date('2025-06-20') },
    ]);
  });

  it('reads Atom', async () => {
    expect((await read(atom(ATOM_ENTRY))).papers).toMatchObject([
      {
        externalId: 'tag:lab.test,2025:7',
        title: 'A short note',
        abstract: 'Brief.',
        authors: ['Zoë Example'],
        publishedAt: new Date('2025-06-11T08:00:00Z'),
        url: `${server.url}/notes/7`,
      },
    ]);
  });

  it('reads JSON Feed, and knows the arXiv paper it speaks of', async () => {
    expect((await read(JSON_FEED)).papers).toMatchObject([
      {
        externalId: '2506.00001',
        arxivId: '2506.00001',
        version: 3,
        abstract: 'Only one.',
        authors: ['Ada Example'],
        categories: ['cs.CL', 'hep-th'],
        url: 'https://arxiv.org/abs/2506.00001v3',
      },
    ]);
  });

  it('reads what old journals send: Latin-1, stray ampersands, a document type without entities', async () => {
    const old = `<?xml version="1.0" encoding="ISO-8859-1"?>
      <!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">
      <rss version="0.91"><channel><title>t</title><item><title>Café & théâtre</title>
      <link>https://a.test/?a=1&b=2</link></item></channel></rss>`;
    expect((await read(Buffer.from(old, 'latin1'))).papers).toMatchObject([
      { title: 'Café & théâtre', url: 'https://a.test/?a=1&b=2', externalId: 'https://a.test/?a=1&b=2' },
    ]);
  });

  it.each([
    ['<link>https://doi.org/10.1234/a.b(1)2</link>', { doi: '10.1234/a.b(1)2' }],
    [
      '<guid>https://www.medrxiv.org/content/10.1101/2025.01.02.25300001v4.full</guid>',
      { doi: '10.1101/2025.01.02.25300001', version: 4 },
    ],
    ['<link>https://dl.acm.test/doi/abs/10.1145/1.2?af=R</link>', { doi: '10.1145/1.2' }],
    ['<dc:identifier>10.48550/arXiv.2506.00002</dc:identifier>', { doi: null, externalId: '2506.00002' }],
    ['<guid isPermaLink="false">oai:arXiv.org:2506.00003v2</guid>', { arxivId: '2506.00003', version: 2 }],
    ['<link>https://huggingface.co/papers/2506.00004</link>', { arxivId: '2506.00004' }],
    [
      '<link>https://shop.test/item/2506.00005</link>',
      { arxivId: null, externalId: 'https://shop.test/item/2506.00005' },
    ],
    [
      '<guid isPermaLink="false">10.1234/only</guid>',
      { doi: '10.1234/only', url: 'https://doi.org/10.1234/only' },
    ],
  ])('knows the identifiers in %s', async (item, expected) => {
    const page = await read(rss(`<item><title>T</title>${item}</item>`));
    expect(page.papers).toMatchObject([expected]);
  });

  it.each([
    ['Mon, 30 Jun 2025 10:00:00 EST', '2025-06-30T15:00:00Z'],
    ['2025-06-30T10:00:00', '2025-06-30T10:00:00Z'],
    ['30 Jun 2025', '2025-06-30T00:00:00Z'],
    ['2025-06', '2025-06-01T00:00:00Z'],
    ['issue 7', null],
    ['2031-01-01', null],
  ])('reads the date %s', async (date, expected) => {
    const page = await read(rss(`<item><title>T</title><guid>x</guid><dc:date>${date}</dc:date></item>`));
    expect(page.papers[0]?.publishedAt).toEqual(expected && new Date(expected));
  });

  it('skips the items it can not read, with the reason, and keeps the rest', async () => {
    const page = await read(
      rss(
        `<item><link>https://a.test/untitled</link></item><item><title>Nowhere to be found</title></item>${RSS_ITEM}`,
      ),
    );
    expect(page.papers).toHaveLength(1);
    expect(page.skipped.map(({ reason }) => reason.split(':')[0])).toEqual(['title', 'externalId']);
  });

  it('knows a feed by its root, whatever it writes about', async () => {
    const about = '<![CDATA[Write <rss version="2.0"> or <rdf:RDF > or <feed> <channel>]]>';
    const json = JSON.parse(JSON_FEED);
    json.items[0].content_text = ' <rss version="2.0"><channel><title>';
    const item = ATOM_ENTRY.replace('Brief.', about);
    expect((await read(`<!-- <rss> -->${atom(item).replace(/^<\?.*?\?>/, '')}`)).papers).toHaveLength(1);
    expect((await read(JSON.stringify(json))).papers).toHaveLength(1);
    expect((await read(rdf(RDF_ITEM.replace('<![CDATA[They count to four.]]>', about)))).papers).toHaveLength(
      1,
    );
  });

  it('keeps an item whose only id is a very long address', async () => {
    const long = `https://a.test/${'x'.repeat(400)}`;
    const page = await read(rss(`<item><title>T</title><link>${long}</link><guid>${long}</guid></item>`));
    expect(page.papers).toMatchObject([
      { url: long, externalId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
    ]);
  });

  it('names sources after feeds', () => {
    expect(feedSource('Nature Physics')).toBe('feed-nature-physics');
    expect(feedSource('Übersicht — der längste Name von allen')).toBe('feed-ubersicht-der-langste-name');
    expect(() => feedSource('!!')).toThrow(expect.objectContaining({ code: 'SOURCE_BAD_NAME' }));
  });
});

describe('splitAuthors', () => {
  it.each([
    [['Ada Example, Ben Other and Cy Third'], ['Ada Example', 'Ben Other', 'Cy Third']],
    [['Ada Example, Ben Other, and Cy Third'], ['Ada Example', 'Ben Other', 'Cy Third']],
    [['Example, A.-B., Other, C'], ['A.-B. Example', 'C Other']],
    [['Example, A.; Other, B. C.'], ['A. Example', 'B. C. Other']],
    [
      ['Ada Example (Institute of Things, Town), Ben Other'],
      ['Ada Example (Institute of Things, Town)', 'Ben Other'],
    ],
    [['John Example, Jr., Ben Other'], ['John Example Jr.', 'Ben Other']],
    [
      ['Ada Example', 'Ben Other'],
      ['Ada Example', 'Ben Other'],
    ],
    [['Sandy Andersson & Ferdinand Land'], ['Sandy Andersson', 'Ferdinand Land']],
    [[' , ; '], []],
  ])('%j', (lists, names) => {
    expect(splitAuthors(lists)).toEqual(names);
  });
});

describe('what has not changed', () => {
  it('is not sent and not read again', async () => {
    server.answer = (request, response) => {
      const same = request.headers['if-none-match'] === 'W/"7"';
      response.writeHead(same ? 304 : 200, { etag: 'W/"7"' });
      response.end(same ? undefined : rss(RSS_ITEM));
    };
    const [page] = await readPages();
    expect(page?.papers).toHaveLength(1);
    expect(await readPages(page?.cursor)).toEqual([]);
    expect(server.requests).toHaveLength(2);
  });

  it('is asked for in full where the cursor is of another address or unreadable', async () => {
    server.body = rss(RSS_ITEM);
    const elsewhere = JSON.stringify({ url: 'https://old.test/', etag: '"1"', lastModified: null });
    for (const cursor of [
      elsewhere,
      '',
      '{',
      '"x"',
      JSON.stringify({ url: `${server.url}/feed`, etag: 'a\r\nb: c' }),
    ]) {
      expect(await readPages(cursor)).toHaveLength(1);
    }
    expect(server.requests.some(({ headers }) => 'if-none-match' in headers)).toBe(false);
  });
});
