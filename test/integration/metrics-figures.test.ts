/** The figures that Prometheus reads are true, tell of no reader, and cost the database little. */
import { afterEach, expect, it, vi } from 'vitest';
import { readBounceMailbox } from '../../src/bounce-mailbox.ts';
import { ingestByName, readAllSources } from '../../src/papers/ingest.ts';
import { claimSource } from '../../src/papers/sources.repo.ts';
import { startImapServer } from '../support/imap-server.ts';
import { useMetricsPage } from '../support/metrics-page.ts';
import { addReaders } from '../support/readers.ts';
import { startUpstream, type Upstream } from '../support/upstream-server.ts';

let upstream: Upstream | undefined;
// Named before the page's own, and so done after it: what reads the upstream is closed first.
afterEach(async () => {
  await upstream?.close();
  upstream = undefined;
});

const page = useMetricsPage();
const { clock, open, ask, figures } = page;

it('counts those who left once a minute at most, however often it is asked', async () => {
  await open();
  const left = async () => (await figures())['paperboy_unsubscribed_readers none'];
  expect(await left()).toBe(0);
  await addReaders(page.test.ctx, [{ email: 'ada@example.org' }]);
  await page.test.sql`update subscribers set status = 'unsubscribed', next_due_at = null`;
  clock.advance(59_000);
  expect(await left()).toBe(0);
  clock.advance(2000);
  expect(await left()).toBe(1);
});

it('tells of each source when it was last good, since when it fails, and what came of its records', async () => {
  upstream = await startUpstream({
    days: {
      '2026-11-24': [
        {
          paper: {
            id: '2611.00001',
            title: 'A paper',
            summary: 'It says one thing.',
            publishedAt: '2026-11-20T00:00:00.000Z',
            authors: [{ name: 'Ada Example' }],
            upvotes: 3,
          },
          publishedAt: '2026-11-24T01:00:00.000Z',
          numComments: 1,
        },
        {},
      ],
    },
  });
  await open({
    env: {
      HF_BASE_URL: upstream.url,
      ARXIV_BASE_URL: upstream.url,
      SOURCES: 'hf,arxiv',
      SOURCE_EVERY: 'hf=20m',
    },
  });
  // From before a source was switched off: nobody must be woken for it.
  await page.test.sql`insert into source_states (name, failing_since) values ('arxiv-rss', now())`;
  expect(await figures()).toMatchObject({
    'paperboy_source_failing hf': 0,
    'paperboy_source_runs_total hf': 0,
    'paperboy_source_interval_seconds hf': 1200,
    'paperboy_source_interval_seconds arxiv': 21_600,
    'paperboy_metrics_part_up sources': 1,
  });
  expect(
    Object.keys(await figures()).filter((name) => /last_ok|failing_since| arxiv-rss/.test(name)),
  ).toEqual([]);

  const startedAt = clock.now().getTime() / 1000;
  await ingestByName(page.test.ctx, 'hf');
  upstream.failNext({ kind: 'status', status: 404 });
  await ingestByName(page.test.ctx, 'arxiv');
  expect(await figures()).toMatchObject({
    'paperboy_source_last_ok_timestamp_seconds hf': startedAt,
    'paperboy_source_seen_total hf': 2,
    'paperboy_source_new_total hf': 1,
    'paperboy_source_updated_total hf': 0,
    'paperboy_source_merged_total hf': 0,
    'paperboy_source_skipped_total hf': 1,
    'paperboy_source_failing hf': 0,
    'paperboy_source_running hf': 0,
    'paperboy_source_failing arxiv': 1,
    'paperboy_source_failing_since_timestamp_seconds arxiv': startedAt,
  });

  clock.advance(60_000);
  await claimSource(page.test.ctx.db, 'hf', clock.now());
  await readAllSources(page.test.ctx);
  const later = await figures();
  expect(later).toMatchObject({
    'paperboy_source_running hf': 1,
    'paperboy_source_runs_total hf': 2,
    'paperboy_source_failing arxiv': 0,
    'paperboy_source_last_ok_timestamp_seconds arxiv': startedAt + 60,
  });
  expect(later).not.toHaveProperty('paperboy_source_failing_since_timestamp_seconds arxiv');
});

