/** What follows from mail that comes back: who gets no more, who has left, and what strangers can't bring about. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deliver } from '../../src/deliveries/deliver.ts';
import { suppressRefused } from '../../src/deliveries/record-bounce.ts';
import { readReturnAddress } from '../../src/mail/return-address.ts';
import { takeReturnedMail } from '../../src/returned-mail.ts';
import { makeComplaint, makeNotice, makeReport } from '../support/bounces.ts';
import { createClock } from '../support/clock.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { addReaders } from '../support/readers.ts';

const START = '2026-11-01T08:00:00Z';
const DAY_MS = 24 * 3600_000;
const clock = createClock(START);
let test: TestContext;
let readerId: number;

beforeEach(async () => {
  clock.set(START);
  test = await createTestContext({ now: clock.now });
  await addReaders(test.ctx, [{ email: 'ada@example.net', topics: ['cs-cl'], hour: 8 }]);
  const [row] = await test.sql`select id::int from subscribers`;
  readerId = row?.id as number;
});

afterEach(() => test.close());

/** A mail that waits to be sent. */
async function addMail(
  status: 'pending' | 'sent' | 'failed' = 'pending',
  at: Date = clock.now(),
): Promise<number> {
  const [row] = await test.sql`
    insert into deliveries (kind, subscriber_id, status, next_attempt_at, created_at, finished_at)
    values ('already_subscribed', ${readerId}, ${status}, ${at}, ${at}, ${status === 'pending' ? null : at})
    returning id::int`;
  return row?.id as number;
}

const bounceAddress = (id: number) => `bounce+${id}.${test.ctx.links.proof('bounce', id)}@example.org`;
const soft = { status: '5.2.2', diagnostic: 'smtp; 552 5.2.2 Mailbox full' };
const take = (id: number, options: Parameters<typeof makeReport>[0] = {}) =>
  takeReturnedMail(test.ctx, makeReport({ to: bounceAddress(id), ...options }));
const suppressions = () => test.sql`select reason, detail from suppressions`.then((rows) => [...rows]);
const readerStatus = () => test.sql`select status from subscribers`.then(([row]) => row?.status as string);

describe('a hard bounce', () => {
  it('to the envelope sender of a mail that was sent suppresses its address at once', async () => {
    const id = await addMail();
    await deliver(test.ctx, [id]);
    const [mail] = test.sink.mails;
    expect(mail?.from.split('@')[0]?.length).toBeLessThanOrEqual(64);
    expect(await takeReturnedMail(test.ctx, makeReport({ to: mail?.from }))).toMatchObject({
      result: 'suppressed',
      because: 'hard_bounce',
    });
    expect(await suppressions()).toEqual([{ reason: 'hard_bounce', detail: '5.1.1 userunknown' }]);
    const next = await addMail();
    expect(await deliver(test.ctx, [next])).toMatchObject({ sent: 0, skipped: 1 });
  });

  it('finds its delivery by the Message-ID of the mail that is sent back', async () => {
    const id = await addMail('sent');
    const proof = test.ctx.links.proof('message', id);
    const prose = `The message <delivery.${id}.${proof}@example.org> could not be delivered.`;
    expect(
      await takeReturnedMail(test.ctx, makeReport({ to: 'postmaster@example.org', prose })),
    ).toMatchObject({
      result: 'suppressed',
      deliveryId: id,
    });
  });

  it('keeps nothing of what was written in it', async () => {
    const id = await addMail('sent');
    await take(id, { diagnostic: 'smtp; 550 5.1.1 User unknown: secret words about ada@example.net' });
    const kept = JSON.stringify([await suppressions(), ...(await test.sql`select * from bounces`)]);
    expect(kept).not.toMatch(/secret|ada@/);
  });
});

