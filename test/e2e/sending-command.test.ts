/** `paperboy sending` as an operator runs it: what it prints, and what it changes. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findPause } from '../../src/deliveries/guard.ts';
import { runCommandOn } from '../support/command.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { addReaders } from '../support/readers.ts';

let test: TestContext;

beforeAll(async () => {
  test = await createTestContext();
  await addReaders(test.ctx, [{ email: 'ada@example.net', topics: ['cs-cl'], hour: 8 }]);
});

afterAll(() => test.close());

const paperboy = (...args: string[]) => runCommandOn(test, ...args);

it('tells how sending goes, pauses it, says so to the command digest, and resumes it', async () => {
  expect(await paperboy('sending')).toEqual({
    code: 0,
    output:
      'Sending is on.\n' +
      'Of the last 0 digests of 24 hours: 0 hard bounces (0 %, limit 5 %), 0 complaints (0 %, limit 0.3 %).\n' +
      '0 mails waiting, 0 being sent.\n',
  });

  expect((await paperboy('sending', 'pause', '--reason', 'moving servers')).code).toBe(0);
  expect(await findPause(test.ctx)).toMatchObject({ reason: 'operator', detail: 'moving servers' });
  const since = /Sending is paused since \S+Z by the operator: moving servers\.\n/;
  expect((await paperboy('sending')).output).toMatch(since);
  expect((await paperboy('sending', 'pause', '--reason', 'again')).output).toMatch(since);

  await test.sql`
    with made as (insert into digests (subscriber_id, edition, composed_at) select id, 'x', now() from subscribers returning id, subscriber_id)
    insert into deliveries (kind, subscriber_id, digest_id, next_attempt_at, created_at)
    select 'digest', subscriber_id, id, now(), now() from made`;
  const digest = await paperboy('digest');
  expect(digest.code).toBe(0);
  expect(digest.output).toMatch(
    /1 mail held back: paused since .*moving servers\. To let them go: paperboy sending resume\./,
  );
  expect(test.sink.mails).toEqual([]);

  expect((await paperboy('sending', 'resume')).output).toMatch(/^Resumed\. .*: 1 now\.\n$/);
  expect((await paperboy('sending', 'resume')).output).toBe('Sending was not paused.\n');
});

it('sends again what was held as unknown, of the time that is asked for', async () => {
  await test.sql`
    insert into deliveries (kind, subscriber_id, status, outcome, next_attempt_at, created_at, finished_at)
    select 'already_subscribed', id, 'failed', outcome, now(), now(), now() - hours * interval '1 hour' from subscribers,
      (values ('unknown: Timeout', 1), ('unknown: Timeout', 30), ('550 unknown: user', 1)) as v (outcome, hours)`;
  expect((await paperboy('sending', 'retry-unknown', '--since', '12h')).output).toMatch(
    /^1 mail to send again\./,
  );
  expect((await paperboy('sending', 'retry-unknown')).output).toMatch(/^1 mail to send again\./);
  expect(await paperboy('sending', 'retry-unknown', '--since', 'monday')).toEqual({
    code: 1,
    output: '--since must be a time such as 2d; monday is none.\n',
  });
});
