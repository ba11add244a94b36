/** The page of a paper, the sitemap, and how all open pages may be passed on and kept. */
import { describe, expect, it } from 'vitest';
import { day, usePaperSite } from '../support/paper-site.ts';
import { makePaper, storePapers } from '../support/papers.ts';

const papers = usePaperSite();
const { get, idOf } = papers;

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
    await storePapers(papers.site.ctx, [lone], day('2026-11-11'));
    const before = await idOf('Sand dunes');
    const both = makePaper({
      title: 'Singing dunes, second version',
      arxivId: '2611.00077',
      doi: '10.1000/dunes',
    });
    await storePapers(papers.site.ctx, [both], day('2026-11-12'));
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
    await storePapers(papers.site.ctx, [gone], day('2026-11-12'));
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
    const [row] = await papers.site.sql`insert into papers (title, ranks, first_seen_at, updated_at)
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
