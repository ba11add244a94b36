/** Names and addresses of hosts, as far as sending and checks must tell them apart. Pure. */
import { BlockList, isIP } from 'node:net';

/** A name or address of this machine, with or without the brackets of a URL. */
export function isThisMachine(host: string): boolean {
  const bare = bareHost(host);
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|::1)$/i.test(bare);
}

const PRIVATE = new BlockList();
for (const [net, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['127.0.0.0', 8],
] as const) {
  PRIVATE.addSubnet(net, prefix, 'ipv4');
}
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addAddress('::1', 'ipv6');

/** An address that nobody outside sees: what comes from there comes to others from another one. */
export function isPrivateAddress(address: string): boolean {
  return PRIVATE.check(address, familyOf(address));
}

/** `[::1]` as `::1`. */
export function bareHost(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

/** In the words of node:net's BlockList. */
export function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
