/** A site with all that a POST could change, and the promise that no request of a test changed any of it. */
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { makePaper, storePapers } from './papers.ts';
import { createTestSite, type TestSite } from './site.ts';

export type Answer = { statusCode: number; headers: Record<string, unknown>; body: string };

/** One site for all tests of a file, also on a port; each test must leave what is stored as it was. */
export function useUntouchedSite() {
  let site: TestSite;
  let port: number;
  /** Every address that takes a POST, with a body that would do something if it were taken. */
  let posts: Record<string, { url: string; fields: Record<string, string> }>;
  let before: unknown;

  beforeAll(async () => {
    site = await createTestSite();
    const pending = await site.addPending('pending@example.org');
    const reader = await site.addReader('reader@example.org');
    const left = await site.addReader('left@example.org');
    await site.app.inject({ method: 'POST', url: site.path('unsubscribe', left) });
    const papers = [makePaper({ title: 'Hands that feel' }), makePaper({ title: 'Legs that run' })];
    await storePapers(site.ctx, papers, site.clock.now());
    const [paperId = 0, judged = 0] = (await site.sql`select id::int from papers order by id`).map(
      (row) => row.id,
    );
    await site.postForm(site.path('more', reader, { paperId: judged }), {});
    posts = {
      subscribe: { url: '/subscribe', fields: { email: 'ada@example.org' } },
      api: { url: '/api/subscriptions', fields: { email: 'ada@example.org' } },
      confirm: { url: site.path('confirm', pending), fields: {} },
      preferences: { url: site.path('preferences', reader), fields: { keywords: 'robots' } },
      pause: { url: site.path('pause', reader), fields: { until: 'week' } },
      unsubscribe: { url: site.path('unsubscribe', reader), fields: { 'List-Unsubscribe': 'One-Click' } },
      undo: { url: `${site.path('unsubscribe', left)}/undo`, fields: {} },
      more: { url: site.path('more', reader, { paperId }), fields: {} },
      less: { url: site.path('less', reader, { paperId }), fields: {} },
      'take back': { url: `${site.path('more', reader, { paperId: judged })}/undo`, fields: {} },
      forget: { url: `${site.path('preferences', reader)}/forget`, fields: { paper: String(judged) } },
    };
    await site.app.listen({ port: 0, host: '127.0.0.1' });
    const address = site.app.server.address();
    port = typeof address === 'object' && address ? address.port : 0;
  });
  beforeEach(async () => {
    before = await site.dump();
  });
  // The promise of each whole file.
  afterEach(async () => {
    expect(await site.dump()).toEqual(before);
  });
  afterAll(() => site.close());
  return {
    get site() {
      return site;
    },
    get port() {
      return port;
    },
    get posts() {
      return posts;
    },
    route: (name: string) => posts[name] ?? { url: '', fields: {} },
  };
}
