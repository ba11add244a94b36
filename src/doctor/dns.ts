/** Questions to DNS, where "there is none" is an answer and everything else is not. */
import type { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { bareHost, isPrivateAddress, isThisMachine } from '../mail/hosts.ts';

/** A `Resolver` of node:dns/promises, with servers and timeouts as its maker chose. */
export type Dns = Pick<Resolver, 'resolve4' | 'resolve6' | 'resolveMx' | 'resolveTxt' | 'reverse' | 'cancel'>;

/** The TXT records of a name, each as one string. */
export async function listTxt(dns: Dns, name: string): Promise<string[]> {
  const records = await orNone(dns.resolveTxt(name));
  return records.map((strings) => strings.join(''));
}

/** The mail servers of a domain, the preferred first. RFC 7505's "no mail here" is one with an empty name. */
export async function listMx(dns: Dns, name: string): Promise<string[]> {
  const records = await orNone(dns.resolveMx(name));
  return records.sort((a, b) => a.priority - b.priority).map(({ exchange }) => exchange);
}

/** IPv4 and IPv6; of an address, itself; without private ones, as which address others see then can't be known. */
export async function listAddresses(dns: Dns, host: string): Promise<string[]> {
  const bare = bareHost(host);
  if (isThisMachine(bare)) return [];
  const addresses = isIP(bare) ? [bare] : await lookUp(dns, bare);
  return addresses.filter((address) => !isPrivateAddress(address));
}

async function lookUp(dns: Dns, name: string): Promise<string[]> {
  const both = await Promise.all([orNone(dns.resolve4(name)), orNone(dns.resolve6(name))]);
  return both.flat();
}

export async function listNames(dns: Dns, address: string): Promise<string[]> {
  return orNone(dns.reverse(address));
}

/** No such name, or none of such records: the same to every check. */
async function orNone<T>(asking: Promise<T[]>): Promise<T[]> {
  try {
    return await asking;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
    throw error;
  }
}
