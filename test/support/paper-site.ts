/** The site with papers of four days: robots and proteins that are voted for, an old one, and one made of markup. */
import { afterAll, beforeAll } from 'vitest';
import { makePaper, storePapers } from './papers.ts';
import { createTestSite, type TestSite } from './site.ts';

export const day = (text: string) => new Date(`${text}T00:00:00Z`);
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

/** One site for all tests of a file, which may add papers to it. */
export function usePaperSite() {
  let site: TestSite;

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

  return {
    get site() {
      return site;
    },
    get: (url: string, headers: Record<string, string> = {}) => site.app.inject({ url, headers }),
    /** The number of the paper whose title begins so. */
    idOf: async (title: string) => {
      const [row] = await site.sql`select id::int from papers where title like ${`${title}%`}`;
      return Number(row?.id);
    },
  };
}
