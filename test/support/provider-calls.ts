/** Webhook calls as mail providers make them, with their real signatures, on keys that tests hold. */
import { createHmac, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { testCertificate } from './certificate.ts';

export interface Call {
  url: string;
  headers: Record<string, string>;
  payload: string;
}

export const TOPIC = 'arn:aws:sns:us-east-1:123456789012:bounces';
export const CERTIFICATE_URL = 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123.pem';
export const POSTMARK_PASSWORD = 'a password for tests only';
export const MAILGUN_KEY = 'a-mailgun-key-for-tests-only';
const sendgrid = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
export const SENDGRID_KEY = sendgrid.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');

/** All four switched on. */
export const PROVIDER_ENV = {
  SES_TOPIC_ARN: TOPIC,
  POSTMARK_WEBHOOK_PASSWORD: POSTMARK_PASSWORD,
  MAILGUN_SIGNING_KEY: MAILGUN_KEY,
  SENDGRID_WEBHOOK_KEY: SENDGRID_KEY,
};

const json = { 'content-type': 'application/json' };

/** A message of SNS that is rightly signed, whatever `changes` makes of it. */
export function snsCall(
  message: unknown,
  { key = testCertificate.key, ...changes }: Partial<Record<string, string>> = {},
): Call {
  const unsigned: Partial<Record<string, string>> = {
    Type: 'Notification',
    MessageId: randomUUID(),
    TopicArn: TOPIC,
    Message: typeof message === 'string' ? message : JSON.stringify(message),
    Timestamp: '2026-11-24T09:30:00.000Z',
    SignatureVersion: '2',
    SigningCertURL: CERTIFICATE_URL,
    ...changes,
  };
  const algorithm = unsigned.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256';
  const Signature = createSign(algorithm).update(snsText(unsigned)).sign(key, 'base64');
  return {
    url: '/webhooks/ses',
    headers: { 'content-type': 'text/plain; charset=UTF-8', 'x-amz-sns-topic-arn': TOPIC },
    payload: JSON.stringify({ ...unsigned, Signature }),
  };
}

/** In the order of Amazon's documentation: by name, of those that such a message has. */
function snsText(message: Partial<Record<string, string>>): string {
  const names = ['Message', 'MessageId', 'Subject', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  return names.map((name) => (message[name] === undefined ? '' : `${name}\n${message[name]}\n`)).join('');
}

export function sesBounce(
  mail: Record<string, unknown>,
  bounce: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    notificationType: 'Bounce',
    bounce: {
      bounceType: 'Permanent',
      bounceSubType: 'General',
      bouncedRecipients: [
        {
          emailAddress: 'ada@example.net',
          action: 'failed',
          status: '5.1.1',
          diagnosticCode: 'smtp; 550 5.1.1 no such user here',
        },
      ],
      ...bounce,
    },
    mail: { messageId: 'one of its own', destination: ['ada@example.net'], ...mail },
  };
}

export function sesComplaint(mail: Record<string, unknown>, complaintFeedbackType = 'abuse') {
  return { notificationType: 'Complaint', complaint: { complaintFeedbackType }, mail };
}

export function postmarkCall(event: unknown, password = POSTMARK_PASSWORD): Call {
  const authorization = `Basic ${Buffer.from(`paperboy:${password}`).toString('base64')}`;
  return { url: '/webhooks/postmark', headers: { ...json, authorization }, payload: JSON.stringify(event) };
}

export function mailgunCall(
  event: unknown,
  { at, key = MAILGUN_KEY, token = randomUUID() }: { at: Date; key?: string; token?: string },
): Call {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = createHmac('sha256', key)
    .update(timestamp + token)
    .digest('hex');
  return {
    url: '/webhooks/mailgun',
    headers: json,
    payload: JSON.stringify({ signature: { timestamp, token, signature }, 'event-data': event }),
  };
}

export function sendgridCall(
  events: unknown,
  { at, key = sendgrid.privateKey }: { at: Date; key?: typeof sendgrid.privateKey },
): Call {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  // Not as JSON.stringify would write it again: what is signed are these very bytes.
  const payload = `${JSON.stringify(events, null, 1)}\r\n`;
  return {
    url: '/webhooks/sendgrid',
    headers: {
      ...json,
      'x-twilio-email-event-webhook-timestamp': timestamp,
      'x-twilio-email-event-webhook-signature': createSign('SHA256')
        .update(timestamp + payload)
        .sign(key, 'base64'),
    },
    payload,
  };
}
