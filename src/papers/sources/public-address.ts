/**
 * Keeps addresses that people typed or feeds redirect to out of the operator's own network: databases, routers and
 * the metadata services of clouds all answer to whoever asks from inside.
 */
import { lookup as dnsLookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { AppError } from '../../errors.ts';

/** Every address of a name, as `dns.promises.lookup` gives them with `all`. */
export type Lookup = (hostname: string) => Promise<{ address: string }[]>;

/** IANA's registry of special-purpose IPv4 addresses, multicast and the reserved top. */
const SPECIAL_V4 = blockList('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]);
/** All public IPv6 is in here, so that nothing else needs to be listed: loopback, link-local, unique-local, multicast … */
const GLOBAL_V6 = blockList('ipv6', ['2000::/3']);
/** Within it: protocol assignments with Teredo, documentation, and 6to4, which can carry any IPv4 address. */
const SPECIAL_V6 = blockList('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);
/** Networks without IPv4 reach all of it through this prefix, so these stand for the IPv4 address at their end. */
const NAT64 = blockList('ipv6', ['64:ff9b::/96']);

function blockList(family: 'ipv4' | 'ipv6', ranges: string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/');
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
}

const lookupAll: Lookup = (hostname) => dnsLookup(hostname, { all: true });

/**
 * Resolves where `url` is http(s), carries no user name or password, and all addresses of its host are public.
 * Ports are free: a public machine on an unusual port is no more than what anybody can reach, and `fetch` itself
 * refuses those of mail, IRC and the like.
 * Throws `SOURCE_ADDRESS_REFUSED`, or `SOURCE_UNREACHABLE` where the name has no address.
 */
export async function assertPublicAddress(url: URL | string, lookup: Lookup = lookupAll): Promise<void> {
  if (!URL.canParse(String(url))) throw refused('An address that is none');
  const { protocol, username, password, hostname, host } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') throw refused(`An address of the kind ${protocol}`);
  if (username !== '' || password !== '') throw refused(`A user name or password in the address of ${host}`);
  // The parser has turned every spelling of an IPv4 address (hex, octal, one number) into the usual one.
  const literal = hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(literal) ? [{ address: literal }] : await resolve(hostname, lookup);
  for (const { address } of addresses) {
    if (!isPublicIp(address)) throw refused(`${host}, which is not on the public internet,`);
  }
}

/** False for anything that isn't an IP address at all. */
export function isPublicIp(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !SPECIAL_V4.check(address, 'ipv4');
  // A zone (`%eth0`) comes with link-local addresses only.
  if (family !== 6 || address.includes('%')) return false;
  if (NAT64.check(address, 'ipv6')) return isPublicIp(lastFourBytes(address));
  return GLOBAL_V6.check(address, 'ipv6') && !SPECIAL_V6.check(address, 'ipv6');
}

/** The end of an IPv6 address in IPv4 notation. */
function lastFourBytes(address: string): string {
  // The URL parser brings all spellings to one: lower case, hexadecimal to the end.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':').slice(-2);
  return groups
    .flatMap((group) => [Number(`0x${group || 0}`) >> 8, Number(`0x${group || 0}`) & 255])
    .join('.');
}

async function resolve(hostname: string, lookup: Lookup): Promise<{ address: string }[]> {
  const addresses = await lookup(hostname).catch((cause: unknown) => {
    throw new AppError('SOURCE_UNREACHABLE', `${hostname} has no address.`, { cause, retry: true });
  });
  if (addresses.length > 0) return addresses;
  throw new AppError('SOURCE_UNREACHABLE', `${hostname} has no address.`, { retry: true });
}

function refused(what: string): AppError {
  return new AppError('SOURCE_ADDRESS_REFUSED', `${what} is refused as a source.`);
}
