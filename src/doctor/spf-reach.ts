/** What an SPF record allows with all that it includes, as far as that can be told beforehand. */
import { BlockList, isIP } from 'node:net';
import { familyOf } from '../mail/hosts.ts';
import { type Dns, listAddresses, listMx, listTxt } from './dns.ts';
import { isSpf, parseSpf, type SpfTerm } from './spf-record.ts';

/** Receivers give up above this many look-ups, and take the record for broken (RFC 7208 4.6.4). */
export const MAX_LOOKUPS = 10;

export interface SpfReach {
  allowed: BlockList;
  /** How many look-ups a receiver makes that finds no match; counting ends some way above the limit. */
  lookups: number;
  /** `+all` somewhere on the way: everybody may send. */
  everybody: boolean;
  /** It allows more than could be told: macros, `exists`, `ptr`. */
  unclear: boolean;
  /** Domains whose record is missing, doubled or can't be read: receivers take the whole for broken. */
  broken: string[];
}

/** Follows a domain's record. What it forbids is left out: it tells who may send, not who may not. */
export async function followSpf(dns: Dns, domain: string): Promise<SpfReach> {
  const reach: SpfReach = {
    allowed: new BlockList(),
    lookups: 0,
    everybody: false,
    unclear: false,
    broken: [],
  };
  await follow(dns, domain, reach);
  return reach;
}

async function follow(dns: Dns, domain: string, reach: SpfReach): Promise<void> {
  // A record that includes itself would never end.
  if (reach.lookups > 2 * MAX_LOOKUPS) return;
  const records = (await listTxt(dns, domain)).filter(isSpf);
  const record = records.length === 1 ? parseSpf(records[0] ?? '') : null;
  if (!record) {
    reach.broken.push(domain);
    return;
  }
  for (const term of record.terms) await add(dns, domain, term, reach);
  // With `all` in it, a redirect is never looked at.
  if (record.redirect === null || record.terms.some(({ mechanism }) => mechanism === 'all')) return;
  reach.lookups += 1;
  if (record.redirect.includes('%')) reach.unclear = true;
  else await follow(dns, record.redirect, reach);
}

async function add(dns: Dns, domain: string, term: SpfTerm, reach: SpfReach): Promise<void> {
  const { mechanism, qualifier } = term;
  const target = term.value ?? domain;
  if (!['all', 'ip4', 'ip6'].includes(mechanism)) reach.lookups += 1;
  if (mechanism === 'all') reach.everybody ||= qualifier === '+';
  else if (qualifier !== '+') reach.unclear ||= mechanism !== 'include';
  else if (mechanism === 'ptr' || mechanism === 'exists' || target.includes('%')) reach.unclear = true;
  else if (mechanism === 'include') await follow(dns, target, reach);
  else for (const address of await addressesOf(dns, mechanism, target)) allow(reach, address, term);
}

async function addressesOf(dns: Dns, mechanism: SpfTerm['mechanism'], target: string): Promise<string[]> {
  if (mechanism === 'a') return listAddresses(dns, target);
  if (mechanism !== 'mx') return [target];
  const hosts = await listMx(dns, target);
  return (await Promise.all(hosts.slice(0, MAX_LOOKUPS).map((host) => listAddresses(dns, host)))).flat();
}

function allow({ allowed }: SpfReach, address: string, { prefix4, prefix6 }: SpfTerm): void {
  if (!isIP(address)) return;
  const family = familyOf(address);
  allowed.addSubnet(address, family === 'ipv4' ? prefix4 : prefix6, family);
}
