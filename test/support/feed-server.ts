/** A loopback server with one feed that a test writes, and feeds in each format to write there: facts and sentences of our own. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { readFeed } from '../../src/papers/sources/feed.ts';
import type { SourceContext, SourcePage } from '../../src/papers/sources/source.ts';
import { pagesOf } from './source-pages.ts';

const NOW = new Date('2025-07-01T06:00:00Z');
export const ctx: SourceContext = {
  fetch: globalThis.fetch,
  now: () => NOW,
  userAgent: 'Paperboy/1.0 (+https://paperboy.test)',
  sleep: async () => {},
};

export interface FeedServer {
  /** `http://127.0.0.1:<port>`, once it listens. */
  url: string;
  /** What it sends, unless a test gives it another `answer`. */
  body: string | Buffer;
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  /** What this test asked for. */
  requests: IncomingMessage[];
  readPages(cursor?: string): Promise<SourcePage[]>;
  /** The one page of a feed with this body. */
  read(text: string | Buffer): Promise<SourcePage>;
}

/** A server for all tests of a file; what a test asked and how it was answered is forgotten after it. */
export function useFeedServer(): FeedServer {
  const sendBody: FeedServer['answer'] = (_request, response) => response.end(feeds.body);
  const readPages = (cursor?: string) =>
    pagesOf(readFeed(ctx, { name: 'Test', url: `${feeds.url}/feed`, cursor }));
  const feeds: FeedServer = {
    url: '',
    body: '',
    answer: sendBody,
    requests: [],
    readPages,
    async read(text) {
      feeds.body = text;
      const [page] = await readPages();
      if (!page) throw new Error('no page');
      return page;
    },
  };
  let server: Server | undefined;
  beforeAll(async () => {
    const listening = createServer((request, response) => {
      feeds.requests.push(request);
      feeds.answer(request, response);
    });
    server = listening;
    await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done));
    feeds.url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    feeds.answer = sendBody;
    feeds.requests = [];
  });
  afterAll(() => {
    server?.close();
    server?.closeAllConnections();
  });
  return feeds;
}

export const rss = (items: string) => `<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">
  <channel><title>A journal</title><link>https://journal.test/</link><description>Ours</description>${items}</channel></rss>`;
export const rdf = (items: string) => `<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://purl.org/rss/1.0/modules/prism/">
  <channel rdf:about="http://preprints.test"><title>New</title><link>http://preprints.test</link>
  <description>Ours</description></channel>${items}</rdf:RDF>`;
export const atom = (entries: string) => `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">
  <title>Lab notes</title><id>urn:lab</id><updated>2025-06-01T00:00:00Z</updated>${entries}</feed>`;

export const RSS_ITEM = `<item><title><![CDATA[On <i>E. coli</i> &amp; CO<sub>2</sub>]]></title><link>https://journal.test/a1?x=1&amp;y=2</link>
  <description>&lt;p&gt;First &lt;b&gt;part&lt;/b&gt;.&lt;/p&gt;&lt;p&gt;Second, p &amp;lt; 0.05.&lt;/p&gt;</description>
  <dc:creator>Ada Example</dc:creator><dc:creator>Ben Other</dc:creator>
  <guid isPermaLink="false">item-1</guid><prism:doi>10.1234/ABC.5</prism:doi>
  <category>News</category><pubDate>Mon, 30 Jun 2025 10:00:00 +0200</pubDate></item>`;
export const RDF_ITEM = `<item rdf:about="http://biorxiv.org/cgi/content/short/2025.06.01.600001v2?rss=1">
  <title><![CDATA[Cells that count]]></title><link>http://biorxiv.org/cgi/content/short/2025.06.01.600001v2?rss=1</link>
  <description><![CDATA[They count to four.]]></description><dc:creator><![CDATA[Example, A., Other, B. C.]]></dc:creator>
  <dc:date>2025-06-20</dc:date><dc:identifier>doi:10.1101/2025.06.01.600001</dc:identifier></item>`;
export const ATOM_ENTRY = `<entry><title type="html">A &lt;em&gt;short&lt;/em&gt; note</title><id>tag:lab.test,2025:7</id>
  <link rel="self" href="https://lab.test/7.xml"/><link href="/notes/7"/><published>2025-06-11T08:00:00Z</published>
  <updated>2025-06-12T08:00:00Z</updated><summary>Brief.</summary>
  <content type="html">&lt;p&gt;Long.&lt;/p&gt;</content><author><name>Zoë Example</name></author></entry>`;
export const JSON_FEED = JSON.stringify({
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

export const arxivItem = (
  id: string,
  type: string,
  { title = 'Steps &amp; Walks', extra = '' } = {},
) => `<item>
  <title>${title}</title><link>https://arxiv.org/abs/${id.replace(/v\d+$/, '')}</link>
  <description>arXiv:${id} Announce Type: ${type}
Abstract: A sentence of our own on $O(n^2)$, where a &lt; b.</description>
  <guid isPermaLink="false">oai:arXiv.org:${id}</guid><category>cs.CL</category><category>cs.LG</category>
  <pubDate>Mon, 30 Jun 2025 00:00:00 -0400</pubDate><arxiv:announce_type>${type}</arxiv:announce_type>
  <dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights><dc:creator>Zo\\"e Example, Ben Other</dc:creator>${extra}</item>`;
export const ARXIV_NEW = arxivItem('2506.00001v1', 'new');

export function arxivRss(items: string[]): string {
  return `<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" version="2.0">
  <channel><title>cs updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs</link>
    <atom:link href="http://rss.arxiv.org/rss/cs" rel="self" type="application/rss+xml"/>
    <description>cs updates</description><pubDate>Mon, 30 Jun 2025 00:00:00 -0400</pubDate>
    <skipDays><day>Sunday</day><day>Saturday</day></skipDays>${items.join('')}</channel>
</rss>`;
}
