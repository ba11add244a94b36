/** A real Postfix between us and the world: it takes our digests, fails to hand some of them on, and says so to our own mail server. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { deliver } from '../../src/deliveries/deliver.ts';
import { composePage } from '../../src/digests/compose.ts';
import type { ReturnListener } from '../../src/mail/return-listener.ts';
import { listenForReturnedMail } from '../../src/returned-mail.ts';
import { freePort } from '../support/free-port.ts';
import { type MailSink, startMailSink } from '../support/mail-sink.ts';
import { fewPapers, storePapers } from '../support/papers.ts';
import { createTestSite, type TestSite } from '../support/site.ts';
import { postfix as findPostfix } from './judges.ts';
import { type PrivatePostfix, startPrivatePostfix } from './private-postfix.ts';

const { present, told } = findPostfix();

describe.skipIf(!present)(`a Postfix that takes every mail${told}`, () => {
  let world: MailSink;
  let postfix: PrivatePostfix;
  let test: TestSite;
  let listener: ReturnListener | null;

  beforeAll(async () => {
    world = await startMailSink();
    world.refuse(/^gone@/, 550, '5.1.1 <gone@example.net>: Recipient address rejected: User unknown');
    world.refuse(/^full@/, 452, '4.2.2 Mailbox full');
    const bouncePort = await freePort();
    postfix = await startPrivatePostfix({
      routes: { 'example.net': Number(new URL(world.url).port), 'bounces.example.org': bouncePort },
      giveUpAfterSeconds: 2,
    });
    test = await createTestSite({
      env: { SMTP_URL: postfix.url, BOUNCE_DOMAIN: 'bounces.example.org', BOUNCE_PORT: String(bouncePort) },
    });
    listener = await listenForReturnedMail(test.ctx);
    await storePapers(test.ctx, fewPapers, test.clock.now());
    const readers = [];
    for (const name of ['here', 'gone', 'full']) {
      readers.push(await test.addReader(`${name}@example.net`, { topics: ['cs-ro'] }));
    }
    const { deliveryIds } = await composePage(test.ctx, test.clock.now(), readers);
    expect(await deliver(test.ctx, deliveryIds)).toMatchObject({ sent: 3, failed: 0 });
  });

  afterAll(async () => {
    await postfix?.close();
    await listener?.close();
    await test?.close();
    await world?.close();
  });

  /** What is known of a reader, once a report on them was recorded. */
  async function bounceOf(name: string) {
    return vi.waitFor(
      async () => {
        const rows = await test.sql`
          select b.kind, b.status, b.reason, s.status as reader, deliveries.status as delivery from bounces b
          join deliveries on deliveries.id = b.delivery_id join subscribers s on s.id = deliveries.subscriber_id
          where s.email = ${`${name}@example.net`}`;
        if (rows.length === 0) throw new Error(`no report on ${name} yet:\n${await postfix.log()}`);
        return [...rows];
      },
      { timeout: 40_000, interval: 100 },
    );
  }

  const suppressed = async () => [...(await test.sql`select reason, detail from suppressions`)];

  it('hands on the digest of a reader who is there, unchanged but for its own trace', async () => {
    await vi.waitFor(() => expect(world.mails.map(({ to }) => to)).toEqual(['here@example.net']), 20_000);
    const [mail] = world.mails;
    expect(mail?.from).toMatch(/^bounce\+\d+\.[0-9a-f]{16}@bounces\.example\.org$/);
    expect(mail?.raw.toString('latin1')).toMatch(/^Received: from /);
    expect((await world.parsed())[0]?.text).toContain('Walking gaits for legged robots on sand');
  });

  it('reports that an address is unknown: a hard bounce, and its reader gets no more mail', async () => {
    expect(await bounceOf('gone')).toEqual([
      { kind: 'hard', status: '5.1.1', reason: 'userunknown', reader: 'active', delivery: 'sent' },
    ]);
    expect(await suppressed()).toEqual([{ reason: 'hard_bounce', detail: '5.1.1 userunknown' }]);
  });

  it('gives up on a full mailbox: a soft bounce, and its reader stays', async () => {
    expect(await bounceOf('full')).toEqual([
      { kind: 'soft', status: '4.2.2', reason: 'mailboxfull', reader: 'active', delivery: 'sent' },
    ]);
    expect(await suppressed()).toHaveLength(1);
  });

  it('carries the next digest to those who stay, and none to the one whose address is gone', async () => {
    world.refuse(/^full@/, null);
    world.mails.length = 0;
    const due =
      await test.sql`insert into deliveries (kind, subscriber_id, status, next_attempt_at, created_at)
      select 'already_subscribed', id, 'pending', ${test.clock.now()}, ${test.clock.now()} from subscribers returning id::int`;
    const counts = await deliver(
      test.ctx,
      due.map(({ id }) => Number(id)),
    );
    expect(counts).toMatchObject({ sent: 2, skipped: 1 });
    await vi.waitFor(
      () => expect(world.mails.map(({ to }) => to).sort()).toEqual(['full@example.net', 'here@example.net']),
      { timeout: 20_000 },
    );
  });
});
