/** The webhooks of mail providers that are switched on: each checks who speaks, and records what was said. */
import { z } from 'zod';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { createCertificateFetch } from './certificates.ts';
import { isSignedByMailgun, mailgunSchema, readMailgunEvent } from './mailgun.ts';
import { hasPassword, readPostmarkEvent } from './postmark.ts';
import { type Provider, type ProviderEvent, parseJson } from './provider-event.ts';
import { type RecordedEvents, recordEvents } from './record-events.ts';
import { isSignedBySendGrid, readSendGridEvents } from './sendgrid.ts';
import { readSesEvent } from './ses.ts';
import { isSignedBy, readSnsUrl, snsMessageSchema } from './sns.ts';

export interface WebhookCall {
  header(name: string): string;
  /** As it came. */
  body: Buffer;
}

/**
 * Throws AppError `SIGNATURE_INVALID` or `CREDENTIALS_INVALID` for what does not come from the provider,
 * `INPUT_INVALID` for what can't be read, `PROVIDER_UNREACHABLE`.
 */
export type TakeWebhook = (call: WebhookCall) => Promise<RecordedEvents>;

/** Null stands for an event that asks for nothing. */
type ReadWebhook = (call: WebhookCall) => Promise<(ProviderEvent | null)[]>;

/** How far a provider's clock and its first tries may be from now. */
const SIGNED_WITHIN_MS = 15 * 60_000;
const CONFIRM_WITHIN_MS = 5000;

/** Only those whose secret is set. Each remembers what it must from one call to the next. */
export function openWebhooks(ctx: Context): Map<Provider, TakeWebhook> {
  const { sesTopicArn, postmarkPassword, mailgunKey, sendgridKey } = ctx.config.webhooks;
  const webhooks = new Map<Provider, TakeWebhook>();
  const add = (provider: Provider, read: ReadWebhook) =>
    webhooks.set(provider, async (call) => recordEvents(ctx, provider, await read(call)));
  if (sesTopicArn) add('ses', openSes(ctx, sesTopicArn));
  if (postmarkPassword) add('postmark', openPostmark(postmarkPassword));
  if (mailgunKey) webhooks.set('mailgun', openMailgun(ctx, mailgunKey));
  if (sendgridKey) add('sendgrid', openSendGrid(ctx, sendgridKey));
  return webhooks;
}

function openSes({ fetch, now, log }: Context, topicArn: string): ReadWebhook {
  const fetchCertificate = createCertificateFetch(fetch, now);
  return async ({ body }) => {
    const message = parse(snsMessageSchema, parseJson(body));
    const certificateUrl = readSnsUrl(message.SigningCertURL, topicArn);
    if (message.TopicArn !== topicArn) throw unsigned('This is not the topic of SES_TOPIC_ARN.');
    if (!certificateUrl?.pathname.endsWith('.pem')) throw unsigned();
    const pem = await fetchCertificate(certificateUrl).catch(unreachable);
    if (!pem || !isSignedBy(message, pem, now())) throw unsigned();
    if (message.Type === 'Notification') return [readSesEvent(message.Message)];
    if (message.Type === 'SubscriptionConfirmation') {
      const url = readSnsUrl(message.SubscribeURL, topicArn);
      if (!url) throw unsigned();
      const signal = AbortSignal.timeout(CONFIRM_WITHIN_MS);
      const answer = await fetch(url, { redirect: 'error', signal }).catch(unreachable);
      await answer.body?.cancel();
      if (!answer.ok) unreachable();
      log.info({ event: 'webhook.confirmed', provider: 'ses' });
    }
    return [];
  };
}

function openPostmark(password: string): ReadWebhook {
  return async ({ header, body }) => {
    if (!hasPassword(header('authorization'), password)) {
      throw new AppError(
        'CREDENTIALS_INVALID',
        'Put POSTMARK_WEBHOOK_PASSWORD into the address: https://paperboy:PASSWORD@….',
      );
    }
    return [readPostmarkEvent(parseJson(body))];
  };
}

function openMailgun(ctx: Context, key: string): TakeWebhook {
  /** Until when each would pass again, the oldest first. Only signed ones come here. */
  const usedTokens = new Map<string, number>();
  return async ({ body }) => {
    const { signature, 'event-data': event } = parse(mailgunSchema, parseJson(body));
    if (!isSignedByMailgun(signature, key)) throw unsigned();
    const now = ctx.now();
    assertRecent(signature.timestamp, now);
    for (const [token, until] of usedTokens) {
      if (until >= now.getTime()) break;
      usedTokens.delete(token);
    }
    const { token } = signature;
    if (usedTokens.has(token)) throw unsigned('This was taken before.');
    usedTokens.set(token, now.getTime() + 2 * SIGNED_WITHIN_MS);
    try {
      return await recordEvents(ctx, 'mailgun', [readMailgunEvent(event)]);
    } catch (error) {
      // Mailgun will try again, and may use it again.
      usedTokens.delete(token);
      throw error;
    }
  };
}

function openSendGrid({ now }: Context, key: string): ReadWebhook {
  return async ({ header, body }) => {
    const timestamp = header('x-twilio-email-event-webhook-timestamp');
    const signature = header('x-twilio-email-event-webhook-signature');
    if (!isSignedBySendGrid({ timestamp, signature, body }, key)) throw unsigned();
    assertRecent(timestamp, now());
    return readSendGridEvents(parseJson(body));
  };
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError(
    'INPUT_INVALID',
    `This is no such event: ${z.prettifyError(parsed.error).slice(0, 300)}`,
  );
}

/** `timestamp` in Unix seconds. */
function assertRecent(timestamp: string, now: Date): void {
  const age = Math.abs(now.getTime() - Number(timestamp) * 1000);
  if (!(age <= SIGNED_WITHIN_MS)) throw unsigned('This was signed more than 15 minutes ago.');
}

function unsigned(sentence = 'The signature is not that of the provider that is set up here.'): AppError {
  return new AppError('SIGNATURE_INVALID', sentence);
}

function unreachable(cause?: unknown): never {
  throw new AppError('PROVIDER_UNREACHABLE', 'Amazon SNS does not answer. Please try again.', {
    cause,
    retry: true,
  });
}
