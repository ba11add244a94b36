/** What mail providers tell is recorded, whichever of the four tells it and however it names the mail; what is switched off is not there. */
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { deliver } from '../../src/deliveries/deliver.ts';
import { createLogger } from '../../src/logger.ts';
import {
  CERTIFICATE_URL,
  mailgunCall,
  postmarkCall,
  sendgridCall,
  sesBounce,
  sesComplaint,
  snsCall,
} from '../support/provider-calls.ts';
import { createTestSite } from '../support/site.ts';
import { complaint, hard, NOTHING, useWebhookSite } from '../support/webhook-site.ts';

const webhooks = useWebhookSite();
const {
  net,
  sent,
  addDelivery,
  changesNothing,
  mailgunEvent,
  now,
  post,
  postmarkEvent,
  sendgridEvent,
  stored,
} = webhooks;

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
    const { paths } = (await webhooks.site.app.inject('/api/openapi.json')).json();
    expect(Object.keys(paths).filter((path) => path.startsWith('/webhooks'))).toHaveLength(4);
    expect(paths['/webhooks/ses'].post.description).toContain('SES_TOPIC_ARN');
  });
});

describe('a bounce that every provider tells', () => {
  it('by SES suppresses the address, found by the envelope sender or by the header', async () => {
    const answer = await post(snsCall(sesBounce({ source: sent.sender })));
    expect([answer.statusCode, answer.json()]).toEqual([200, { recorded: 1, ignored: 0 }]);
    expect(await stored()).toEqual(hard());
  });

  it.each(['1', '2'])('by SES counts with signature version %s', async (SignatureVersion) => {
    const mail = { source: 'other@example.org', commonHeaders: { messageId: `<${sent.messageId}>` } };
    await post(snsCall(sesBounce(mail), { SignatureVersion, Subject: 'Amazon SES' }));
    expect(await stored()).toEqual(hard());
  });

  it('by SES is found in the list of headers, and in published events', async () => {
    const { notificationType, ...notice } = sesBounce({
      headers: [{ name: 'Message-ID', value: `<${sent.messageId}>` }],
    });
    await post(snsCall({ ...notice, eventType: notificationType }));
    expect(await stored()).toEqual(hard());
  });

  it('by Postmark suppresses the address, found by its metadata or in the report', async () => {
    expect((await post(postmarkCall(postmarkEvent()))).json()).toEqual({ recorded: 1, ignored: 0 });
    expect(await stored()).toEqual(hard());
    await webhooks.site.sql`truncate bounces, suppressions`;
    const Content = `Final-Recipient: rfc822; ada@example.net\r\n\r\nMessage-ID: <${sent.messageId}>\r\n`;
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
      { event: 'processed', 'smtp-id': sent.messageId },
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
    ['SES', () => snsCall(sesComplaint({ source: sent.sender }))],
    ['Postmark', () => postmarkCall(postmarkEvent({ RecordType: 'SpamComplaint', Type: 'SpamComplaint' }))],
    ['Mailgun', () => mailgunCall(mailgunEvent({ event: 'complained', severity: undefined }), { at: now() })],
    ['SendGrid', () => sendgridCall([sendgridEvent({ event: 'spamreport' })], { at: now() })],
  ])('unsubscribes the reader: %s', async (_name, call) => {
    expect((await post(call())).statusCode).toBe(200);
    expect(await stored()).toEqual(complaint);
  });

  it('is none where the report says that the mail is fine', async () => {
    await post(snsCall(sesComplaint({ source: sent.sender }, 'not-spam')));
    expect(await stored()).toEqual(NOTHING);
  });
});

it('names a mail so that Postmark can name it back, where that is asked for', async () => {
  const id = await addDelivery('pending');
  await deliver(webhooks.site.ctx, [id]);
  const header = (await webhooks.site.sink.parsed()).at(-1)?.headers.get('x-pm-metadata-delivery');
  expect(header).toBe(`delivery.${id}.${webhooks.site.ctx.links.proof('message', id)}@example.org`);
  await post(postmarkCall(postmarkEvent({ Metadata: { delivery: header } })));
  expect(await stored()).toEqual(hard());
});

describe('a subscription to the topic', () => {
  const confirmation = { Type: 'SubscriptionConfirmation', Token: 'a token' };
  const url = 'https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=a';

  it('is confirmed at Amazon, with a certificate that is fetched once', async () => {
    webhooks.site.clock.set('2026-11-24T10:30:00Z');
    expect((await post(snsCall('Hello', { ...confirmation, SubscribeURL: url }))).statusCode).toBe(200);
    expect(net.asked.at(-1)).toBe(url);
    await post(snsCall(sesBounce({ source: sent.sender })));
    expect(net.asked.filter((address) => address === CERTIFICATE_URL).length).toBeLessThanOrEqual(1);
  });

  it('is confirmed nowhere else', async () => {
    for (const SubscribeURL of [
      url.replace('https:', 'http:'),
      url.replace('.com/', '.com.evil.example/'),
      url.replace('sns.', 'me@sns.'),
    ]) {
      await changesNothing(snsCall('Hello', { ...confirmation, SubscribeURL }), 403);
    }
    expect(net.asked.filter((address) => address !== CERTIFICATE_URL)).toEqual([]);
  });

  it('is tried again by Amazon where we could not reach it', async () => {
    net.away = true;
    expect((await post(snsCall('Hello', { ...confirmation, SubscribeURL: url }))).statusCode).toBe(503);
  });
});

it('logs how many events came and which deliveries they were about, and no address', async () => {
  let written = '';
  const destination = new PassThrough().on('data', (chunk) => {
    written += chunk;
  });
  const app = await buildApp({ ...webhooks.site.ctx, log: createLogger('debug', destination) });
  for (const { url, headers, payload } of [
    snsCall(sesBounce({ source: sent.sender })),
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
  expect(written).toContain(`"event":"bounce.recorded","deliveryId":${sent.deliveryId}`);
  expect(written).not.toMatch(/@|ada|example|no such user/i);
});
