/** What mail providers tell is recorded once and only if it is theirs; forged, altered, late and repeated calls change nothing. */
import { generateKeyPairSync } from 'node:crypto';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { deliver } from '../../src/deliveries/deliver.ts';
import { createLogger } from '../../src/logger.ts';
import { testCertificate } from '../support/certificate.ts';
import '../support/properties.ts';
import {
  type Call,
  CERTIFICATE_URL,
  mailgunCall,
  PROVIDER_ENV,
  postmarkCall,
  sendgridCall,
  sesBounce,
  sesComplaint,
  snsCall,
  TOPIC,
} from '../support/provider-calls.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

const START = '2026-11-24T09:30:00Z';
let site: TestSite;
/** What was asked of the net, and whether Amazon is away. */
let asked: string[] = [];
let away = false;
let readerId: number;
let deliveryId: number;
let messageId: string;
let sender: string;

const fetchStub: typeof fetch = async (input) => {
  const url = String(input);
  asked.push(url);
  if (away) throw new TypeError('fetch failed');
  if (url === CERTIFICATE_URL) return new Response(testCertificate.cert);
  if (url.includes('Action=ConfirmSubscription')) return new Response('<ok/>');
  return new Response('nothing here', { status: 404 });
};

beforeAll(async () => {
  site = await createTestSite({ env: PROVIDER_ENV, fetch: fetchStub });
});
afterAll(() => site.close());