describe('soft bounces', () => {
  /** One mail on each of these days; `s` comes back, `-` arrives. Ends with the outcome of the last that comes back. */
  async function run(days: readonly number[], marks: string) {
    let last: unknown = null;
    for (const [at, day] of days.entries()) {
      clock.set(new Date(new Date(START).getTime() + day * DAY_MS).toISOString());
      const id = await addMail('sent');
      if (marks[at] === 's') last = await take(id, soft);
    }
    return last;
  }

  it('suppress after five in a row over ten days', async () => {
    expect(await run([0, 2, 5, 8, 10], 'sssss')).toMatchObject({
      result: 'suppressed',
      because: 'soft_bounce',
    });
    expect(await suppressions()).toEqual([{ reason: 'soft_bounce', detail: '5.2.2 mailboxfull' }]);
  });

  it('do nothing yet when they are four, or five in nine days', async () => {
    expect(await run([0, 4, 8, 12], 'ssss')).toMatchObject({ result: 'counted', inRow: 4 });
    expect(await suppressions()).toEqual([]);
    await test.sql`delete from deliveries`;
    expect(await run([20, 22, 24, 26, 29], 'sssss')).toMatchObject({ result: 'counted', inRow: 5 });
    expect(await suppressions()).toEqual([]);
  });

  it('start anew after a mail that arrived', async () => {
    expect(await run([0, 3, 6, 9, 12, 15], 'sss-ss')).toMatchObject({ result: 'counted', inRow: 2 });
    expect(await suppressions()).toEqual([]);
  });

  it('count once for a mail, however often it is reported, and a hard one still counts after it', async () => {
    const id = await addMail('sent');
    expect(await take(id, soft)).toMatchObject({ result: 'counted', inRow: 1 });
    expect(await take(id, { action: 'delayed' })).toMatchObject({
      result: 'ignored',
      because: 'already_recorded',
    });
    expect(await take(id)).toMatchObject({ result: 'suppressed', because: 'hard_bounce' });
  });
});

describe('a complaint', () => {
  it('unsubscribes, suppresses, and is written down', async () => {
    const id = await addMail('sent');
    expect(await takeReturnedMail(test.ctx, makeComplaint('abuse', bounceAddress(id)))).toMatchObject({
      result: 'suppressed',
      because: 'complaint',
    });
    expect(await readerStatus()).toBe('unsubscribed');
    expect(await suppressions()).toMatchObject([{ reason: 'complaint' }]);
    expect([...(await test.sql`select action, via from consents order by id desc limit 1`)]).toEqual([
      { action: 'unsubscribed', via: 'bounce' },
    ]);
  });

  it('stands above a bounce that was there before', async () => {
    const id = await addMail('sent');
    await take(id);
    await takeReturnedMail(test.ctx, makeComplaint('abuse', bounceAddress(id)));
    expect(await suppressions()).toMatchObject([{ reason: 'complaint' }]);
  });

  it.each(['not-spam', 'auth-failure'])('is none when the report is about %s', async (type) => {
    const id = await addMail('sent');
    expect(await takeReturnedMail(test.ctx, makeComplaint(type, bounceAddress(id)))).toMatchObject({
      result: 'ignored',
      because: 'needs_nothing',
    });
    expect(await readerStatus()).toBe('active');
    expect(await suppressions()).toEqual([]);
  });
});

describe('nothing is changed by', () => {
  afterEach(async () => {
    expect(await suppressions()).toEqual([]);
    expect(await readerStatus()).toBe('active');
  });

  it('an automatic reply', async () => {
    const id = await addMail('sent');
    const reply = makeNotice(
      [
        'From: ada@example.net',
        `To: ${bounceAddress(id)}`,
        'Subject: Out of office',
        'Auto-Submitted: auto-replied',
      ],
      'Back on Monday.',
    );
    expect(await takeReturnedMail(test.ctx, reply)).toMatchObject({
      result: 'ignored',
      because: 'needs_nothing',
    });
  });

  it('a report with a proof that is not ours, another number, another domain or another purpose', async () => {
    const id = await addMail('sent');
    const { links } = test.ctx;
    const forged = [
      `bounce+${id}.0123456789abcdef@example.org`,
      `bounce+${id + 1}.${links.proof('bounce', id)}@example.org`,
      `bounce+${id}.${links.proof('bounce', id)}@other.example`,
      `bounce+${id}.${links.proof('unsubscribe', id)}@example.org`,
      `bounce+${id}.${links.proof('bounce', id).slice(1)}@example.org`,
      `bounce+0${id}.${links.proof('bounce', id)}@example.org`,
    ];
    for (const to of forged) {
      expect(await takeReturnedMail(test.ctx, makeReport({ to }))).toEqual({ result: 'not_ours' });
      expect(readReturnAddress(links, 'example.org', to)).toBeNull();
    }
    expect(readReturnAddress(links, 'example.org', `x${bounceAddress(id)}`)).toBeNull();
    expect(readReturnAddress(links, 'example.org', `${bounceAddress(id)}.example`)).toBeNull();
  });

  it('a report on a mail that was never sent, or was refused', async () => {
    expect(await take(await addMail('pending'))).toMatchObject({ because: 'never_sent' });
    expect(await take(await addMail('failed'))).toMatchObject({ because: 'never_sent' });
    expect(await take(999_999)).toMatchObject({ because: 'unknown_delivery' });
  });

  it('a report that comes more than 30 days after the mail', async () => {
    const id = await addMail('sent');
    clock.set(new Date(new Date(START).getTime() + 31 * DAY_MS).toISOString());
    expect(await take(id)).toMatchObject({ result: 'ignored', because: 'too_old' });
  });
});

