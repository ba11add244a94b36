/** Feeds of all formats over HTTP: what publishers send, what has not changed, and what means harm. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { readArxivRss } from '../../src/papers/sources/arxiv-rss.ts';
import { feedSource, readFeed } from '../../src/papers/sources/feed.ts';
import { splitAuthors } from '../../src/papers/sources/feed-item.ts';
import { htmlToText } from '../../src/papers/sources/html-to-text.ts';
import type { SourceContext, SourcePage } from '../../src/papers/sources/source.ts';

const NOW = new Date('2025-07-01T06:00:00Z');
const ctx: SourceContext = {
  fetch: globalThis.fetch,
  now: () => NOW,
  userAgent: 'Paperboy/1.0 (+https://paperboy.test)',
  sleep: async () => {},
};

let server: Server;
let url: string;
let body: string | Buffer;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let requests: IncomingMessage[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  answer = (_request, response) => response.end(body);
});
afterEach(() => {
  requests = [];
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

async function pagesOf(pages: AsyncIterable<SourcePage>): Promise<SourcePage[]> {
  const all: SourcePage[] = [];
  for await (const page of pages) all.push(page);
  return all;
}
const readPages = (cursor?: string) => pagesOf(readFeed(ctx, { name: 'Test', url: `${url}/feed`, cursor }));
/** The one page of a feed with this body. */
async function read(text: string | Buffer): Promise<SourcePage> {
  body = text;
  const [page] = await readPages();
  if (!page) throw new Error('no page');
  return page;
}

const rss = (items: string) => `<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">
  <channel><title>A journal</title><link>https://journal.test/</link><description>Ours</description>${items}</channel></rss>`;
const rdf = (items: string) => `<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://purl.org/rss/1.0/modules/prism/">
  <channel rdf:about="http://preprints.test"><title>New</title><link>http://preprints.test</link>
  <description>Ours</description></channel>${items}</rdf:RDF>`;
const atom = (entries: string) => `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">
  <title>Lab notes</title><id>urn:lab</id><updated>2025-06-01T00:00:00Z</updated>${entries}</feed>`;

const RSS_ITEM = `<item><title><![CDATA[On <i>E. coli</i> &amp; CO<sub>2</sub>]]></title><link>https://journal.test/a1?x=1&amp;y=2</link>
  <description>&lt;p&gt;First &lt;b&gt;part&lt;/b&gt;.&lt;/p&gt;&lt;p&gt;Second, p &amp;lt; 0.05.&lt;/p&gt;</description>
  <dc:creator>Ada Example</dc:creator><dc:creator>Ben Other</dc:creator>
  <guid isPermaLink="false">item-1</guid><prism:doi>10.1234/ABC.5</prism:doi>
  <category>News</category><pubDate>Mon, 30 Jun 2025 10:00:00 +0200</pubDate></item>`;
const RDF_ITEM = `<item rdf:about="http://biorxiv.org/cgi/content/short/2025.06.01.600001v2?rss=1">
  <title><![CDATA[Cells that count]]></title><link>http://biorxiv.org/cgi/content/short/2025.06.01.600001v2?rss=1</link>
  <description><![CDATA[They count to four.]]></description><dc:creator><![CDATA[Example, A., Other, B. C.]]></dc:creator>
  <dc:date>2025-06-20</dc:date><dc:identifier>doi:10.1101/2025.06.01.600001</dc:identifier></item>`;
const ATOM_ENTRY = `<entry><title type="html">A &lt;em&gt;short&lt;/em&gt; note</title><id>tag:lab.test,2025:7</id>
  <link rel="self" href="https://lab.test/7.xml"/><link href="/notes/7"/><published>2025-06-11T08:00:00Z</published>
  <updated>2025-06-12T08:00:00Z</updated><summary>Brief.</summary>
  <content type="html">&lt;p&gt;Long.&lt;/p&gt;</content><author><name>Zoë Example</name></author></entry>`;
