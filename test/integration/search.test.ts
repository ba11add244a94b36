/** The search over all papers: what is found by which words, in which order, and that nothing typed breaks it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeBibliography } from '../../src/papers/bibliography.ts';
import { searchPapers } from '../../src/papers/search-papers.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

let site: TestSite;

const papers = [
  makePaper({
    title: 'Tidal mills and how they grind',
    abstract: 'A mill that the tide drives grinds grain at night.',
    authors: ['Ada K. Feel', 'Bo Schölkopf'],
    arxivId: '2611.00001',
    publishedAt: new Date('2026-11-20'),
  }),
  makePaper({
    title: 'A survey of windmills',
    abstract: 'Mills that the wind drives. The grinding of grain is compared with that by tides.',
    authors: ['Cy Williams'],
    arxivId: '2611.00002',
    publishedAt: new Date('2026-11-22'),
  }),
  makePaper({
    title: 'Reading gauges with GPT-4 and cs.CL tricks',
    abstract: 'Gauges of a mill are read by a model of language.',
    authors: ['Williams Doe'],
    arxivId: '2611.00003',
    publishedAt: new Date('2026-11-21'),
  }),
  makePaper({ title: 'IT', abstract: 'On being.', authors: ['Ödön Tar'], arxivId: 'hep-th/9711200' }),
  makePaper({ title: 'Mills that were taken back', withdrawn: true, arxivId: '2611.00005' }),
];

beforeAll(async () => {
  site = await createTestSite();
  await storePapers(site.ctx, papers, site.clock.now());
  const bib = '@article{a, title={Secret mills of one reader}, author={Own, List}}';
  await takeBibliography(site.ctx, Buffer.from(bib), 10);
});
afterAll(() => site.close());

async function find(q: string, newestFirst = false): Promise<string[]> {
  const answer = await searchPapers(site.ctx, { q, newestFirst, page: 1 });
  if (answer.result === 'found') return answer.papers.map(({ arxivId }) => arxivId ?? '');
  return answer.result === 'paper' ? [`→ ${answer.paper.arxivId}`] : [answer.result];
}
/** Each from another visitor, as there is a limit for one. */
let visitor = 0;
const get = (url: string) => {
  visitor += 1;
  return site.app.inject({ url, remoteAddress: `10.0.${visitor >> 8}.${visitor & 255}` });
};

