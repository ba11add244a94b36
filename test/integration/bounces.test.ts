/** What follows from mail that comes back: who gets no more, and who has left. */
import { describe, expect, it } from 'vitest';
import { deliver } from '../../src/deliveries/deliver.ts';
import { suppressRefused } from '../../src/deliveries/record-bounce.ts';
import { takeReturnedMail } from '../../src/returned-mail.ts';
import { makeComplaint, makeReport } from '../support/bounces.ts';
import { DAY_MS, START, useReturnedMail } from '../support/returned-mail.ts';

const returned = useReturnedMail();
const { addMail, bounceAddress, clock, readerStatus, suppressions, take } = returned;
const soft = { status: '5.2.2', diagnostic: 'smtp; 552 5.2.2 Mailbox full' };

describe('a hard bounce', () => {
  it('to the envelope sender of a mail that was sent suppresses its address at once', async () => {
    const id = await addMail();
    await deliver(returned.test.ctx, [id]);
    const [mail] = returned.test.sink.mails;
    expect(mail?.from.split('@')[0]?.length).toBeLessThanOrEqual(64);
    expect(await takeReturnedMail(returned.test.ctx, makeReport({ to: mail?.from }))).toMatchObject({
      result: 'suppressed',
      because: 'hard_bounce',
    });
    expect(await suppressions()).toEqual([{ reason: 'hard_bounce', detail: '5.1.1 userunknown' }]);
    const next = await addMail();
    expect(await deliver(returned.test.ctx, [next])).toMatchObject({ sent: 0, skipped: 1 });
  });

  it('finds its delivery by the Message-ID of the mail that is sent back', async () => {
    const id = await addMail('sent');
    const proof = returned.test.ctx.links.proof('message', id);
    const prose = `The message <delivery.${id}.${proof}@example.org> could not be delivered.`;
    expect(
      await takeReturnedMail(returned.test.ctx, makeReport({ to: 'postmaster@example.org', prose })),
    ).toMatchObject({
      result: 'suppressed',
      deliveryId: id,
    });
  });

  it('keeps nothing of what was written in it', async () => {
    const id = await addMail('sent');
    await take(id, { diagnostic: 'smtp; 550 5.1.1 User unknown: secret words about ada@example.net' });
    const kept = JSON.stringify([await suppressions(), ...(await returned.test.sql`select * from bounces`)]);
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
    await returned.test.sql`delete from deliveries`;
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
    expect(
      await takeReturnedMail(returned.test.ctx, makeComplaint('abuse', bounceAddress(id))),
    ).toMatchObject({
      result: 'suppressed',
      because: 'complaint',
    });
    expect(await readerStatus()).toBe('unsubscribed');
    expect(await suppressions()).toMatchObject([{ reason: 'complaint' }]);
    expect([...(await returned.test.sql`select action, via from consents order by id desc limit 1`)]).toEqual(
      [{ action: 'unsubscribed', via: 'bounce' }],
    );
  });

  it('stands above a bounce that was there before', async () => {
    const id = await addMail('sent');
    await take(id);
    await takeReturnedMail(returned.test.ctx, makeComplaint('abuse', bounceAddress(id)));
    expect(await suppressions()).toMatchObject([{ reason: 'complaint' }]);
  });

  it.each(['not-spam', 'auth-failure'])('is none when the report is about %s', async (type) => {
    const id = await addMail('sent');
    expect(await takeReturnedMail(returned.test.ctx, makeComplaint(type, bounceAddress(id)))).toMatchObject({
      result: 'ignored',
      because: 'needs_nothing',
    });
    expect(await readerStatus()).toBe('active');
    expect(await suppressions()).toEqual([]);
  });
});

describe('a refusal while the mail is handed over', () => {
  it('that says there is no such user suppresses the address; another refusal does not', async () => {
    returned.test.sink.refuse(/ada@/, 550, '5.7.1 We do not want this');
    expect(await deliver(returned.test.ctx, [await addMail()])).toMatchObject({ failed: 1 });
    expect(await suppressions()).toEqual([]);
    returned.test.sink.refuse(/ada@/, 550, '5.1.1 No such user here');
    expect(await deliver(returned.test.ctx, [await addMail()])).toMatchObject({ failed: 1 });
    expect(await suppressions()).toEqual([{ reason: 'hard_bounce', detail: '5.1.1 userunknown' }]);
  });

  it('suppresses an address that is gone, and no other', async () => {
    const id = await addMail('failed');
    const refused = (answer: string, code: number) =>
      suppressRefused(returned.test.ctx, id, { answer, code });
    expect(await refused('550 5.7.1 Blocked using a block list', 550)).toBe(false);
    expect(await refused('552 5.2.2 Mailbox full', 552)).toBe(false);
    expect(await refused('450 4.1.1 User unknown', 450)).toBe(false);
    expect(await suppressions()).toEqual([]);
    expect(await refused('550 5.1.1 User unknown', 550)).toBe(true);
    expect(await suppressions()).toEqual([{ reason: 'hard_bounce', detail: '5.1.1 userunknown' }]);
  });
});
