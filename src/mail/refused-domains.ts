/** The domains that the operator keeps from subscribing, such as those of throwaway addresses. Pure. */
import { domainToASCII } from 'node:url';

const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9_-]{1,63}\.)+[a-z0-9-]{2,63}$/;

/** One domain a list entry or line of a file; `#` begins a comment. `fault` is the first entry that is none. */
export function parseDomains(entries: readonly string[]): { domains: string[] } | { fault: string } {
  const domains: string[] = [];
  for (const entry of entries) {
    const text = entry.replace(/#.*/, '').trim();
    if (text === '') continue;
    const domain = domainToASCII(text.replace(/^(?:\*?\.)/, ''));
    if (!DOMAIN.test(domain)) return { fault: text };
    domains.push(domain);
  }
  return { domains };
}

/** A domain is refused with all its subdomains. `domain` is in lower case, as `parseAddress` normalises it. */
export function isRefusedDomain(domain: string, refused: ReadonlySet<string>): boolean {
  if (refused.size === 0) return false;
  const labels = domain.split('.');
  return labels.some((_, from) => refused.has(labels.slice(from).join('.')));
}
