/** Messages of Amazon SNS, which carry the notices of SES: their form, and the proof that Amazon signed them. Pure. */
import { createVerify, X509Certificate } from 'node:crypto';
import { z } from 'zod';

const common = {
  MessageId: z.string(),
  TopicArn: z.string(),
  Message: z.string(),
  Timestamp: z.string(),
  SignatureVersion: z.enum(['1', '2']),
  Signature: z.string().max(2000),
  SigningCertURL: z.string().max(500),
};

export const snsMessageSchema = z.discriminatedUnion('Type', [
  z.object({ Type: z.literal('Notification'), Subject: z.string().nullish(), ...common }),
  z.object({
    Type: z.enum(['SubscriptionConfirmation', 'UnsubscribeConfirmation']),
    Token: z.string(),
    SubscribeURL: z.string().max(2000),
    ...common,
  }),
]);

type SnsMessage = z.infer<typeof snsMessageSchema>;

/** In this form alone; the third field is the region. */
export const TOPIC_ARN = /^arn:aws[a-z-]*:sns:([a-z0-9-]{1,40}):\d{12}:[\w-]{1,256}$/;

/** The address, where it is one of the SNS of the topic's own region; null for any other. */
export function readSnsUrl(text: string, topicArn: string): URL | null {
  const region = TOPIC_ARN.exec(topicArn)?.[1];
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!region || !url || url.protocol !== 'https:' || url.username || url.password) return null;
  // With the port, so that no other than the usual one passes.
  return url.host === `sns.${region}.amazonaws.com` ? url : null;
}

/** Whether the owner of the certificate signed this message, with a certificate that is in force. */
export function isSignedBy(message: SnsMessage, pem: string, now: Date): boolean {
  try {
    const certificate = new X509Certificate(pem);
    const inForce = new Date(certificate.validFrom) <= now && now <= new Date(certificate.validTo);
    const algorithm = message.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256';
    return (
      inForce &&
      createVerify(algorithm)
        .update(textToSign(message))
        .verify(certificate.publicKey, message.Signature, 'base64')
    );
  } catch {
    // No certificate, or none for RSA: nothing is proven by it.
    return false;
  }
}

/** In this order, each with its name; a message has those of its type. */
const SIGNED = ['Message', 'MessageId', 'Subject', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];

function textToSign(message: SnsMessage): string {
  const fields = new Map(Object.entries(message));
  return SIGNED.map((name) => {
    const value = fields.get(name);
    return typeof value === 'string' ? `${name}\n${value}\n` : '';
  }).join('');
}
