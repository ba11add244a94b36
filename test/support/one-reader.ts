/** A site where each test has a reader of its own, whose first digest is behind them. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createTestSite, type TestSite } from './site.ts';

interface OneReader {
  site: TestSite;
  id: number;
  email: string;
  /** Of the file's readers so far, so that a test can name what no other test does. */
  count: number;
  leaveUrl: string;
  pauseUrl: string;
  preferencesUrl: string;
}

/** The site for all tests of a file; `onReader` gets the reader of each test before it begins. */
export function useOneReader(onReader: (reader: OneReader) => void) {
  let site: TestSite;
  let id: number;
  let count = 0;
  beforeAll(async () => {
    site = await createTestSite();
  });
  beforeEach(async () => {
    site.clock.set('2026-11-24T09:30:00Z');
    const email = `reader${++count}@example.org`;
    id = await site.addReader(email, { topics: ['cs-ro'], hour: 8 });
    // As if the first digest were behind them.
    await site.sql`update subscribers set next_due_at = '2026-11-25T08:00:00Z' where id = ${id}`;
    onReader({
      site,
      id,
      email,
      count,
      leaveUrl: site.path('unsubscribe', id),
      pauseUrl: site.path('pause', id),
      preferencesUrl: site.path('preferences', id),
    });
  });
  afterAll(() => site.close());
  return {
    show: async (url: string) => (await site.app.inject({ url })).body,
    async stored() {
      const [row] = await site.sql`select status, frequency, weekdays, paper_count, leave_reason, erase_at,
        paused_until, next_due_at from subscribers where id = ${id}`;
      return { ...row };
    },
  };
}