const JSON_FEED = JSON.stringify({
  version: 'https://jsonfeed.org/version/1.1',
  title: 'Reading list',
  items: [
    {
      id: 'https://list.test/1',
      url: 'https://arxiv.org/abs/2506.00001v3',
      title: 'A list of one',
      content_html: '<p>Only <b>one</b>.</p>',
      date_published: '2025-06-11T08:00:00Z',
      authors: [{ name: 'Ada Example' }],
      tags: ['cs.CL', 'reading', 'hep-th', 'node.js'],
    },
  ],
});

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
        url: `${url}/notes/7`,
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
    answer = (request, response) => {
      const same = request.headers['if-none-match'] === 'W/"7"';
      response.writeHead(same ? 304 : 200, { etag: 'W/"7"' });
      response.end(same ? undefined : rss(RSS_ITEM));
    };
    const [page] = await readPages();
    expect(page?.papers).toHaveLength(1);
    expect(await readPages(page?.cursor)).toEqual([]);
    expect(requests).toHaveLength(2);
  });

  it('is asked for in full where the cursor is of another address or unreadable', async () => {
    body = rss(RSS_ITEM);
    const elsewhere = JSON.stringify({ url: 'https://old.test/', etag: '"1"', lastModified: null });
    for (const cursor of [
      elsewhere,
      '',
      '{',
      '"x"',
      JSON.stringify({ url: `${url}/feed`, etag: 'a\r\nb: c' }),
    ]) {
      expect(await readPages(cursor)).toHaveLength(1);
    }
    expect(requests.some(({ headers }) => 'if-none-match' in headers)).toBe(false);
  });
});