describe('the search', () => {
  it.each([
    ['words in any form, those of titles first', 'tides mill', ['2611.00001', '2611.00002']],
    ['words in a row', '"tide drives"', ['2611.00001']],
    ['the same in curly quotes, and left open', '“tide drives', ['2611.00001']],
    ['no words that stand apart', '"grinds mill"', []],
    ['without a word', 'grain -survey', ['2611.00001']],
    ['without words in a row', 'grain -"tide drives"', ['2611.00002']],
    ['without a person', 'mill -author:feel', ['2611.00002', '2611.00003']],
    ['a name among words, in any place of a paper', 'williams', ['2611.00002', '2611.00003']],
    ['a person by first and last name', 'author:"Cy Williams"', ['2611.00002']],
    ['a person in nothing but a name', 'author:"grain"', []],
    ['a person with a name left out', 'author:Ada Feel', ['2611.00001']],
    ['a person by an initial', 'author:"A. Feel"', ['2611.00001']],
    ['names with and without accents', 'scholkopf', ['2611.00001']],
    ['names as they are spelled', 'author:Schölkopf', ['2611.00001']],
    ['model names with a hyphen', 'GPT-4', ['2611.00003']],
    ['the same without', 'gpt 4', ['2611.00003']],
    ['categories in a title', 'cs.CL', ['2611.00003']],
    ['words beside words that say nothing', 'the mill of the tide', ['2611.00001', '2611.00002']],
    ['a name that is such a word', 'it', ['hep-th/9711200']],
    ['an id', '2611.00002', ['→ 2611.00002']],
    ['an address with a version', 'https://arxiv.org/pdf/2611.00002v3.pdf', ['→ 2611.00002']],
    ['an id of before 2007', 'arXiv:hep-th/9711200', ['→ hep-th/9711200']],
    ['no word of papers that were taken back', 'taken', []],
    ['no paper that only a reader’s list tells of', 'secret', []],
  ])('finds %s: %s', async (_what, q, expected) => {
    expect(await find(q)).toEqual(expected);
  });

  it('puts the newest first where that is asked for', async () => {
    expect(await find('mill', true)).toEqual(['2611.00002', '2611.00003', '2611.00001']);
  });

  it.each([
    '',
    ' ',
    '-',
    '-mill',
    '"',
    '""',
    'author:',
    '!!&|()<->:*',
    "'; drop table papers; --",
    "o'neill:A & 'x",
    'a\0b',
    '\\',
    '%_',
    '𝔘𝔫𝔦 مرحبا 日本',
    'a'.repeat(5000),
    'mill '.repeat(500),
    '"mill '.repeat(200),
    '(((((mill',
    '<script>alert(1)</script>',
    'c++ & c#',
    '1e309 0x1 -5',
  ])('answers %j with a page', async (q) => {
    for (const more of ['', '&sort=newest', '&page=3', '&page=-1', '&page=1e9', '&q=again']) {
      const answer = await get(`/search?q=${encodeURIComponent(q)}${more}`);
      expect(answer.statusCode).toBe(200);
      expect(answer.body).not.toContain('<script>alert');
    }
  });

  it('takes addresses that nobody would write', async () => {
    for (const url of ['/search?q[]=x', '/search?q=%', '/search?q=%ff', '/search?&&==', '/search']) {
      expect((await get(url)).statusCode).toBeLessThan(500);
    }
  });

  it('shows what was typed, a count, and advice where nothing was found', async () => {
    const found = (await get('/search?q=mill+grain')).body;
    expect(found).toContain('value="mill grain"');
    expect(found).toContain('2 papers');
    const none = (await get('/search?q=zeppelins')).body;
    expect(none).toContain('No paper found');
    expect(none).toContain('Try fewer words');
  });

  it('leads an id straight to its paper', async () => {
    const { statusCode, headers } = await get('/search?q=arXiv:2611.00001v2');
    expect([statusCode, headers.location]).toEqual([303, '/papers/2611.00001']);
  });

  it('pages through many, each once, and ends with the last page', async () => {
    const many = Array.from({ length: 45 }, (_, nth) => makePaper({ title: `Zebra crossing number ${nth}` }));
    await storePapers(site.ctx, many, site.clock.now());
    const pages = await Promise.all(
      [1, 2, 3, 4].map((page) => searchPapers(site.ctx, { q: 'zebra', newestFirst: false, page })),
    );
    const ids = pages.map((page) => (page.result === 'found' ? page.papers.map(({ id }) => id) : []));
    expect(ids.map(({ length }) => length)).toEqual([20, 20, 5, 0]);
    expect(new Set(ids.flat()).size).toBe(45);
    expect(pages.map((page) => page.result === 'found' && page.count)).toEqual([45, 45, 45, 45]);
    const second = (await get('/search?q=zebra&page=2')).body;
    expect(second).toContain('Page 2 of 3');
    expect(second).toContain('href="/search?q=zebra"');
    expect(second).toContain('href="/search?q=zebra&amp;page=3"');
    expect((await get('/search?q=zebra&page=3')).body).not.toContain('rel="next"');
  });

  it('holds back whoever asks more than 120 times a minute', async () => {
    // Each another question, as an answer that is kept costs nothing.
    const ask = (n: number) => site.app.inject({ url: `/search?q=mill+${n}`, remoteAddress: '10.9.9.9' });
    const statuses: number[] = [];
    for (let asked = 0; asked < 122; asked += 1) statuses.push((await ask(asked)).statusCode);
    expect(statuses.slice(118)).toEqual([200, 200, 429, 429]);
  });

  it('is as JSON what it is as a page', async () => {
    const answer = await get('/api/search?q=tides+mill');
    expect(answer.json()).toMatchObject({
      count: 2,
      isMore: false,
      papers: [
        {
          id: '2611.00001',
          title: 'Tidal mills and how they grind',
          url: 'https://papers.example.org/papers/2611.00001',
          published: '2026-11-20',
        },
        { id: '2611.00002' },
      ],
    });
    const refused = await get('/api/search?q=-mill');
    expect([refused.statusCode, refused.json().error.field]).toEqual([400, 'q']);
  });
});
