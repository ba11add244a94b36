/** Every digest of a reader's past: newest first, page by page, and nobody else's. */
import { describe, expect, it } from 'vitest';
import { useOneReader } from '../support/one-reader.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import type { TestSite } from '../support/site.ts';

let site: TestSite;
let id: number;
let count: number;
let preferencesUrl: string;
const { show } = useOneReader((reader) => {
  ({ site, id, count, preferencesUrl } = reader);
});

describe('the history', () => {
  const url = () => `${preferencesUrl}/digests`;
  async function addDigests(subscriberId: number, days: number): Promise<void> {
    const titles = Array.from({ length: days + 1 }, (_, n) => `Paper ${count}-${subscriberId}-${n}`);
    await storePapers(
      site.ctx,
      titles.map((title) => makePaper({ title })),
      site.clock.now(),
    );
    for (let day = 0; day < days; day++) {
      const [digest] = await site.sql`insert into digests (subscriber_id, edition, composed_at)
        values (${subscriberId}, ${`day-${day}`}, ${new Date(Date.UTC(2026, 8, 1 + day, 23, 30))}) returning id`;
      const of = day === 0 ? titles.slice(0, 2) : titles.slice(day + 1, day + 2);
      await site.sql`insert into digest_papers (digest_id, subscriber_id, position, paper_id, score, reasons)
        select ${digest?.id}, ${subscriberId}, row_number() over (order by id), id, 1, '[]'
        from papers where title in ${site.sql(of)}`;
    }
  }
  const dates = (page: string) => [...page.matchAll(/<small>([^<]*) 2026 · /g)].map(([, date]) => date);

  it('says that there is none yet', async () => {
    expect(await show(preferencesUrl)).toContain(`href="${url()}"`);
    expect(await show(url())).toContain('No digest yet');
  });

  it('lists a reader’s own, newest first, with the date where they are, the subject, the count and the web copy', async () => {
    await site.sql`update subscribers set timezone = 'Asia/Tokyo' where id = ${id}`;
    await addDigests(id, 2);
    await addDigests(await site.addReader(`other${count}@example.org`), 1);
    const page = await show(url());
    expect(dates(page)).toEqual(['Thursday, 3 September', 'Wednesday, 2 September']);
    expect(page).toContain(`>Paper ${count}-${id}-0 and 1 more</a>`);
    expect(page).toContain('Wednesday, 2 September 2026 · 2 papers');
    expect(page).toContain('Thursday, 3 September 2026 · 1 paper<');
    const links = [...page.matchAll(/href="https:\/\/papers\.example\.org(\/digests\/[^"]*)"/g)];
    expect(links).toHaveLength(2);
    expect(await show(links[1]?.[1] ?? '')).toContain(`Paper ${count}-${id}-0`);
  });

  it('comes in pages, of which the last stands for all beyond', async () => {
    await addDigests(id, 41);
    const pages = await Promise.all(['', '?page=2', '?page=3'].map((query) => show(url() + query)));
    expect(pages.map((page) => dates(page).length)).toEqual([20, 20, 1]);
    expect(new Set(pages.flatMap(dates)).size).toBe(41);
    expect(pages[1]).toContain('Page 2 of 3');
    expect(pages[1]).toContain(`rel="prev" href="${url()}"`);
    expect(pages[1]).toContain(`rel="next" href="${url()}?page=3"`);
    expect(await show(`${url()}?page=99`)).toBe(pages[2]);
    for (const page of ['0', '-1', 'x', '1e9', '']) {
      expect([page, (await site.app.inject({ url: `${url()}?page=${page}` })).statusCode]).toEqual([
        page,
        200,
      ]);
    }
  });

  it('is nobody else’s: kept by no cache and by no search engine', async () => {
    const { headers } = await site.app.inject({ url: url() });
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-robots-tag': 'noindex' });
  });
});
