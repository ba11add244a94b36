/** Topics, papers, days by date, the sitemap, and how all of them may be passed on and kept. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readForm } from '../support/html-form.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

let site: TestSite;

const day = (text: string) => new Date(`${text}T00:00:00Z`);
const robots = ['grasp soft fruit', 'walk on sand', 'map dark caves', 'climb steep stairs'].map((what, nth) =>
  makePaper({
    title: `Robot hands and legs that ${what}`,
    abstract: `A robot manipulation policy learned by imitation learning lets robots ${what}.`,
    authors: ['Ada Feel', 'Bo Touch'],
    categories: ['cs.RO', 'cs.LG'],
    arxivId: `2611.0000${nth + 1}`,
    publishedAt: day('2026-11-20'),
    upvotes: 10 + nth,
    listedAt: day(nth < 2 ? '2026-11-24' : '2026-11-23'),
  }),
);
const proteins = makePaper({
  title: 'Folding proteins with small models',
  abstract: 'Small models fold proteins.',
  categories: ['q-bio.BM'],
  arxivId: '2611.00009',
  upvotes: 30,
  listedAt: day('2026-11-18'),
});

beforeAll(async () => {
  site = await createTestSite();
  await storePapers(site.ctx, robots, new Date('2026-11-24T06:00:00Z'));
  await storePapers(site.ctx, [proteins], new Date('2026-11-18T06:00:00Z'));
  const plain = makePaper({
    title: 'A note </textarea><script>alert(1)</script>',
    abstract: '<b>bold</b> & "quoted"',
    authors: ['Eve "E" O’Neill'],
    doi: '10.1000/xyz',
    url: 'https://journal.example.org/1',
  });
  await storePapers(site.ctx, [plain], new Date('2026-11-10T06:00:00Z'));
  const old = makePaper({ title: 'Matrices of old', arxivId: 'hep-th/9711200' });
  await storePapers(site.ctx, [old], new Date('2026-11-10T06:00:00Z'));
});
afterAll(() => site.close());

const get = (url: string, headers: Record<string, string> = {}) => site.app.inject({ url, headers });
const idOf = async (title: string) => {
  const [row] = await site.sql`select id::int from papers where title like ${`${title}%`}`;
  return Number(row?.id);
};

describe('days and weeks', () => {
  it('show the papers of one day, and lead to the nearest days that have some', async () => {
    const { statusCode, body } = await get('/?day=2026-11-23');
    expect(statusCode).toBe(200);
    expect(body).toContain('Monday, 23 November 2026');
    expect(body).toContain('map dark caves');
    expect(body).not.toContain('walk on sand');
    expect(body).toMatch(/rel="prev" href="\/\?day=2026-11-18#papers"/);
    expect(body).toMatch(/rel="next" href="\/\?day=2026-11-24#papers"/);
  });

  it('show a week as one list, the most trending first', async () => {
    const { body } = await get('/?week=2026-W48');
    const titles = [...body.matchAll(/<h3 lang="en"><a [^>]*>Robot hands and legs that ([^<]*)/g)].map(
      ([, what]) => what,
    );
    expect(titles).toHaveLength(4);
    expect(body).toMatch(/rel="prev" href="\/\?week=2026-W47#papers"/);
    expect(body).not.toContain('Folding proteins');
  });

  it('show what was new on a day on which nothing was voted for', async () => {
    expect((await get('/?day=2026-11-10')).body).toContain('Matrices of old');
  });

  it.each(['day=2026-11-01', 'day=2026-11-25', 'day=nonsense', 'week=2026-W99', 'day=9999-12-31'])(
    'answer with a page that leads on where there is nothing: %s',
    async (query) => {
      const { statusCode, body, headers } = await get(`/?${query}`);
      expect([statusCode, headers['cache-control']]).toEqual([404, 'no-store']);
      expect(body).toContain('Look at the latest papers');
      expect(body).toContain('id="subscribe"');
    },
  );

  it('are reached from the front page', async () => {
    const { body } = await get('/');
    expect(body).toContain('href="/?day=2026-11-24#papers"');
    expect(body).toContain('href="/?week=2026-W48#papers"');
    expect(body).toContain('href="/?day=2026-11-10#papers"');
  });

  it('are there as JSON', async () => {
    const { days } = (await get('/api/trending?day=2026-11-23')).json();
    expect(days).toMatchObject([{ date: '2026-11-23', papers: [{ upvotes: 13 }, { upvotes: 12 }] }]);
    expect((await get('/api/trending')).json().days.map(({ date }: { date: string }) => date)).toEqual([
      '2026-11-24',
      '2026-11-23',
      '2026-11-18',
    ]);
    const refused = await get('/api/trending?week=2026');
    expect([refused.statusCode, refused.json().error.field]).toEqual([400, 'week']);
  });
});

describe('topics', () => {
  it('are all listed, each with a page', async () => {
    const slugs = [...(await get('/topics')).body.matchAll(/href="\/topics\/([a-z0-9-]+)"/g)].map(
      ([, slug]) => slug,
    );
    const [{ count } = { count: 0 }] = await site.sql`select count(*)::int from topics`;
    expect(new Set(slugs).size).toBe(count);
    for (const slug of slugs.filter((_, nth) => nth % 20 === 0)) {
      expect([slug, (await get(`/topics/${slug}`)).statusCode]).toEqual([slug, 200]);
    }
  });

  it('bring what a digest on that topic would', async () => {
    const { body } = await get('/topics/cs-ro');
    expect(body).toContain('Machines that sense, plan and act in the physical world.');
    expect(body.match(/Robot hands and legs that/g)?.length).toBeGreaterThanOrEqual(4);
    expect(body).not.toContain('Folding proteins');
    expect(body).toContain('href="/?topic=cs-ro#subscribe"');
  });

  it('tell the last day from the last week', async () => {
    expect((await get('/topics/q-bio')).body).toContain('Folding proteins');
    const lastDay = (await get('/topics/q-bio?period=day')).body;
    expect(lastDay).not.toContain('Folding proteins');
    expect(lastDay).toContain('Look at the last week');
  });

  it.each(['none-such', '__proto__', '%00', "'--", 'a'.repeat(200)])(
    'that are none have no page: %s',
    async (slug) => {
      expect((await get(`/topics/${slug}`)).statusCode).toBe(404);
      expect((await get(`/topics/${slug}/feed.xml`)).statusCode).toBe(404);
    },
  );

  it('and liked papers stand in the form where a link asks for them, as text', async () => {
    const form = readForm((await get('/?topic=cs-ro&liked=2611.00001')).body);
    expect(form.topics).toEqual(['cs-ro']);
    expect((await get('/?topic=cs-ro&liked=2611.00001')).body).toMatch(
      /<textarea id="liked"[^>]*>2611\.00001</,
    );
    const hostile = await get(
      `/?topic=${encodeURIComponent('"><i>')}&liked=${encodeURIComponent('</textarea><i>')}`,
    );
    expect(hostile.statusCode).toBe(200);
    expect(hostile.body).not.toMatch(/<\/textarea><i>|"><i>/);
  });
});

describe('a paper', () => {
  it('has a page with all that is known of it', async () => {
    const { statusCode, body } = await get('/papers/2611.00001');
    expect(statusCode).toBe(200);
    for (const text of [
      'Ada Feel, Bo Touch',
      'lets robots grasp soft fruit.',
      'href="/topics/cs-ro"',
      'href="/topics/cs-lg"',
      '20 Nov 2026',
      'href="https://arxiv.org/abs/2611.00001"',
      'href="https://arxiv.org/pdf/2611.00001"',
      '10 upvotes in 6 hours',
      'href="/?liked=2611.00001#subscribe"',
      '@misc{feel2026robot,',
    ]) {
      expect(body).toContain(text);
    }
  });

  it('leads to papers like it, and not to itself or others', async () => {
    const { body } = await get('/papers/2611.00001');
    const similar = body.slice(body.indexOf('id="similar-title"'));
    expect([...similar.matchAll(/href="\/papers\/([^"]+)"/g)].map(([, id]) => id).sort()).toEqual([
      '2611.00002',
      '2611.00003',
      '2611.00004',
    ]);
    const { paper, similar: asJson } = (await get('/api/papers/2611.00001')).json();
    expect(paper).toMatchObject({ id: '2611.00001', upvotes: 10, authors: ['Ada Feel', 'Bo Touch'] });
    expect(asJson).toHaveLength(3);
  });

  it.each([
    ['2611.00001v2', '2611.00001'],
    ['arXiv:2611.00001', '2611.00001'],
    ['HEP-TH/9711200', 'hep-th/9711200'],
  ])('has one address: %s leads to it for good', async (typed, name) => {
    const { statusCode, headers } = await get(`/papers/${typed}`);
    expect([statusCode, headers.location]).toEqual([301, `/papers/${name}`]);
    expect((await get(`/papers/${name}`)).statusCode).toBe(200);
  });

  it('goes by our number until its arXiv id is known', async () => {
    const id = await idOf('Robot hands and legs that grasp');
    const { statusCode, headers } = await get(`/papers/p${id}`);
    expect([statusCode, headers.location]).toEqual([301, '/papers/2611.00001']);
    expect((await get(`/papers/p${await idOf('A note')}`)).statusCode).toBe(200);
  });

  it('keeps its address when another record turns out to be the same paper', async () => {
    const lone = makePaper({ title: 'Sand dunes and how they sing', doi: '10.1000/dunes' });
    await storePapers(site.ctx, [lone], day('2026-11-11'));
    const before = await idOf('Sand dunes');
    const both = makePaper({
      title: 'Singing dunes, second version',
      arxivId: '2611.00077',
      doi: '10.1000/dunes',
    });
    await storePapers(site.ctx, [both], day('2026-11-12'));
    expect((await get('/papers/2611.00077')).statusCode).toBe(200);
    expect((await get(`/papers/p${before}`)).headers.location).toBe('/papers/2611.00077');
  });

  it('shows markup in titles, names and abstracts as text', async () => {
    const { body } = await get(`/papers/p${await idOf('A note')}`);
    expect(body).not.toMatch(/<script>|<b>bold/);
    expect(body).toContain('&lt;b&gt;bold&lt;/b&gt; &amp; &quot;quoted&quot;');
    expect(body).toContain('href="https://journal.example.org/1"');
  });

  it('says so where it was taken back, and asks not to be listed', async () => {
    const gone = makePaper({ title: 'A proof that fell apart', arxivId: '2611.00088', withdrawn: true });
    await storePapers(site.ctx, [gone], day('2026-11-12'));
    const { statusCode, headers, body } = await get('/papers/2611.00088');
    expect([statusCode, headers['x-robots-tag']]).toEqual([200, 'noindex']);
    expect(body).toContain('Withdrawn');
  });

  it.each([
    '2611.99999',
    'p0',
    'p999999999999999',
    'p',
    'p1x',
    '',
    'x',
    '../../etc/passwd',
    '%00',
    "p1'--",
    '1'.repeat(250),
  ])('that is not known has no page: %j', async (name) => {
    expect((await get(`/papers/${name}`)).statusCode).toBe(404);
    if (name) expect((await get(`/api/papers/${encodeURIComponent(name)}`)).statusCode).toBe(404);
  });

  it('that only a reader’s list tells of has no page', async () => {
    const [row] = await site.sql`insert into papers (title, ranks, first_seen_at, updated_at)
      values ('Secret of one reader', '{}', to_timestamp(0), now()) returning id::int`;
    expect((await get(`/papers/p${row?.id}`)).statusCode).toBe(404);
  });
});

describe('open pages', () => {
  const open = ['/', '/?day=2026-11-23', '/topics', '/topics/cs-ro', '/papers/2611.00001'];

  it.each(open)('say what a link to them shows, under one address: %s', async (path) => {
    const { body } = await get(path);
    const url = `https://papers.example.org${path}`;
    expect(body).toContain(`<link rel="canonical" href="${url}">`);
    expect(body).toContain(`<meta property="og:url" content="${url}">`);
    expect(body).toMatch(/<meta property="og:title" content="[^"]{4,}">/);
    expect(body).toMatch(/<meta property="og:description" content="[^"]{4,}">/);
    expect(body).not.toMatch(/(?:src|<link rel="stylesheet" href)="https?:/);
  });

  it.each([...open, '/search?q=robot'])(
    'may be kept for a minute, and are not sent twice: %s',
    async (path) => {
      const first = await get(path);
      expect(first.headers['cache-control']).toBe('public, max-age=60');
      const again = await get(path, { 'if-none-match': `W/"x", ${first.headers.etag}` });
      expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', first.headers.etag]);
      expect((await get(path, { 'if-none-match': '"other"' })).statusCode).toBe(200);
    },
  );

  it('stand in the sitemap, and what belongs to readers is closed to robots', async () => {
    const map = await get('/sitemap.xml');
    expect(map.headers['content-type']).toMatch(/^application\/xml/);
    for (const path of ['/', '/topics', '/topics/cs-ro', '/papers/2611.00001', '/papers/hep-th/9711200']) {
      expect(map.body).toContain(`<loc>https://papers.example.org${path}</loc>`);
    }
    expect(map.body).not.toContain('2611.00088');
    const robots = await get('/robots.txt');
    expect(robots.body).toContain('Sitemap: https://papers.example.org/sitemap.xml');
    for (const path of ['/preferences/', '/digests/', '/confirm/', '/unsubscribe/', '/more/']) {
      expect(robots.body).toContain(`Disallow: ${path}\n`);
    }
  });
});
