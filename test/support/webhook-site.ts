/** The site with the webhooks of all four providers, a reader with a mail for them to tell of, and the net as far as Amazon is asked. */
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { testCertificate } from './certificate.ts';
import { type Call, CERTIFICATE_URL, PROVIDER_ENV } from './provider-calls.ts';
import { createTestSite, type TestSite } from './site.ts';

/** What is stored after a call, as `stored()` tells it. */
export const NOTHING = { bounces: [], suppressions: [], reader: 'active' };
export const hard = (status: string | null = '5.1.1') => ({
  bounces: [{ kind: 'hard', status, reason: 'userunknown' }],
  suppressions: [{ reason: 'hard_bounce', detail: [status, 'userunknown'].filter(Boolean).join(' ') }],
  reader: 'active',
});
export const complaint = {
  bounces: [{ kind: 'complaint', status: null, reason: 'abuse' }],
  suppressions: [{ reason: 'complaint', detail: 'abuse' }],
  reader: 'unsubscribed',
};
export const soft = (status: string | null, reason: string) => ({
  ...NOTHING,
  bounces: [{ kind: 'soft', status, reason }],
});

/** One site for all tests of a file; each begins at the same time, with a new reader and a new mail. */
export function useWebhookSite() {
  let site: TestSite;
  let readerId: number;
  /** What was asked of the net, and whether Amazon is away. */
  const net = { asked: [] as string[], away: false };
  /** The mail that providers tell of. */
  const sent = { deliveryId: 0, messageId: '', sender: '' };

  const fetchStub: typeof fetch = async (input) => {
    const url = String(input);
    net.asked.push(url);
    if (net.away) throw new TypeError('fetch failed');
    if (url === CERTIFICATE_URL) return new Response(testCertificate.cert);
    if (url.includes('Action=ConfirmSubscription')) return new Response('<ok/>');
    return new Response('nothing here', { status: 404 });
  };

  beforeAll(async () => {
    site = await createTestSite({ env: PROVIDER_ENV, fetch: fetchStub });
  });
  afterAll(() => site.close());

  beforeEach(async () => {
    site.clock.set('2026-11-24T09:30:00Z');
    net.asked = [];
    net.away = false;
    await site.sql`truncate subscribers, suppressions cascade`;
    readerId = await site.addReader('ada@example.net');
    const id = await addDelivery();
    sent.deliveryId = id;
    sent.messageId = `delivery.${id}.${site.ctx.links.proof('message', id)}@example.org`;
    sent.sender = `bounce+${id}.${site.ctx.links.proof('bounce', id)}@example.org`;
  });

  async function addDelivery(status = 'sent'): Promise<number> {
    const now = site.clock.now();
    const [row] = await site.sql`
      insert into deliveries (kind, subscriber_id, status, next_attempt_at, created_at, finished_at)
      values ('already_subscribed', ${readerId}, ${status}, ${now}, ${now}, ${status === 'sent' ? now : null})
      returning id::int`;
    return row?.id as number;
  }

  /** A network address of its own for each call, so that refused ones don't add up, unless one is given. */
  let visitors = 0;
  const post = (
    { url, headers, payload }: Call,
    remoteAddress = `10.0.${visitors >> 8}.${visitors++ & 255}`,
  ) => site.app.inject({ method: 'POST', url, headers, payload, remoteAddress });

  async function changesNothing(call: Call, status: number): Promise<void> {
    const before = await site.dump();
    const answer = await post(call);
    expect([answer.statusCode, answer.json()]).toEqual([
      status,
      { error: expect.objectContaining({ code: expect.any(String) }) },
    ]);
    expect(await site.dump()).toEqual(before);
  }

  return {
    get site() {
      return site;
    },
    net,
    sent,
    addDelivery,
    post,
    changesNothing,
    now: () => site.clock.now(),
    stored: async () => ({
      bounces: [...(await site.sql`select kind, status, reason from bounces order by kind`)],
      suppressions: [...(await site.sql`select reason, detail from suppressions`)],
      reader: (await site.sql`select status from subscribers`)[0]?.status,
    }),
    mailgunEvent: (changes: Record<string, unknown> = {}) => ({
      event: 'failed',
      severity: 'permanent',
      reason: 'bounce',
      'delivery-status': {
        code: 550,
        message: '5.1.1 The account does not exist',
        'enhanced-code': '5.1.1',
        'bounce-type': 'hard',
      },
      message: { headers: { 'message-id': sent.messageId, to: 'ada@example.net' } },
      ...changes,
    }),
    sendgridEvent: (changes: Record<string, unknown> = {}) => ({
      event: 'bounce',
      type: 'bounce',
      reason: '550 5.1.1 No such user',
      status: '5.1.1',
      email: 'ada@example.net',
      'smtp-id': `<${sent.messageId}>`,
      ...changes,
    }),
    postmarkEvent: (changes: Record<string, unknown> = {}) => ({
      RecordType: 'Bounce',
      Type: 'HardBounce',
      Details: 'smtp;550 5.1.1 No such user here',
      Email: 'ada@example.net',
      Metadata: { delivery: sent.messageId },
      ...changes,
    }),
  };
}
