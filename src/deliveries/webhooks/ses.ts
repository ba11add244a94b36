/** Amazon SES: what its notifications and published events say. Pure. */
import { z } from 'zod';
import {
  looseText,
  type ProviderEvent,
  type ProviderReport,
  toComplaint,
  toFailure,
} from './provider-event.ts';

const noticeSchema = z.object({
  notificationType: looseText,
  eventType: looseText,
  bounce: z
    .object({
      bounceType: looseText,
      bounceSubType: looseText,
      bouncedRecipients: z
        .array(
          z
            .object({ status: looseText, diagnosticCode: looseText })
            .catch({ status: '', diagnosticCode: '' }),
        )
        .catch([]),
    })
    .nullish()
    .catch(null),
  complaint: z.object({ complaintFeedbackType: looseText }).nullish().catch(null),
  mail: z
    .object({
      /** The envelope sender that we gave. */
      source: looseText,
      /** As we wrote it; SES sends another. Only where headers are included. */
      commonHeaders: z.object({ messageId: looseText }).nullish().catch(null),
      headers: z
        .array(z.object({ name: looseText, value: looseText }).catch({ name: '', value: '' }))
        .catch([]),
    })
    .nullish()
    .catch(null),
});

/** Permanent for a reason that is the address, or not told; the others are about the mail. */
const GONE: ReadonlySet<string> = new Set(['General', 'NoEmail', 'Suppressed', 'OnAccountSuppressionList']);

/**
 * `message` is what the topic carries. Null for what asks for nothing: arrivals, delays, opened mails, anything unknown,
 * and the greeting in plain words that SES sends to a new topic.
 */
export function readSesEvent(message: string): ProviderEvent | null {
  const parsed = noticeSchema.safeParse(tryJson(message));
  if (!parsed.success) return null;
  const { mail } = parsed.data;
  const report = reportOf(parsed.data);
  if (!report || !mail) return null;
  const written = mail.headers.filter(({ name }) => name.toLowerCase() === 'message-id');
  return {
    names: [mail.source, mail.commonHeaders?.messageId ?? '', ...written.map(({ value }) => value)],
    report,
  };
}

function reportOf({
  notificationType,
  eventType,
  bounce,
  complaint,
}: z.infer<typeof noticeSchema>): ProviderReport | null {
  switch (notificationType || eventType) {
    case 'Bounce': {
      if (!bounce) return null;
      // Our mails have one recipient.
      const [{ status, diagnosticCode } = { status: '', diagnosticCode: '' }] = bounce.bouncedRecipients;
      const said = diagnosticCode.replace(/^[\w-]{1,40}\s*;\s*/, '');
      return toFailure({ said, status, code: null, verdict: verdictOf(bounce) });
    }
    case 'Complaint':
      return complaint ? toComplaint(complaint.complaintFeedbackType) : null;
    default:
      return null;
  }
}

function verdictOf({ bounceType, bounceSubType }: { bounceType: string; bounceSubType: string }) {
  if (bounceType === 'Transient') return 'for_now';
  return bounceType === 'Permanent' && GONE.has(bounceSubType) ? 'gone' : 'failed';
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
