/** Postmark: its bounce, complaint and subscription webhooks, and the password that they send. Pure. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import {
  ADDRESS_GONE,
  looseText,
  type ProviderEvent,
  type ProviderReport,
  toComplaint,
  toFailure,
} from './provider-event.ts';

const eventSchema = z.object({
  RecordType: looseText,
  Type: looseText,
  Details: looseText,
  SuppressSending: z.boolean().catch(false),
  SuppressionReason: looseText,
  Metadata: z.record(z.string(), looseText).catch({}),
  /** The report as it came, where the webhook is set to include it. */
  Content: looseText,
});

/** Null for what asks for nothing. `event` is parsed JSON. */
export function readPostmarkEvent(event: unknown): ProviderEvent | null {
  const parsed = eventSchema.safeParse(event);
  if (!parsed.success) return null;
  const report = reportOf(parsed.data);
  if (!report) return null;
  return { names: [...Object.values(parsed.data.Metadata), parsed.data.Content], report };
}

function reportOf({
  RecordType,
  Type,
  Details,
  SuppressSending,
  SuppressionReason,
}: z.infer<typeof eventSchema>): ProviderReport | null {
  if (RecordType === 'SubscriptionChange') return SuppressSending ? suppressionOf(SuppressionReason) : null;
  if (RecordType !== 'Bounce' && RecordType !== 'SpamComplaint') return null;
  const failure = (verdict: 'gone' | 'failed' | 'for_now') =>
    toFailure({ said: Details, status: '', code: null, verdict });
  switch (Type) {
    case 'HardBounce':
    case 'BadEmailAddress':
      return failure('gone');
    case 'Blocked':
    case 'DMARCPolicy':
    case 'SpamNotification':
    case 'Unknown':
    case 'VirusNotification':
      return failure('failed');
    case 'DnsError':
    case 'SoftBounce':
    case 'Transient':
      return failure('for_now');
    case 'SpamComplaint':
      return toComplaint();
    default:
      return null;
  }
}

function suppressionOf(reason: string): ProviderReport | null {
  if (reason === 'HardBounce') return ADDRESS_GONE;
  return reason === 'SpamComplaint' ? toComplaint() : null;
}

/** Whether an `Authorization` header carries this password, under whatever name. Takes as long for a near miss. */
export function hasPassword(header: string, password: string): boolean {
  const [, encoded = ''] = /^Basic +([\w+/=-]+)$/i.exec(header) ?? [];
  const given = Buffer.from(encoded, 'base64').toString('utf8');
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return (
    timingSafeEqual(digest(given.slice(given.indexOf(':') + 1)), digest(password)) && given.includes(':')
  );
}