it('tells of queues, of mails by status, and of no reader', async () => {
  await open();
  await addReaders(page.test.ctx, [{ email: 'ada.example@example.org', keywords: ['tactile sensing'] }]);
  const minutesAgo = (minutes: number) => new Date(clock.now().getTime() - minutes * 60_000);
  await page.test.sql`update subscribers set status = 'active'`;
  for (const [status, at, finished] of [
    ['pending', minutesAgo(10), null],
    ['pending', minutesAgo(-5), null],
    ['sending', minutesAgo(500), null],
    ['sent', minutesAgo(59), minutesAgo(59)],
    ['sent', minutesAgo(61), minutesAgo(61)],
    ['failed', minutesAgo(3), minutesAgo(3)],
  ] as const) {
    await page.test
      .sql`insert into deliveries (kind, subscriber_id, status, next_attempt_at, created_at, finished_at)
      select 'confirm', id, ${status}, ${at}, ${at}, ${finished} from subscribers`;
  }
  await page.test.ctx.queues.addSends(Array.from({ length: 401 }, (_, at) => at + 1));
  expect(await figures()).toMatchObject({
    'paperboy_queue_jobs send waiting': 3,
    'paperboy_queue_jobs send active': 0,
    'paperboy_queue_jobs compose waiting': 0,
    'paperboy_deliveries pending': 2,
    'paperboy_deliveries sending': 1,
    'paperboy_deliveries_last_hour sent': 1,
    'paperboy_deliveries_last_hour failed': 1,
    'paperboy_deliveries_last_hour skipped': 0,
    paperboy_delivery_late_seconds: 600,
  });
  expect((await ask()).body).not.toMatch(/ada|example|tactile/);
});

it('tells what came back in the last day, by kind', async () => {
  await open();
  await addReaders(page.test.ctx, [{ email: 'ada@example.org' }]);
  for (const [kind, hours] of [
    ['hard', 23],
    ['soft', 1],
    ['soft', 2],
    ['complaint', 25],
  ] as const) {
    const at = new Date(clock.now().getTime() - hours * 3600_000);
    const [row] = await page.test.sql`
      insert into deliveries (kind, subscriber_id, status, next_attempt_at, created_at, finished_at)
      select 'confirm', id, 'sent', ${at}, ${at}, ${at} from subscribers returning id`;
    await page.test.sql`insert into bounces values (${row?.id}, ${kind}, null, 'word', ${at})`;
  }
  expect(await figures()).toMatchObject({
    'paperboy_bounces_last_day hard': 1,
    'paperboy_bounces_last_day soft': 2,
    'paperboy_bounces_last_day complaint': 0,
  });
});

it('tells of the mailbox for bounces, where there is one, whether it can be read', async () => {
  await open();
  expect(Object.keys(await figures()).filter((name) => name.includes('mailbox_'))).toEqual([]);
  await page.app.close();
  await page.test.close();
  const server = await startImapServer();
  await open({ env: { BOUNCE_IMAP_URL: server.url } });
  server.add('Subject: Lunch\r\n\r\nAt noon?');
  await readBounceMailbox(page.test.ctx);
  await server.close();
  expect(await figures()).toMatchObject({
    paperboy_bounce_mailbox_failing: 0,
    paperboy_bounce_mailbox_last_ok_timestamp_seconds: clock.now().getTime() / 1000,
    paperboy_bounce_mailbox_messages_total: 1,
    paperboy_bounce_mailbox_unreadable_total: 0,
  });
  await readBounceMailbox(page.test.ctx);
  expect(await figures()).toMatchObject({ paperboy_bounce_mailbox_failing: 1 });
});

it('counts mails without a look at those of years', async () => {
  await open();
  await addReaders(page.test.ctx, [{ email: 'ada@example.org' }]);
  await page.test
    .sql`insert into deliveries (kind, subscriber_id, status, next_attempt_at, created_at, finished_at)
    select 'confirm', s.id, 'sent', t, t, t
    from subscribers s, generate_series(1, 30000) n, lateral (select ${clock.now()}::timestamptz - n * interval '1 hour' as t) x`;
  await page.test.sql`vacuum analyze deliveries`;
  const scans = async () =>
    (
      await page.test.sql`select
      (select idx_scan::int from pg_stat_user_indexes where indexrelname = 'deliveries_finished_at_status_index') as by_index,
      (select seq_scan::int from pg_stat_user_tables where relname = 'deliveries') as of_all`
    )[0];
  const ofAll = (await scans())?.of_all;
  await vi.waitFor(
    async () => {
      expect(await figures()).toMatchObject({ 'paperboy_deliveries_last_hour sent': 0 });
      expect((await scans())?.by_index).toBeGreaterThan(0);
    },
    { timeout: 20_000, interval: 500 },
  );
  expect((await scans())?.of_all).toBe(ofAll);
});
