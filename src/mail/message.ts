/** One mail, ready for the transport: addresses, headers and both bodies. Pure; the rules are those of RFC 5322, 2369, 8058 and 3834. */
import type { Links } from './links.ts';

export interface MailMessage {
  envelope: { from: string; to: string };
  from: { name: string; address: string };
  to: string;
  subject: string;
  messageId: string;
  date: Date;
  headers: Record<string, string>;
  text: string;
  html: string;
}

export interface MailSender {
  from: { name: string; address: string; domain: string };
  bounceDomain: string;
  publicUrl: string;
}

/**
 * Builds the message of a delivery. The same delivery gives the same Message-ID and envelope sender,
 * so a mail sent twice can be recognised, and a bounce finds its delivery.
 */
export function buildMessage(
  sender: MailSender,
  links: Links,
  delivery: {
    id: number;
    kind: 'confirm' | 'already_subscribed' | 'new_address' | 'digest';
    to: string;
    /** Null where it goes to someone who may not be the subscriber: no link or address to leave then. */
    unsubscribeUrl: string | null;
    subscriberId: number;
  },
  content: { subject: string; text: string; html: string },
  date: Date,
): MailMessage {
  const { domain } = sender.from;
  const bulk = delivery.kind === 'digest';
  const unsubscribeAddress = `unsubscribe+${delivery.subscriberId}.${links.proof('unsubscribe', delivery.subscriberId)}@${sender.bounceDomain}`;
  return {
    // VERP: the address that a bounce comes back to names the delivery.
    envelope: {
      from: `bounce+${delivery.id}.${links.proof('bounce', delivery.id)}@${sender.bounceDomain}`,
      to: delivery.to,
    },
    from: { name: sender.from.name, address: sender.from.address },
    to: delivery.to,
    subject: oneLine(content.subject),
    messageId: `<delivery.${delivery.id}.${links.proof('message', delivery.id)}@${domain}>`,
    date,
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'List-Id': `Paperboy <${bulk ? 'digest' : 'service'}.${domain}>`,
      'List-Help': `<${sender.publicUrl}/>`,
      ...(delivery.unsubscribeUrl
        ? {
            'List-Unsubscribe': `<${delivery.unsubscribeUrl}>, <mailto:${unsubscribeAddress}?subject=unsubscribe>`,
            'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
          }
        : {}),
      'Feedback-ID': `${delivery.kind}:paperboy:${domain}`,
      ...(bulk ? { Precedence: 'bulk' } : {}),
    },
    text: content.text,
    html: content.html,
  };
}

/** A subject may hold a paper's title; line breaks in it would be headers of their own. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