beforeEach(async () => {
  site.clock.set(START);
  asked = [];
  away = false;
  await site.sql`truncate subscribers, suppressions cascade`;
  readerId = await site.addReader('ada@example.net');
  deliveryId = await addDelivery();
  messageId = `delivery.${deliveryId}.${site.ctx.links.proof('message', deliveryId)}@example.org`;
  sender = `bounce+${deliveryId}.${site.ctx.links.proof('bounce', deliveryId)}@example.org`;
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
const post = ({ url, headers, payload }: Call, remoteAddress = `10.0.${visitors >> 8}.${visitors++ & 255}`) =>
  site.app.inject({ method: 'POST', url, headers, payload, remoteAddress });

const now = () => site.clock.now();
const stored = async () => ({
  bounces: [...(await site.sql`select kind, status, reason from bounces order by kind`)],
  suppressions: [...(await site.sql`select reason, detail from suppressions`)],
  reader: (await site.sql`select status from subscribers`)[0]?.status,
});
const NOTHING = { bounces: [], suppressions: [], reader: 'active' };
const hard = (status: string | null = '5.1.1') => ({
  bounces: [{ kind: 'hard', status, reason: 'userunknown' }],
  suppressions: [{ reason: 'hard_bounce', detail: [status, 'userunknown'].filter(Boolean).join(' ') }],
  reader: 'active',
});
const complaint = {
  bounces: [{ kind: 'complaint', status: null, reason: 'abuse' }],
  suppressions: [{ reason: 'complaint', detail: 'abuse' }],
  reader: 'unsubscribed',
};
const soft = (status: string | null, reason: string) => ({
  ...NOTHING,
  bounces: [{ kind: 'soft', status, reason }],
});

async function changesNothing(call: Call, status: number): Promise<void> {
  const before = await site.dump();
  const answer = await post(call);
  expect([answer.statusCode, answer.json()]).toEqual([
    status,
    { error: expect.objectContaining({ code: expect.any(String) }) },
  ]);
  expect(await site.dump()).toEqual(before);
}

const mailgunEvent = (changes: Record<string, unknown> = {}) => ({
  event: 'failed',
  severity: 'permanent',
  reason: 'bounce',
  'delivery-status': {
    code: 550,
    message: '5.1.1 The account does not exist',
    'enhanced-code': '5.1.1',
    'bounce-type': 'hard',
  },
  message: { headers: { 'message-id': messageId, to: 'ada@example.net' } },
  ...changes,
});
const sendgridEvent = (changes: Record<string, unknown> = {}) => ({
  event: 'bounce',
  type: 'bounce',
  reason: '550 5.1.1 No such user',
  status: '5.1.1',
  email: 'ada@example.net',
  'smtp-id': `<${messageId}>`,
  ...changes,
});
const postmarkEvent = (changes: Record<string, unknown> = {}) => ({
  RecordType: 'Bounce',
  Type: 'HardBounce',
  Details: 'smtp;550 5.1.1 No such user here',
  Email: 'ada@example.net',
  Metadata: { delivery: messageId },
  ...changes,
});

describe('what is switched off', () => {
  it('has no address, and is not described', async () => {
    const bare = await createTestSite();
    try {
      for (const name of ['ses', 'postmark', 'mailgun', 'sendgrid']) {
        const answer = await bare.app.inject({ method: 'POST', url: `/webhooks/${name}`, payload: {} });
        expect(answer.statusCode).toBe(404);
      }
      const { paths } = (await bare.app.inject('/api/openapi.json')).json();
      expect(Object.keys(paths).filter((path) => path.startsWith('/webhooks'))).toEqual([]);
    } finally {
      await bare.close();
    }
    const { paths } = (await site.app.inject('/api/openapi.json')).json();
    expect(Object.keys(paths).filter((path) => path.startsWith('/webhooks'))).toHaveLength(4);
    expect(paths['/webhooks/ses'].post.description).toContain('SES_TOPIC_ARN');
  });
});

describe('a bounce that every provider tells', () => {
  it('by SES suppresses the address, found by the envelope sender or by the header', async () => {
    const answer = await post(snsCall(sesBounce({ source: sender })));
    expect([answer.statusCode, answer.json()]).toEqual([200, { recorded: 1, ignored: 0 }]);
    expect(await stored()).toEqual(hard());
  });

  it.each(['1', '2'])('by SES counts with signature version %s', async (SignatureVersion) => {
    const mail = { source: 'other@example.org', commonHeaders: { messageId: `<${messageId}>` } };
    await post(snsCall(sesBounce(mail), { SignatureVersion, Subject: 'Amazon SES' }));
    expect(await stored()).toEqual(hard());
  });

  it('by SES is found in the list of headers, and in published events', async () => {
    const { notificationType, ...notice } = sesBounce({
      headers: [{ name: 'Message-ID', value: `<${messageId}>` }],
    });
    await post(snsCall({ ...notice, eventType: notificationType }));
    expect(await stored()).toEqual(hard());
  });

  it('by Postmark suppresses the address, found by its metadata or in the report', async () => {
    expect((await post(postmarkCall(postmarkEvent()))).json()).toEqual({ recorded: 1, ignored: 0 });
    expect(await stored()).toEqual(hard());
    await site.sql`truncate bounces, suppressions`;
    const Content = `Final-Recipient: rfc822; ada@example.net\r\n\r\nMessage-ID: <${messageId}>\r\n`;
    await post(postmarkCall(postmarkEvent({ Metadata: null, Content })));
    expect(await stored()).toEqual(hard());
  });

  it('by Mailgun suppresses the address', async () => {
    expect((await post(mailgunCall(mailgunEvent(), { at: now() }))).json()).toEqual({
      recorded: 1,
      ignored: 0,
    });
    expect(await stored()).toEqual(hard());
  });

  it('by SendGrid suppresses the address, among others in a batch', async () => {
    const batch = [
      { event: 'processed', 'smtp-id': messageId },
      null,
      { event: 7, reason: [] },
      sendgridEvent(),
      { event: 'open' },
    ];
    const answer = await post(sendgridCall(batch, { at: now() }));
    expect(answer.json()).toEqual({ recorded: 1, ignored: 4 });
    expect(await stored()).toEqual(hard());
  });
});

describe('a complaint that every provider tells', () => {
  it.each([
    ['SES', () => snsCall(sesComplaint({ source: sender }))],
    ['Postmark', () => postmarkCall(postmarkEvent({ RecordType: 'SpamComplaint', Type: 'SpamComplaint' }))],
    ['Mailgun', () => mailgunCall(mailgunEvent({ event: 'complained', severity: undefined }), { at: now() })],
    ['SendGrid', () => sendgridCall([sendgridEvent({ event: 'spamreport' })], { at: now() })],
  ])('unsubscribes the reader: %s', async (_name, call) => {
    expect((await post(call())).statusCode).toBe(200);
    expect(await stored()).toEqual(complaint);
  });

  it('is none where the report says that the mail is fine', async () => {
    await post(snsCall(sesComplaint({ source: sender }, 'not-spam')));
    expect(await stored()).toEqual(NOTHING);
  });
});

describe('what the provider makes of it', () => {
  it.each([
    [
      'SES, for now',
      () =>
        snsCall(
          sesBounce(
            { source: sender },
            {
              bounceType: 'Transient',
              bounceSubType: 'MailboxFull',
              bouncedRecipients: [{ status: '4.2.2', diagnosticCode: 'smtp; 452 4.2.2 mailbox full' }],
            },
          ),
        ),
      soft('4.2.2', 'mailboxfull'),
    ],
    [
      'SES, permanent but about the mail',
      () =>
        snsCall(
          sesBounce(
            { source: sender },
            {
              bouncedRecipients: [
                { status: '5.7.1', diagnosticCode: 'smtp; 554 5.7.1 Message rejected as spam' },
              ],
            },
          ),
        ),
      soft('5.7.1', 'spamdetected'),
    ],
    [
      'SES, permanent without a word',
      () => snsCall(sesBounce({ source: sender }, { bounceSubType: 'NoEmail', bouncedRecipients: [{}] })),
      hard(null),
    ],
    [
      'SES, its list of bounced addresses',
      () =>
        snsCall(
          sesBounce(
            { source: sender },
            { bounceSubType: 'OnAccountSuppressionList', bouncedRecipients: [{}] },
          ),
        ),
      hard(null),
    ],
    [
      'Postmark, a full mailbox',
      () => postmarkCall(postmarkEvent({ Type: 'SoftBounce', Details: 'smtp;552 5.2.2 Mailbox full' })),
      soft('5.2.2', 'mailboxfull'),
    ],
    [
      'Postmark, taken for spam',
      () => postmarkCall(postmarkEvent({ Details: 'smtp;550 5.7.1 Message rejected as spam' })),
      soft('5.7.1', 'spamdetected'),
    ],
    [
      'Postmark, its list of bounced addresses',
      () =>
        postmarkCall(
          postmarkEvent({
            RecordType: 'SubscriptionChange',
            SuppressSending: true,
            SuppressionReason: 'HardBounce',
          }),
        ),
      hard(null),
    ],
    [
      'Postmark, its list of complaints',
      () =>
        postmarkCall(
          postmarkEvent({
            RecordType: 'SubscriptionChange',
            SuppressSending: true,
            SuppressionReason: 'SpamComplaint',
          }),
        ),
      complaint,
    ],
    [
      'Postmark, a person took it off',
      () =>
        postmarkCall(
          postmarkEvent({
            RecordType: 'SubscriptionChange',
            SuppressSending: true,
            SuppressionReason: 'ManualSuppression',
          }),
        ),
      NOTHING,
    ],
    [
      'Postmark, back on the list',
      () =>
        postmarkCall(
          postmarkEvent({
            RecordType: 'SubscriptionChange',
            SuppressSending: false,
            SuppressionReason: 'HardBounce',
          }),
        ),
      NOTHING,
    ],
    ['Mailgun, a try', () => mailgunCall(mailgunEvent({ severity: 'temporary' }), { at: now() }), NOTHING],
    [
      'Mailgun, the last try',
      () =>
        mailgunCall(
          mailgunEvent({
            reason: 'old',
            'delivery-status': { code: 602, message: 'Too old', 'bounce-type': 'soft' },
          }),
          { at: now() },
        ),
      soft(null, 'onhold'),
    ],
    [
      'Mailgun, its list of bounced addresses',
      () =>
        mailgunCall(mailgunEvent({ reason: 'suppress-bounce', 'delivery-status': { code: 605 } }), {
          at: now(),
        }),
      hard(null),
    ],
    [
      'Mailgun, its list of complaints',
      () => mailgunCall(mailgunEvent({ reason: 'suppress-complaint' }), { at: now() }),
      complaint,
    ],
    [
      'Mailgun, its list of those who left',
      () => mailgunCall(mailgunEvent({ reason: 'suppress-unsubscribe' }), { at: now() }),
      NOTHING,
    ],
    [
      'SendGrid, blocked',
      () =>
        sendgridCall(
          [
            sendgridEvent({
              type: 'blocked',
              reason: '550 5.7.1 blocked, see our list of bad senders',
              status: '5.7.1',
            }),
          ],
          { at: now() },
        ),
      soft('5.7.1', 'rejected'),
    ],
    [
      'SendGrid, a reason that is not the address',
      () =>
        sendgridCall([sendgridEvent({ reason: '', status: '5.0.0', bounce_classification: 'Technical' })], {
          at: now(),
        }),
      soft('5.0.0', 'onhold'),
    ],
    ['SendGrid, a try', () => sendgridCall([sendgridEvent({ event: 'deferred' })], { at: now() }), NOTHING],
    [
      'SendGrid, its list of bounced addresses',
      () => sendgridCall([sendgridEvent({ event: 'dropped', reason: 'Bounced Address' })], { at: now() }),
      hard(null),
    ],
    [
      'SendGrid, its list of complaints',
      () =>
        sendgridCall([sendgridEvent({ event: 'dropped', reason: 'Spam Reporting Address' })], { at: now() }),
      complaint,
    ],
    [
      'SendGrid, its list of those who left',
      () =>
        sendgridCall([sendgridEvent({ event: 'dropped', reason: 'Unsubscribed Address' })], { at: now() }),
      NOTHING,
    ],
  ])('%s', async (_name, call, expected) => {
    expect((await post(call())).statusCode).toBe(200);
    expect(await stored()).toEqual(expected);
  });

  it('takes the greeting of SES in plain words', async () => {
    const answer = await post(snsCall('Successfully validated SNS topic for Amazon SES event publishing.'));
    expect([answer.statusCode, answer.json()]).toEqual([200, { recorded: 0, ignored: 1 }]);
  });

  it('does nothing with a mail that is not ours, whoever says so', async () => {
    const forged = `delivery.${deliveryId}.0123456789abcdef@example.org`;
    for (const call of [
      snsCall(sesBounce({ source: forged })),
      postmarkCall(postmarkEvent({ Metadata: { delivery: forged } })),
      mailgunCall(mailgunEvent({ message: { headers: { 'message-id': forged } } }), { at: now() }),
      sendgridCall([sendgridEvent({ 'smtp-id': forged })], { at: now() }),
    ]) {
      const answer = await post(call);
      expect([answer.statusCode, answer.json()]).toEqual([200, { recorded: 0, ignored: 1 }]);
    }
    expect(await stored()).toEqual(NOTHING);
  });
});

it('names a mail so that Postmark can name it back, where that is asked for', async () => {
  const id = await addDelivery('pending');
  await deliver(site.ctx, [id]);
  const header = (await site.sink.parsed()).at(-1)?.headers.get('x-pm-metadata-delivery');
  expect(header).toBe(`delivery.${id}.${site.ctx.links.proof('message', id)}@example.org`);
  await post(postmarkCall(postmarkEvent({ Metadata: { delivery: header } })));
  expect(await stored()).toEqual(hard());
});

describe('a call that is not of the provider', () => {
  it('without its key changes nothing', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
    const key = rsa.export({ format: 'pem', type: 'pkcs8' }).toString();
    await changesNothing(snsCall(sesBounce({ source: sender }), { key }), 403);
    await changesNothing(postmarkCall(postmarkEvent(), 'another password for tests'), 401);
    await changesNothing(mailgunCall(mailgunEvent(), { at: now(), key: 'another key' }), 403);
    await changesNothing(sendgridCall([sendgridEvent()], { at: now(), key: ec }), 403);
  });

  it('without any proof changes nothing', async () => {
    for (const call of [postmarkCall(postmarkEvent()), sendgridCall([sendgridEvent()], { at: now() })]) {
      const status = call.url.endsWith('postmark') ? 401 : 403;
      await changesNothing({ ...call, headers: { 'content-type': 'application/json' } }, status);
    }
    const { headers, ...call } = postmarkCall(postmarkEvent());
    for (const authorization of ['Basic', 'Basic !', `Bearer ${headers.authorization?.slice(6)}`]) {
      await changesNothing({ ...call, headers: { authorization } }, 401);
    }
  });

  it('that was altered on its way changes nothing', async () => {
    const alter = (call: Call, from: string, to: string): Call => {
      expect(call.payload).toContain(from);
      return { ...call, payload: call.payload.replace(from, to) };
    };
    await changesNothing(
      alter(snsCall(sesComplaint({ source: sender }, 'not-spam')), 'not-spam', 'abuse'),
      403,
    );
    const sendgrid = sendgridCall([sendgridEvent({ event: 'open' })], { at: now() });
    await changesNothing(alter(sendgrid, '"open"', '"bounce"'), 403);
    await changesNothing(alter(sendgrid, '\r\n', '\n'), 403);
    const mailgun = mailgunCall(mailgunEvent(), { at: now(), token: 'a-token' });
    await changesNothing(alter(mailgun, 'a-token', 'b-token'), 403);
  });

  it('that was signed more than 15 minutes before or ahead of now changes nothing', async () => {
    for (const minutes of [-16, 16]) {
      const at = new Date(now().getTime() + minutes * 60_000);
      await changesNothing(mailgunCall(mailgunEvent(), { at }), 403);
      await changesNothing(sendgridCall([sendgridEvent()], { at }), 403);
    }
  });

  it('with a certificate that has run out changes nothing', async () => {
    site.clock.set('2100-01-01T00:00:00Z');
    await changesNothing(snsCall(sesBounce({ source: sender })), 403);
  });

  it('from another topic changes nothing, and asks for no certificate', async () => {
    const call = snsCall(sesBounce({ source: sender }), { TopicArn: `${TOPIC}2` });
    await changesNothing(call, 403);
    expect(asked).toEqual([]);
  });

  it.each([
    'https://sns.us-east-1.amazonaws.com.evil.example/a.pem',
    'http://sns.us-east-1.amazonaws.com/a.pem',
    'https://sns.us-east-1.amazonaws.com@evil.example/a.pem',
    'https://user@sns.us-east-1.amazonaws.com/a.pem',
    'https://sns.us-east-1.amazonaws.com:8443/a.pem',
    'https://evil.example/sns.us-east-1.amazonaws.com/a.pem',
    'https://evil.example#sns.us-east-1.amazonaws.com/a.pem',
    'https://sns.us-east-1.amazonaws.com/a.pem.txt',
    'https://sns.us-east-1.amazonaws.com/a?.pem',
    'https://sns.eu-west-1.amazonaws.com/a.pem',
    'https://sns.us-east-1.amazonaws.com\\@evil.example/a.txt',
    'https://snsxus-east-1.amazonaws.com/a.pem',
    'https://s3.us-east-1.amazonaws.com/a.pem',
    'file:///etc/a.pem',
    '',
  ])('with a certificate from elsewhere changes nothing, and is not fetched: %s', async (SigningCertURL) => {
    await changesNothing(snsCall(sesBounce({ source: sender }), { SigningCertURL }), 403);
    expect(asked).toEqual([]);
  });

  it('that comes a second time changes nothing more', async () => {
    const calls = [
      snsCall(sesBounce({ source: sender })),
      postmarkCall(postmarkEvent()),
      sendgridCall([sendgridEvent()], { at: now() }),
    ];
    for (const call of calls) await post(call);
    const before = await site.dump();
    for (const call of calls) expect((await post(call)).json()).toEqual({ recorded: 0, ignored: 1 });
    expect(await site.dump()).toEqual(before);
  });

  it('that uses a token of Mailgun again is refused, within half an hour', async () => {
    const call = mailgunCall(mailgunEvent({ event: 'opened' }), { at: now() });
    expect((await post(call)).statusCode).toBe(200);
    await changesNothing(call, 403);
    site.clock.advance(14 * 60_000);
    await changesNothing(call, 403);
  });

  it('and is one of very many is held back, while the provider is not', async () => {
    const stranger = '192.0.2.7';
    const forged = mailgunCall(mailgunEvent(), { at: now(), key: 'another key' });
    const answers: number[] = [];
    for (let count = 0; count < 61; count += 1) answers.push((await post(forged, stranger)).statusCode);
    expect([...new Set(answers)]).toEqual([403, 429]);
    expect((await post(mailgunCall(mailgunEvent(), { at: now() }), stranger)).statusCode).toBe(200);
  });

  it('can make us ask Amazon only a few times a minute', async () => {
    site.clock.advance(60_000);
    for (let count = 0; count < 20; count += 1) {
      const SigningCertURL = `https://sns.us-east-1.amazonaws.com/${count}.pem`;
      expect((await post(snsCall({}, { SigningCertURL }))).statusCode).toBe(403);
    }
    expect(asked).toHaveLength(10);
  });
});

describe('a subscription to the topic', () => {
  const confirmation = { Type: 'SubscriptionConfirmation', Token: 'a token' };
  const url = 'https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=a';

  it('is confirmed at Amazon, with a certificate that is fetched once', async () => {
    site.clock.set('2026-11-24T10:30:00Z');
    expect((await post(snsCall('Hello', { ...confirmation, SubscribeURL: url }))).statusCode).toBe(200);
    expect(asked.at(-1)).toBe(url);
    await post(snsCall(sesBounce({ source: sender })));
    expect(asked.filter((address) => address === CERTIFICATE_URL).length).toBeLessThanOrEqual(1);
  });

  it('is confirmed nowhere else', async () => {
    for (const SubscribeURL of [
      url.replace('https:', 'http:'),
      url.replace('.com/', '.com.evil.example/'),
      url.replace('sns.', 'me@sns.'),
    ]) {
      await changesNothing(snsCall('Hello', { ...confirmation, SubscribeURL }), 403);
    }
    expect(asked.filter((address) => address !== CERTIFICATE_URL)).toEqual([]);
  });

  it('is tried again by Amazon where we could not reach it', async () => {
    away = true;
    expect((await post(snsCall('Hello', { ...confirmation, SubscribeURL: url }))).statusCode).toBe(503);
  });
});

it('logs how many events came and which deliveries they were about, and no address', async () => {
  let written = '';
  const destination = new PassThrough().on('data', (chunk) => {
    written += chunk;
  });
  const app = await buildApp({ ...site.ctx, log: createLogger('debug', destination) });
  for (const { url, headers, payload } of [
    snsCall(sesBounce({ source: sender })),
    postmarkCall(postmarkEvent({ Type: 'SpamComplaint' })),
    mailgunCall(mailgunEvent(), { at: now(), key: 'another key' }),
    sendgridCall([sendgridEvent({ 'smtp-id': 'unknown@example.net' })], { at: now() }),
  ]) {
    await app.inject({ method: 'POST', url, headers, payload });
  }
  await app.close();
  expect(written).toContain(
    '"event":"webhook.taken","provider":"sendgrid","recorded":0,"ignored":1,"unnamed":1',
  );
  expect(written).toContain(`"event":"bounce.recorded","deliveryId":${deliveryId}`);
  expect(written).not.toMatch(/@|ada|example|no such user/i);
});

describe('whatever comes', () => {
  it('is no fault of ours: broken, mangled and huge bodies', async () => {
    const good = () => [
      snsCall(sesBounce({ source: sender })),
      postmarkCall(postmarkEvent()),
      mailgunCall(mailgunEvent(), { at: now() }),
      sendgridCall([sendgridEvent()], { at: now() }),
    ];
    const mangled = fc.record({
      which: fc.nat(3),
      cut: fc.double({ min: 0, max: 1, noNaN: true }),
      insert: fc.oneof(fc.string(), fc.json(), fc.constantFrom('\u0000', '"', '{', '[[[', '1e999', 'null')),
      remove: fc.nat(40),
    });
    await fc.assert(
      fc.asyncProperty(mangled, async ({ which, cut, insert, remove }) => {
        const call = good()[which] as Call;
        const at = Math.floor(cut * call.payload.length);
        const payload = call.payload.slice(0, at) + insert + call.payload.slice(at + remove);
        expect((await post({ ...call, payload })).statusCode).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
    const huge = await post({ ...postmarkCall({}), payload: `"${'x'.repeat(1024 * 1024)}"` });
    expect(huge.statusCode).toBe(413);
  });

  it('is no fault of ours where it is signed, whatever stands in the fields', async () => {
    const event = fc.dictionary(
      fc.constantFrom(
        'event',
        'type',
        'reason',
        'status',
        'smtp-id',
        'RecordType',
        'Type',
        'Details',
        'Metadata',
        'severity',
        'delivery-status',
        'message',
        'envelope',
        'notificationType',
        'bounce',
        'complaint',
        'mail',
      ),
      fc.oneof(
        fc.constantFrom('Bounce', 'bounce', 'failed', 'permanent', 'HardBounce', 'Complaint'),
        fc.jsonValue(),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(event, fc.jsonValue()), async (body) => {
        const nested =
          typeof body === 'object' && body ? { ...body, bounce: body, mail: body, message: body } : body;
        for (const call of [
          snsCall(nested),
          postmarkCall(nested),
          mailgunCall(nested, { at: now() }),
          sendgridCall([nested, body], { at: now() }),
        ]) {
          const { statusCode } = await post(call);
          expect([200, 400]).toContain(statusCode);
        }
      }),
      { numRuns: 100 },
    );
    expect(await stored()).toEqual(NOTHING);
  });
});
