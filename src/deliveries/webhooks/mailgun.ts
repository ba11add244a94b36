/** Mailgun: its webhook events and their signature. Pure. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import {
  ADDRESS_GONE,
  looseText,
  type ProviderEvent,
  type ProviderReport,
  toComplaint,
  toFailure,
} from './provider-event.ts';

export const mailgunSchema = z.object({
  signature: z.object({
    timestamp: z.string().regex(/^\d{1,12}$/),
    token: z.string().min(1).max(200),
    signature: z.string().max(200),
  }),
  'event-data': z.unknown(),
});

const eventSchema = z.object({
  event: looseText,
  severity: looseText,
  reason: looseText,
  'delivery-status': z
    .object({
      code: z.coerce.number().catch(0),
      message: looseText,
      description: looseText,
      'enhanced-code': looseText,
      'bounce-type': looseText,
    })
    .nullish()
    .catch(null),
  message: z
    .object({ headers: z.object({ 'message-id': looseText }).nullish().catch(null) })
    .nullish()
    .catch(null),
  envelope: z.object({ sender: looseText }).nullish().catch(null),
});

/** Whether the key made the signature. Says nothing of when. */
export function isSignedByMailgun(
  { timestamp, token, signature }: z.infer<typeof mailgunSchema>['signature'],
  key: string,
): boolean {
  const expected = createHmac('sha256', key)
    .update(timestamp + token)
    .digest('hex');
  const [given, wanted] = [Buffer.from(signature.toLowerCase()), Buffer.from(expected)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** `event` is the `event-data`. Null for what asks for nothing. */
export function readMailgunEvent(event: unknown): ProviderEvent | null {
  const parsed = eventSchema.safeParse(event);
  if (!parsed.success) return null;
  const { message, envelope } = parsed.data;
  const report = reportOf(parsed.data);
  if (!report) return null;
  // It takes the angle brackets away, which is no matter to whoever looks for the name in it.
  return { names: [message?.headers?.['message-id'] ?? '', envelope?.sender ?? ''], report };
}

function reportOf(event: z.infer<typeof eventSchema>): ProviderReport | null {
  const { severity, reason } = event;
  if (event.event === 'complained') return toComplaint();
  // Of a temporary failure it tells at each try, and in the end of a permanent one.
  if (event.event !== 'failed' || severity !== 'permanent') return null;
  if (reason === 'suppress-bounce') return ADDRESS_GONE;
  if (reason === 'suppress-complaint') return toComplaint();
  if (reason.startsWith('suppress-')) return null;
  const status = event['delivery-status'];
  const code = status?.code ?? 0;
  const type = status?.['bounce-type'] ?? '';
  return toFailure({
    said: status?.message || status?.description || '',
    status: status?.['enhanced-code'] ?? '',
    // Those from 600 are its own.
    code: code >= 400 && code < 600 ? code : null,
    verdict: type === 'hard' || (type === '' && reason === 'bounce') ? 'gone' : 'failed',
  });
}
