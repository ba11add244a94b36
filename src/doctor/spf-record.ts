/** SPF records (RFC 7208), read but not judged: what stands in one, without any question to DNS. Pure. */

export interface SpfTerm {
  qualifier: '+' | '-' | '~' | '?';
  mechanism: 'all' | 'include' | 'a' | 'mx' | 'ptr' | 'ip4' | 'ip6' | 'exists';
  /** A domain or an address; null where none is given, which means the record's own domain. */
  value: string | null;
  /** Length of the network part, for IPv4 and IPv6. */
  prefix4: number;
  prefix6: number;
}

export interface SpfRecord {
  terms: SpfTerm[];
  redirect: string | null;
}

const TERM =
  /^([-+~?]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?::([^\s/]+))?(?:\/(\d{1,3}))?(?:\/\/(\d{1,3}))?$/i;
const MODIFIER = /^([a-z][a-z0-9_.-]*)=(\S*)$/i;

export function isSpf(text: string): boolean {
  return /^v=spf1( |$)/i.test(text);
}

/** Null where a receiver could not read it either, which it then takes for an error for good. */
export function parseSpf(text: string): SpfRecord | null {
  const record: SpfRecord = { terms: [], redirect: null };
  for (const word of text.trim().split(/ +/).slice(1)) {
    const [, name, target = ''] = MODIFIER.exec(word) ?? [];
    if (name !== undefined) {
      if (name.toLowerCase() === 'redirect') record.redirect = target;
      continue;
    }
    const term = parseTerm(word);
    if (!term) return null;
    record.terms.push(term);
  }
  return record;
}

function parseTerm(word: string): SpfTerm | null {
  const [, qualifier = '', mechanism, value = null, first, second] = TERM.exec(word) ?? [];
  if (mechanism === undefined) return null;
  const name = mechanism.toLowerCase() as SpfTerm['mechanism'];
  if (['include', 'exists', 'ip4', 'ip6'].includes(name) && value === null) return null;
  const prefix4 = Number(first ?? 32);
  const prefix6 = Number((name === 'ip6' ? first : second) ?? 128);
  if ((name !== 'ip6' && prefix4 > 32) || prefix6 > 128) return null;
  return { qualifier: (qualifier || '+') as SpfTerm['qualifier'], mechanism: name, value, prefix4, prefix6 };
}