describe('what means harm', () => {
  const bad = { code: 'SOURCE_BAD_ANSWER', retry: true };

  it('refuses what is no feed, ends early or is broken, so that it counts as not read', async () => {
    const whole = rss(RSS_ITEM);
    const broken = [
      '',
      'busy',
      `busy ${whole}`,
      '<opml><rss version="2.0"></rss></opml>',
      '{}',
      '[1]',
      '<html><body>busy</body></html>',
      whole.slice(0, -20),
      whole.slice(0, whole.indexOf('</item>')),
      whole.replace('</title>', ''),
      JSON_FEED.slice(0, -3),
      '<rss>'.repeat(50_000),
      `{"a":${'['.repeat(100_000)}`,
    ];
    for (const text of broken) await expect(read(text), text.slice(0, 40)).rejects.toMatchObject(bad);
  });

  it('refuses feeds that bring entities of their own', async () => {
    const lol = Array.from({ length: 9 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join(
      '',
    );
    const declarations = [
      `<!DOCTYPE rss [<!ENTITY l0 "lol">${lol}]>`,
      '<!DOCTYPE rss [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
      `<!doctype rss SYSTEM "x"\n[<!ENTITY % l9 SYSTEM "${'https://evil.test/'}">]>`,
    ];
    for (const declaration of declarations) {
      const feed = rss('<item><title>&l9;</title><guid>x</guid></item>');
      await expect(read(feed.replace('<rss', `${declaration}<rss`))).rejects.toMatchObject(bad);
    }
  });

  it('lets no link through but the web’s', async () => {
    const links = [
      'javascript:alert(1)',
      ' JavaScript:alert(1)',
      'data:text/html,x',
      'file:///etc/passwd',
      'vbscript:x',
    ];
    const items = links.map(
      (link, at) =>
        `<item><title>T${at}</title><link>${link}</link><guid>${link}</guid></item>
         <item><title>U${at}</title><link>${link}</link><guid isPermaLink="false">u${at}</guid></item>`,
    );
    const entries = links.map(
      (link) => `<entry><title>T</title><id>${link}</id><link href="${link}"/></entry>`,
    );
    const json = JSON.stringify({
      version: 'https://jsonfeed.org/version/1.1',
      title: 'x',
      items: links.map((link) => ({ id: link, url: link, external_url: link, title: 'T' })),
    });
    for (const feed of [rss(items.join('')), atom(entries.join('')), json]) {
      const page = await read(feed);
      expect(
        page.papers.filter(({ url: link, externalId }) => link !== null || !/^u\d$/.test(externalId)),
      ).toEqual([]);
    }
  });

  it('leaves no markup, script or invisible turn in a title', async () => {
    const titles = [
      'A<script>alert(1)</script> B',
      '<img src=x onerror="a>b">A B',
      'A <!-- <b> -->B',
      'A\u202e B\u0007',
      '<svg/onload=alert(1)>A B',
      '<a href="javascript:alert(1)">A</a> B<br/>',
      '<style>p{}</style >A B',
    ];
    const items = titles.map(
      (title, at) => `<item><title><![CDATA[${title}]]></title><guid>${at}</guid></item>`,
    );
    const page = await read(rss(items.join('')));
    expect(page.papers.map(({ title }) => title)).toEqual(titles.map(() => 'A B'));
  });

  it('keeps the signs of authors who compare', () => {
    for (const text of ['a<b and c>d', 'p < 0.05 > q', 'x<y', '<5% of <n> cases']) {
      expect(htmlToText(text)).toBe(text);
    }
  });

  it('reads hostile HTML in linear time', () => {
    const start = performance.now();
    for (const piece of [
      '<a "',
      '<script',
      '<script>',
      '<!--',
      '<p \'"',
      '<p ',
      '<sub>',
      '</',
      '<a href="x" ',
    ]) {
      htmlToText(piece.repeat(100_000));
      splitAuthors([`${piece}, (`.repeat(30_000)]);
    }
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('keeps what databases refuse out of ids', async () => {
    const item = { id: 'a\u0000\ud800b', title: 'T\u0000', url: 'https://a.test/\u0000\ud800' };
    const page = await read(
      JSON.stringify({ version: 'https://jsonfeed.org/version/1.1', title: 'x', items: [item] }),
    );
    expect(page.papers).toMatchObject([{ externalId: 'ab', title: 'T' }]);
    expect(JSON.stringify(page)).not.toMatch(/\\u0000|\\ud800/);
  });

  it('reads a page of papers or throws an AppError, whatever becomes of a feed', async () => {
    const feeds = [
      rss(RSS_ITEM.repeat(2)),
      rdf(RDF_ITEM),
      atom(ATOM_ENTRY),
      JSON_FEED,
      arxivRss([ARXIV_NEW]),
    ];
    const damaged = fc
      .record({
        feed: fc.constantFrom(...feeds),
        cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 }),
        order: fc.infiniteStream(fc.nat()),
        junk: fc.oneof(
          fc.string(),
          fc.constantFrom('<', '>', ']]>', '<![CDATA[', '&#0;', '"', '</item>', '\u0000'),
        ),
        end: fc.double({ min: 0.2, max: 1, noNaN: true }),
      })
      .map(({ feed, cuts, order, junk, end }) => {
        const at = cuts.map((cut) => Math.floor(cut * feed.length)).sort((one, other) => one - other);
        const parts = [0, ...at].map((from, index) => feed.slice(from, at[index] ?? feed.length));
        const key = new Map(
          parts.map((part, index) => [part, index % 2 === 0 ? (order.next().value ?? 0) : index]),
        );
        const mixed = parts.toSorted((one, other) => (key.get(one) ?? 0) - (key.get(other) ?? 0)).join(junk);
        return mixed.slice(0, Math.ceil(end * mixed.length));
      });
    await fc.assert(
      fc.asyncProperty(damaged, fc.boolean(), async (text, asArxiv) => {
        body = text;
        try {
          const pages = await (asArxiv
            ? pagesOf(readArxivRss(ctx, { baseUrl: url, archives: ['cs'] }))
            : readPages());
          for (const { papers } of pages) {
            for (const paper of papers) expect(paper.url ?? 'https:').toMatch(/^https?:/);
          }
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

const arxivItem = (id: string, type: string, { title = 'Steps &amp; Walks', extra = '' } = {}) => `<item>
  <title>${title}</title><link>https://arxiv.org/abs/${id.replace(/v\d+$/, '')}</link>
  <description>arXiv:${id} Announce Type: ${type}
Abstract: A sentence of our own on $O(n^2)$, where a &lt; b.</description>
  <guid isPermaLink="false">oai:arXiv.org:${id}</guid><category>cs.CL</category><category>cs.LG</category>
  <pubDate>Mon, 30 Jun 2025 00:00:00 -0400</pubDate><arxiv:announce_type>${type}</arxiv:announce_type>
  <dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights><dc:creator>Zo\\"e Example, Ben Other</dc:creator>${extra}</item>`;
const ARXIV_NEW = arxivItem('2506.00001v1', 'new');

function arxivRss(items: string[]): string {
  return `<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" version="2.0">
  <channel><title>cs updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs</link>
    <atom:link href="http://rss.arxiv.org/rss/cs" rel="self" type="application/rss+xml"/>
    <description>cs updates</description><pubDate>Mon, 30 Jun 2025 00:00:00 -0400</pubDate>
    <skipDays><day>Sunday</day><day>Saturday</day></skipDays>${items.join('')}</channel>
</rss>`;
}

describe('readArxivRss', () => {
  const readAll = (archives = ['cs', 'stat.ML'], cursor?: string) =>
    pagesOf(readArxivRss(ctx, { baseUrl: url, archives, cursor }));

  it('reads an announcement', async () => {
    body = arxivRss([ARXIV_NEW]);
    const [page] = await readAll();
    expect(requests[0]?.url).toBe('/rss/cs+stat.ML');
    expect(page?.papers).toMatchObject([
      {
        source: 'arxiv',
        externalId: '2506.00001',
        arxivId: '2506.00001',
        version: 1,
        doi: null,
        title: 'Steps & Walks',
        abstract: 'A sentence of our own on O(n²), where a < b.',
        authors: ['Zoë Example', 'Ben Other'],
        categories: ['cs.CL', 'cs.LG'],
        publishedAt: new Date('2025-06-30T00:00:00Z'),
        url: 'https://arxiv.org/abs/2506.00001',
        codeUrl: null,
        trend: null,
      },
    ]);
  });

  it('dates nothing by the announcement of a replacement or a cross-listing', async () => {
    body = arxivRss([
      arxivItem('2506.00002v3', 'replace', { extra: '<arxiv:DOI>10.1/abc</arxiv:DOI><arxiv:DOI/>' }),
      arxivItem('math/0601001v2', 'replace-cross', { extra: '<arxiv:DOI>10.1234/abc</arxiv:DOI>' }),
      arxivItem('2506.00003v1', 'cross', { extra: '<category>stat.ML</category>' }),
    ]);
    const [page] = await readAll();
    expect(page?.papers).toMatchObject([
      { externalId: '2506.00002', version: 3, publishedAt: null },
      { externalId: 'math/0601001', version: 2, publishedAt: null, doi: '10.1234/abc' },
      { externalId: '2506.00003', version: 1, publishedAt: null, categories: ['cs.CL', 'cs.LG', 'stat.ML'] },
    ]);
  });

  it('reads a weekend as a page without papers', async () => {
    body = arxivRss([]);
    expect(await readAll()).toMatchObject([{ papers: [], skipped: [] }]);
  });

  it('asks whether anything changed, and not with the cursor of other archives', async () => {
    answer = (request, response) => {
      const same = request.headers['if-modified-since'] !== undefined;
      response.writeHead(same ? 304 : 200, { 'last-modified': 'Mon, 30 Jun 2025 04:00:00 GMT' });
      response.end(same ? undefined : arxivRss([ARXIV_NEW]));
    };
    const [page] = await readAll(['cs']);
    expect(await readAll(['cs'], page?.cursor)).toEqual([]);
    expect(await readAll(['math'], page?.cursor)).toHaveLength(1);
  });

  it('skips an item it can not read and keeps the rest', async () => {
    body = arxivRss([
      '<item><title>x</title><guid>oai:else:1</guid></item>',
      '<item><link>https://arxiv.org/abs/2506.00009</link></item>',
      ARXIV_NEW,
    ]);
    const [page] = await readAll();
    expect(page?.papers).toHaveLength(1);
    expect(page?.skipped).toMatchObject([
      { externalId: 'oai:else:1' },
      { reason: expect.stringMatching('title') },
    ]);
  });

  it('refuses what is no RSS or ends early, and names that are no archive’s', async () => {
    const whole = arxivRss([ARXIV_NEW]);
    for (const text of [
      '',
      '<html></html>',
      '<rss></rss>',
      whole.slice(0, -30),
      whole.replace('<rss', '<!DOCTYPE x><rss'),
    ]) {
      body = text;
      await expect(readAll(), text.slice(0, 40)).rejects.toMatchObject({
        code: 'SOURCE_BAD_ANSWER',
        retry: true,
      });
    }
    for (const archives of [[], ['../etc'], ['cs', 'x?y=1']]) {
      await expect(readAll(archives)).rejects.toMatchObject({ code: 'SOURCE_BAD_QUERY' });
    }
  });
});
