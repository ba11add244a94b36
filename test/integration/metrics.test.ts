/** What Prometheus may read: for the right eyes only, in time also where the database is not, and described. */
import { expect, it, vi } from 'vitest';
import { useMetricsPage } from '../support/metrics-page.ts';

const TOKEN = 'a-token-for-tests-only';
const page = useMetricsPage();
const { open, ask, figures } = page;

it('opens to nobody but this machine without a token', async () => {
  await open();
  const answer = await ask();
  expect(answer.statusCode).toBe(200);
  expect(answer.headers).toMatchObject({
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'cache-control': 'no-store',
  });
  expect((await ask({}, '192.0.2.7')).statusCode).toBe(403);
  expect((await ask({ 'x-forwarded-for': '127.0.0.1' })).statusCode).toBe(403);
  expect((await ask({ authorization: `Bearer ${TOKEN}` }, '192.0.2.7')).statusCode).toBe(403);
});

it('opens from anywhere to the token, and to nothing else', async () => {
  await open({ env: { ADMIN_TOKEN: TOKEN } });
  expect((await ask({ authorization: `Bearer ${TOKEN}` }, '192.0.2.7')).statusCode).toBe(200);
  for (const authorization of [
    undefined,
    '',
    TOKEN,
    `Basic ${TOKEN}`,
    'Bearer ',
    `Bearer ${TOKEN}x`,
    'Bearer é',
  ]) {
    const answer = await ask(authorization === undefined ? {} : { authorization });
    expect([authorization, answer.statusCode]).toEqual([authorization, 401]);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    expect(answer.body).not.toContain('paperboy_');
    expect(answer.body).not.toContain(TOKEN);
  }
});

it('answers in time and says which part is missing while the database is busy, and does not pile up', async () => {
  await open();
  let letGo = () => {};
  const held = page.test.sql.begin(async (tx) => {
    await tx`lock table source_states in access exclusive mode`;
    await new Promise<void>((resolve) => {
      letGo = resolve;
    });
  });
  const waiting = async () =>
    (
      await page.test.sql`select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`
    )[0]?.count;
  await vi.waitFor(async () =>
    expect(
      await page.test.sql`select 1 from pg_locks where relation = 'source_states'::regclass
      and database = (select oid from pg_database where datname = current_database())
      and mode = 'AccessExclusiveLock' and granted`,
    ).not.toEqual([]),
  );
  try {
    const startedAt = performance.now();
    const answers = await Promise.all([figures(), figures()]);
    const third = await figures();
    expect(performance.now() - startedAt).toBeLessThan(8000);
    for (const answer of [...answers, third]) {
      expect(answer).toMatchObject({
        'paperboy_metrics_part_up sources': 0,
        'paperboy_metrics_part_up queues': 1,
        'paperboy_metrics_part_up deliveries': 1,
        'paperboy_deliveries pending': 0,
        process_resident_memory_bytes: expect.any(Number),
      });
      expect(Object.keys(answer).filter((name) => name.startsWith('paperboy_source'))).toEqual([]);
    }
    expect(await waiting()).toBe(1);
    // Readiness is about answering, and the database does.
    const ready = await page.app.inject('/readyz');
    expect([ready.statusCode, ready.json()]).toEqual([200, { status: 'ready', database: 'ok', queue: 'ok' }]);
  } finally {
    letGo();
    await held;
  }
  await vi.waitFor(async () =>
    expect(await figures()).toMatchObject({ 'paperboy_metrics_part_up sources': 1 }),
  );
});

it('stands in the description of the interface', async () => {
  await open();
  expect((await page.app.inject('/api/openapi.json')).json().paths['/metrics'].get.summary).toContain(
    'Prometheus',
  );
});
