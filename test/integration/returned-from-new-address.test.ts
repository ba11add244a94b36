/** Mail that comes back while a reader moves counts against the address it was sent to, and never against the other one. */
import { describe, expect, it } from 'vitest';
import { composePage } from '../../src/digests/compose.ts';
import { takeReturnedMail } from '../../src/returned-mail.ts';
import { makeComplaint, makeReport } from '../support/bounces.ts';
import { DAY_MS, hashOf, MINUTE_MS, NEW, OLD, REFUSED, useMovingReader } from '../support/moving-reader.ts';

const moving = useMovingReader();
const { ask, askAndOpen, mover, post, reader, returnTo, send, suppressed } = moving;

describe('what comes back', () => {
  it('of the mail that asks suppresses the new address, ends the wish, and leaves the reader’s own alone', async () => {
    const link = await askAndOpen();
    const report = makeReport({ to: returnTo() });
    expect(await takeReturnedMail(moving.site.ctx, report)).toMatchObject({ result: 'suppressed' });
    expect(await suppressed()).toEqual([hashOf(NEW)]);
    expect(await reader()).toMatchObject({ email: OLD, status: 'active', new_email: null });
    expect((await post(link)).statusCode).toBe(404);
  });

  it('at once, when the server refuses the new address, does the same', async () => {
    moving.site.sink.refuse(REFUSED, 550, '5.1.1 User unknown');
    await ask();
    expect(await send()).toEqual([]);
    expect(await suppressed()).toEqual([hashOf(NEW)]);
    expect(await reader()).toMatchObject({ status: 'active', new_email: null });
  });

  it('as a complaint of whoever was asked does not end the reader’s digest', async () => {
    await askAndOpen();
    await takeReturnedMail(moving.site.ctx, makeComplaint('abuse', returnTo()));
    expect(await suppressed()).toEqual([hashOf(NEW)]);
    expect(await reader()).toMatchObject({ status: 'active', new_email: null });
  });

  it('of a wish that was replaced says nothing of the address that is asked now', async () => {
    await askAndOpen();
    const to = returnTo();
    moving.site.clock.advance(MINUTE_MS);
    await askAndOpen('ada@third.example.net');
    expect(await takeReturnedMail(moving.site.ctx, makeReport({ to }))).toMatchObject({
      because: 'former_address',
    });
    expect(await suppressed()).toEqual([]);
    expect(await reader()).toMatchObject({ new_email: 'ada@third.example.net' });
  });

  it('late, of mail to the old address, touches neither the new address nor the digest', async () => {
    await composePage(moving.site.ctx, moving.site.clock.now(), [mover.id]);
    await send();
    const to = returnTo();
    moving.site.clock.advance(MINUTE_MS);
    await post(await askAndOpen());
    for (const raw of [makeReport({ to }), makeComplaint('abuse', to)]) {
      expect(await takeReturnedMail(moving.site.ctx, raw)).toMatchObject({ because: 'former_address' });
    }
    expect(await suppressed()).toEqual([]);
    expect(await reader()).toMatchObject({ email: NEW, status: 'active' });
  });

  it('softly of the old address is no part of a row of failures of the new one', async () => {
    const soft = { status: '5.2.2', diagnostic: 'smtp; 552 5.2.2 Mailbox full' };
    const failOnce = async () => {
      const at = moving.site.clock.now();
      const [row] = await moving.site
        .sql`insert into deliveries (kind, subscriber_id, status, next_attempt_at, created_at,
        finished_at) values ('already_subscribed', ${mover.id}, 'sent', ${at}, ${at}, ${at}) returning id::int`;
      const to = `bounce+${row?.id}.${moving.site.ctx.links.proof('bounce', Number(row?.id))}@example.org`;
      moving.site.clock.advance(3 * DAY_MS);
      return takeReturnedMail(moving.site.ctx, makeReport({ to, ...soft }));
    };
    for (const inRow of [1, 2, 3, 4]) expect(await failOnce()).toMatchObject({ result: 'counted', inRow });
    await post(await askAndOpen());
    expect(await failOnce()).toMatchObject({ result: 'counted', inRow: 1 });
  });
});
