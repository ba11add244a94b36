/** Mail addresses: which are accepted, and when two of them are the same subscriber. */
import { createHash } from 'node:crypto';
import { domainToASCII } from 'node:url';

const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const DOMAIN =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
/** An IP address without its brackets, which a browser also makes of `1` and `0x7f000001`; no top level is a number. */
const ALL_DIGITS = /(?:^|\.)\d+$/;

/**
 * Reads an address as typed. The domain may be internationalised and is kept as punycode;
 * the part before the @ must be ASCII, since few mail servers offer SMTPUTF8 (RFC 6531).
 * `normalised` is what one subscriber is known by: all in lower case, as every large provider treats it.
 * Returns null for anything else, header injection included; limits are RFC 5321's (64 and 254 octets).
 */
export function parseAddress(typed: string): { address: string; normalised: string; domain: string } | null {
  const text = typed.trim();
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const typedDomain = text.slice(at + 1);
  // domainToASCII reads as a browser does: it drops line breaks, decodes %61, and stops at a slash.
  if (/[\s\p{Cc}%/\\?#]/u.test(typedDomain)) return null;
  const domain = domainToASCII(typedDomain);
  const address = `${local}@${domain}`;
  if (at < 1 || local.length > 64 || address.length > 254) return null;
  // `ada@gmail` is a slip of the pen; a machine's own name is not.
  if (!domain.includes('.') && domain !== 'localhost') return null;
  if (!LOCAL_PART.test(local) || !DOMAIN.test(domain) || ALL_DIGITS.test(domain)) return null;
  return { address, normalised: address.toLowerCase(), domain };
}

/** Reads `Name <a@b.org>` or `a@b.org`; null where it is neither. */
export function parseMailbox(text: string): { name: string; address: string; domain: string } | null {
  const match = /^\s*(?:"?([^"<>\r\n]*?)"?\s*<([^<>\s]+)>|(\S+))\s*$/.exec(text);
  const parsed = parseAddress(match?.[2] ?? match?.[3] ?? '');
  return parsed && { name: match?.[1] ?? '', address: parsed.address, domain: parsed.domain };
}

/** What stays of an address in the suppression list, also after its subscriber is erased (SHA-256, hex). */
export function hashAddress(normalised: string): string {
  return createHash('sha256').update(normalised).digest('hex');
}
