/** A site with two papers to like, and for each test a new reader. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { makePaper, storePapers } from './papers.ts';
import { createTestSite, type TestSite } from './site.ts';

/** One site for all tests of a file; each begins with a reader who likes nothing yet. */
export function useLikes() {
  let site: TestSite;
  let id: number;
  let url: string;
  let count = 0;

  beforeAll(async () => {
    site = await createTestSite();
    await storePapers(
      site.ctx,
      [
        makePaper({ title: 'Hands that <feel>', arxivId: '2611.00001' }),
        makePaper({
          title: 'Legs that run far and wide',
          arxivId: '2611.00002',
          doi: '10.1145/11.22',
          authors: ['Ada Runner'],
        }),
      ],
      site.clock.now(),
    );
  });
  beforeEach(async () => {
    id = await site.addReader(`reader${++count}@example.org`, { topics: ['cs-ro'] });
    url = site.path('preferences', id);
  });
  afterAll(() => site.close());

  return {
    get site() {
      return site;
    },
    /** The reader's. */
    get id() {
      return id;
    },
    get email() {
      return `reader${count}@example.org`;
    },
    /** The path of the reader's preferences. */
    get url() {
      return url;
    },
    get: async (page: string) => (await site.app.inject({ url: page })).body,
    likedBy: async (subscriberId: number, verdict = 'liked') =>
      (
        await site.sql`select p.title from feedback f join papers p on p.id = f.paper_id
          where f.subscriber_id = ${subscriberId} and f.verdict = ${verdict} order by p.title`
      ).map(({ title }) => title as string),
  };
}
