/** Days by date, weeks and topics: which papers each shows, and where it leads on. */
import { describe, expect, it } from 'vitest';
import { readForm } from '../support/html-form.ts';
import { usePaperSite } from '../support/paper-site.ts';

const papers = usePaperSite();
const { get } = papers;

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
    const [{ count } = { count: 0 }] = await papers.site.sql`select count(*)::int from topics`;
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
