/** What comes in and is no bounce: a mail to leave, replies by programs, and what strangers forge or send too late. */
import { afterEach, describe, expect, it } from 'vitest';
import { deliver } from '../../src/deliveries/deliver.ts';
import { readReturnAddress } from '../../src/mail/return-address.ts';
import { takeReturnedMail } from '../../src/returned-mail.ts';
import { makeNotice, makeReport } from '../support/bounces.ts';
import { DAY_MS, START, useReturnedMail } from '../support/returned-mail.ts';

const returned = useReturnedMail();
const { addMail, bounceAddress, clock, readerStatus, suppressions, take } = returned;

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
    expect(await takeReturnedMail(returned.test.ctx, reply)).toMatchObject({
      result: 'ignored',
      because: 'needs_nothing',
    });
  });

  it('a report with a proof that is not ours, another number, another domain or another purpose', async () => {
    const id = await addMail('sent');
    const { links } = returned.test.ctx;
    const forged = [
      `bounce+${id}.0123456789abcdef@example.org`,
      `bounce+${id + 1}.${links.proof('bounce', id)}@example.org`,
      `bounce+${id}.${links.proof('bounce', id)}@other.example`,
      `bounce+${id}.${links.proof('unsubscribe', id)}@example.org`,
      `bounce+${id}.${links.proof('bounce', id).slice(1)}@example.org`,
      `bounce+0${id}.${links.proof('bounce', id)}@example.org`,
    ];
    for (const to of forged) {
      expect(await takeReturnedMail(returned.test.ctx, makeReport({ to }))).toEqual({ result: 'not_ours' });
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
    const { links } = returned.test.ctx;
    const address = bounceAddress(7).toUpperCase();
    expect(readReturnAddress(links, 'example.org', address)).toEqual({ purpose: 'bounce', deliveryId: 7 });
  });
});

describe('a mail to leave', () => {
  it('to the address in List-Unsubscribe unsubscribes, the second time too', async () => {
    const id = await addMail();
    await deliver(returned.test.ctx, [id]);
    const raw = returned.test.sink.mails[0]?.raw.toString().replace(/\r\n[ \t]+/g, ' ') ?? '';
    const address = /<mailto:([^?>]+)\?subject=unsubscribe>/.exec(raw)?.[1] ?? '';
    const mail = makeNotice(
      ['From: ada@example.net', `To: ${address}`, 'Subject: unsubscribe'],
      'unsubscribe',
    );
    expect(await takeReturnedMail(returned.test.ctx, mail)).toEqual({ result: 'unsubscribed' });
    expect(await takeReturnedMail(returned.test.ctx, mail)).toEqual({ result: 'unsubscribed' });
    expect(await readerStatus()).toBe('unsubscribed');
    expect([...(await returned.test.sql`select via from consents where action = 'unsubscribed'`)]).toEqual([
      { via: 'mail' },
    ]);
  });

  it('is not a report that sends back a mail of ours, whose header has that address', async () => {
    const id = await addMail('sent');
    const { links } = returned.test.ctx;
    const leaving = `unsubscribe+${returned.readerId}.${links.proof('unsubscribe', returned.readerId)}@example.org`;
    const prose = `Delivery is delayed.\n\nList-Unsubscribe: <mailto:${leaving}>`;
    const report = { to: 'postmaster@example.org', action: 'delayed', prose };
    expect(await takeReturnedMail(returned.test.ctx, makeReport(report))).toEqual({ result: 'not_ours' });
    const known = { ...report, prose: `${prose}\nReturn-Path: <${bounceAddress(id)}>` };
    expect(await takeReturnedMail(returned.test.ctx, makeReport(known))).toMatchObject({
      result: 'counted',
      inRow: 1,
    });
    expect(await readerStatus()).toBe('active');
  });

  it('with the proof of a bounce address leaves the reader alone', async () => {
    const to = `unsubscribe+${returned.readerId}.${returned.test.ctx.links.proof('bounce', returned.readerId)}@example.org`;
    const mail = makeNotice(['From: x@example.net', `To: ${to}`, 'Subject: unsubscribe'], '');
    expect(await takeReturnedMail(returned.test.ctx, mail)).toEqual({ result: 'not_ours' });
    expect(await readerStatus()).toBe('active');
  });
});
