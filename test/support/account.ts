/** A site where each test begins with one reader alone, and what is asked of their account. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { deliver } from '../../src/deliveries/deliver.ts';
import { composePage } from '../../src/digests/compose.ts';
import { takeReturnedMail } from '../../src/returned-mail.ts';
import type { ExportedData } from '../../src/subscribers/export-data.ts';
import { makeReport } from './bounces.ts';
import { fewPapers, storePapers } from './papers.ts';
import { createTestSite, type TestSite } from './site.ts';

const START = '2026-11-24T09:30:00Z';
export const ADA = 'ada@example.org';
/** So that an id is found wherever it stands, and nothing else is taken for it. */
export const FIRST_ID = 771_000_001;

interface Account {
  site: TestSite;
  id: number;
  /** The path of their preferences. */
  preferences: string;
}

/** The site for all tests of a file; `onAccount` gets the reader of each test before it begins. */
export function useAccount(onAccount: (account: Account) => void) {
  let site: TestSite;
  let id: number;
  let preferences: string;
  beforeAll(async () => {
    site = await createTestSite({
      env: { HF_BASE_URL: 'http://127.0.0.1:1', ARXIV_BASE_URL: 'http://127.0.0.1:1' },
    });
    await storePapers(site.ctx, fewPapers, new Date(START));
  });
  beforeEach(async () => {
    site.clock.set(START);
    site.sink.mails.length = 0;
    await site.sql`truncate subscribers, suppressions cascade`;
    for (const table of ['subscribers', 'digests', 'deliveries']) {
      await site.sql.unsafe(`alter table ${table} alter column id restart with ${FIRST_ID}`);
    }
    id = await site.addReader(ADA, { topics: ['cs-ro'], keywords: ['grasping'] });
    preferences = site.path('preferences', id);
    onAccount({ site, id, preferences });
  });
  afterAll(() => site.close());

  const get = (url: string) => site.app.inject({ url });
  const post = (url: string, fields = {}) => site.postForm(url, fields);
  const exported = async () => (await post(`${preferences}/export`)).json<ExportedData>();

  async function sendAll(): Promise<void> {
    const waiting = await site.sql`select id::int from deliveries where status = 'pending'`;
    await deliver(
      site.ctx,
      waiting.map((row) => Number(row.id)),
    );
  }

  /** A digest was composed and sent, and what it brought was judged, disliked and reported. */
  async function live(): Promise<void> {
    await composePage(site.ctx, site.clock.now(), [id]);
    await sendAll();
    const papers =
      await site.sql`select paper_id::int as id from digest_papers where subscriber_id = ${id} order by position`;
    const [liked, disliked] = papers.map((row) => Number(row.id));
    await post(site.path('more', id, { paperId: liked }));
    site.clock.advance(1000);
    await post(site.path('less', id, { paperId: disliked }));
    const report = {
      to: site.sink.mails[0]?.from,
      status: '5.2.2',
      diagnostic: 'smtp; 552 5.2.2 Mailbox full',
    };
    await takeReturnedMail(site.ctx, makeReport(report));
  }

  return { get, post, exported, sendAll, live };
}
