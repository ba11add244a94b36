/** Feeds that mean harm or are broken over HTTP: refused, or read without what harms, and never a fault of ours. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { readArxivRss } from '../../src/papers/sources/arxiv-rss.ts';
import { splitAuthors } from '../../src/papers/sources/feed-item.ts';
import { htmlToText } from '../../src/papers/sources/html-to-text.ts';
import {
  ARXIV_NEW,
  ATOM_ENTRY,
  arxivRss,
  atom,
  ctx,
  JSON_FEED,
  RDF_ITEM,
  RSS_ITEM,
  rdf,
  rss,
  useFeedServer,
} from '../support/feed-server.ts';
import { pagesOf } from '../support/source-pages.ts';

const server = useFeedServer();
const { read, readPages } = server;

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
        server.body = text;
        try {
          const pages = await (asArxiv
            ? pagesOf(readArxivRss(ctx, { baseUrl: server.url, archives: ['cs'] }))
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
