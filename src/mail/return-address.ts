/**
 * The addresses on our own domain that mail comes back to: each names a delivery or a subscriber and proves that a mail
 * of ours carried it (`mail/message.ts` writes them). Whoever has not seen that mail can't make one.
 */
import type { Links } from './links.ts';

export type ReturnAddress =
  | { purpose: 'bounce'; deliveryId: number }
  | { purpose: 'unsubscribe'; subscriberId: number };

/** Servers may change the case. The number has no leading zero, so that an address has one form. */
const ADDRESS = /\b(bounce|unsubscribe)\+([1-9]\d{0,15})\.([0-9a-f]{16})@([a-z0-9.-]{1,253})/gi;
const MESSAGE_ID = /\bdelivery\.([1-9]\d{0,15})\.([0-9a-f]{16})@/gi;
/** In a report, what names the delivery stands in the header, or in the header that is sent back. */
const MAX_CHARACTERS = 1_000_000;

/** The fields by which servers tell whom a message came to. */
const RECIPIENT_FIELD = /^(?:delivered-to|x-original-to|envelope-to|to|cc):.*(?:\n[ \t].*)*/gim;

/** Null for any address but one of ours, rightly signed. */
export function readReturnAddress(links: Links, bounceDomain: string, address: string): ReturnAddress | null {
  for (const { text, to } of returnAddressesIn(links, bounceDomain, address)) {
    if (text.length === address.length) return to;
  }
  return null;
}

/**
 * What a whole message came to, where its envelope is lost: one of our addresses among its recipients, else the delivery
 * whose mail it sends back. An address for leaving counts among the recipients alone: every mail of ours carries one.
 */
export function findReturnAddressIn(
  links: Links,
  bounceDomain: string,
  raw: Uint8Array,
): ReturnAddress | null {
  const text = Buffer.from(raw).toString('latin1').slice(0, MAX_CHARACTERS).replace(/\r\n?/g, '\n');
  const end = text.indexOf('\n\n');
  const recipients = (end < 0 ? text : text.slice(0, end)).match(RECIPIENT_FIELD) ?? [];
  for (const { to } of returnAddressesIn(links, bounceDomain, recipients.join('\n'))) return to;
  const deliveryId = findDeliveryIn(links, bounceDomain, text);
  return deliveryId === null ? null : { purpose: 'bounce', deliveryId };
}

/** The delivery whose envelope sender or Message-ID stands in a text. */
export function findDeliveryIn(links: Links, bounceDomain: string, text: string): number | null {
  for (const { to } of returnAddressesIn(links, bounceDomain, text)) {
    if (to.purpose === 'bounce') return to.deliveryId;
  }
  for (const [, id = '', proof = ''] of text.matchAll(MESSAGE_ID)) {
    if (links.checkProof('message', Number(id), proof.toLowerCase())) return Number(id);
  }
  return null;
}

function* returnAddressesIn(
  links: Links,
  bounceDomain: string,
  text: string,
): Generator<{ text: string; to: ReturnAddress }> {
  for (const [whole, purpose = '', number = '', proof = '', domain = ''] of text.matchAll(ADDRESS)) {
    const id = Number(number);
    const name = purpose.toLowerCase();
    if (domain.toLowerCase() !== bounceDomain.toLowerCase()) continue;
    if (!links.checkProof(name, id, proof.toLowerCase())) continue;
    yield {
      text: whole,
      to:
        name === 'bounce'
          ? { purpose: 'bounce', deliveryId: id }
          : { purpose: 'unsubscribe', subscriberId: id },
    };
  }
}