describe('an address in any case', () => {
  it('opens the same delivery', () => {
    const { links } = test.ctx;
    const address = bounceAddress(7).toUpperCase();
    expect(readReturnAddress(links, 'example.org', address)).toEqual({ purpose: 'bounce', deliveryId: 7 });
  });
});

describe('a mail to leave', () => {
  it('to the address in List-Unsubscribe unsubscribes, the second time too', async () => {
    const id = await addMail();
    await deliver(test.ctx, [id]);
    const raw = test.sink.mails[0]?.raw.toString().replace(/\r\n[ \t]+/g, ' ') ?? '';
    const address = /<mailto:([^?>]+)\?subject=unsubscribe>/.exec(raw)?.[1] ?? '';
    const mail = makeNotice(
      ['From: ada@example.net', `To: ${address}`, 'Subject: unsubscribe'],
      'unsubscribe',
    );
    expect(await takeReturnedMail(test.ctx, mail)).toEqual({ result: 'unsubscribed' });
    expect(await takeReturnedMail(test.ctx, mail)).toEqual({ result: 'unsubscribed' });
    expect(await readerStatus()).toBe('unsubscribed');
    expect([...(await test.sql`select via from consents where action = 'unsubscribed'`)]).toEqual([
      { via: 'mail' },
    ]);
  });

  it('is not a report that sends back a mail of ours, whose header has that address', async () => {
    const id = await addMail('sent');
    const { links } = test.ctx;
    const leaving = `unsubscribe+${readerId}.${links.proof('unsubscribe', readerId)}@example.org`;
    const prose = `Delivery is delayed.\n\nList-Unsubscribe: <mailto:${leaving}>`;
    const report = { to: 'postmaster@example.org', action: 'delayed', prose };
    expect(await takeReturnedMail(test.ctx, makeReport(report))).toEqual({ result: 'not_ours' });
    const known = { ...report, prose: `${prose}\nReturn-Path: <${bounceAddress(id)}>` };
    expect(await takeReturnedMail(test.ctx, makeReport(known))).toMatchObject({
      result: 'counted',
      inRow: 1,
    });
    expect(await readerStatus()).toBe('active');
  });

  it('with the proof of a bounce address leaves the reader alone', async () => {
    const to = `unsubscribe+${readerId}.${test.ctx.links.proof('bounce', readerId)}@example.org`;
    const mail = makeNotice(['From: x@example.net', `To: ${to}`, 'Subject: unsubscribe'], '');
    expect(await takeReturnedMail(test.ctx, mail)).toEqual({ result: 'not_ours' });
    expect(await readerStatus()).toBe('active');
  });
});

describe('a refusal while the mail is handed over', () => {
  it('that says there is no such user suppresses the address; another refusal does not', async () => {
    test.sink.refuse(/ada@/, 550, '5.7.1 We do not want this');
    expect(await deliver(test.ctx, [await addMail()])).toMatchObject({ failed: 1 });
    expect(await suppressions()).toEqual([]);
    test.sink.refuse(/ada@/, 550, '5.1.1 No such user here');
    expect(await deliver(test.ctx, [await addMail()])).toMatchObject({ failed: 1 });
    expect(await suppressions()).toEqual([{ reason: 'hard_bounce', detail: '5.1.1 userunknown' }]);
  });

  it('suppresses an address that is gone, and no other', async () => {
    const id = await addMail('failed');
    const refused = (answer: string, code: number) => suppressRefused(test.ctx, id, { answer, code });
    expect(await refused('550 5.7.1 Blocked using a block list', 550)).toBe(false);
    expect(await refused('552 5.2.2 Mailbox full', 552)).toBe(false);
    expect(await refused('450 4.1.1 User unknown', 450)).toBe(false);
    expect(await suppressions()).toEqual([]);
    expect(await refused('550 5.1.1 User unknown', 550)).toBe(true);
    expect(await suppressions()).toEqual([{ reason: 'hard_bounce', detail: '5.1.1 userunknown' }]);
  });
});
