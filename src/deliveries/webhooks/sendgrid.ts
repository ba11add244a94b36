/** SendGrid: the events of its signed event webhook, which come in batches, and their signature. Pure. */
import { createPublicKey, createVerify } from 'node:crypto';
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
  event: looseText,
  type: looseText,
  reason: looseText,
  status: looseText,
  bounce_classification: looseText,
  /** Our Message-ID. */
  'smtp-id': looseText,
});

/** Whether the key signed this body at this time. `key` is DER in base64, as SendGrid shows it. */
export function isSignedBySendGrid(
  { timestamp, signature, body }: { timestamp: string; signature: string; body: Buffer },
  key: string,
): boolean {
  return createVerify('SHA256').update(timestamp).update(body).verify(readKey(key), signature, 'base64');
}

/** Whether it is a public key for ECDSA on P-256. */
export function isSendGridKey(key: string): boolean {
  try {
    return readKey(key).asymmetricKeyDetails?.namedCurve === 'prime256v1';
  } catch {
    return false;
  }
}

function readKey(key: string) {
  return createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
}

/** `batch` is parsed JSON. One that can't be read costs no other. */
export function readSendGridEvents(batch: unknown): (ProviderEvent | null)[] {
  return (Array.isArray(batch) ? batch : [batch]).map((event) => {
    const parsed = eventSchema.safeParse(event);
    if (!parsed.success) return null;
    const report = reportOf(parsed.data);
    return report && { names: [parsed.data['smtp-id']], report };
  });
}

function reportOf(event: z.infer<typeof eventSchema>): ProviderReport | null {
  const { type, reason, status, bounce_classification: classification } = event;
  switch (event.event) {
    case 'bounce': {
      const isGone = type !== 'blocked' && (classification === '' || classification === 'Invalid Address');
      return toFailure({ said: reason, status, code: null, verdict: isGone ? 'gone' : 'failed' });
    }
    // It did not even try, as the address is on its own list.
    case 'dropped':
      if (reason === 'Bounced Address') return ADDRESS_GONE;
      return reason === 'Spam Reporting Address' ? toComplaint() : null;
    case 'spamreport':
      return toComplaint();
    // `deferred` comes at each try, and a bounce in the end.
    default:
      return null;
  }
}
