/** Which addresses of feeds are on the public internet. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertPublicAddress, isPublicIp } from '../../../src/papers/sources/public-address.ts';

const refused = { code: 'SOURCE_ADDRESS_REFUSED', retry: false };
const never = () => Promise.reject(new Error('asked for the address of an address'));
const resolvesTo =
  (...addresses: string[]) =>
  async () =>
    addresses.map((address) => ({ address }));

describe('assertPublicAddress', () => {
  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://127.0.0.1./',
    'http://１２７.0.0.1/',
    'http://0.0.0.0/',
    'http://0/',
    'http://10.1.2.3/',
    'http://100.64.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.0.2.1/',
    'http://192.168.1.1/',
    'http://198.18.0.1/',
    'http://198.51.100.7/',
    'http://203.0.113.7/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://[::]/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:a00:1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::10.0.0.1]/',
    'http://[64:ff9b:1::8.8.8.8]/',
    'http://[fe80::1]/',
    'http://[fec0::1]/',
    'http://[fc00::1]/',
    'http://[fd00:ec2::254]/',
    'http://[ff02::1]/',
    'http://[2001:db8::1]/',
    'http://[2001::1]/',
    'http://[2002:7f00:1::]/',
    'http://[3fff::1]/',
  ])('refuses %s without asking anyone', async (url) => {
    await expect(assertPublicAddress(url, never)).rejects.toMatchObject(refused);
  });

  it.each([
    'http://8.8.8.8/',
    'https://[2606:4700::1111]/',
    'https://[64:ff9b::8.8.8.8]/',
    'http://1.1.1.1:8081/',
  ])('lets %s pass', async (url) => {
    await expect(assertPublicAddress(url, never)).resolves.toBeUndefined();
  });

  it.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'ftp://example.org/',
    'gopher://example.org/',
    'no address',
  ])('refuses %s', async (url) => {
    await expect(assertPublicAddress(url, never)).rejects.toMatchObject(refused);
  });

  it('refuses a name and password, and does not repeat them', async () => {
    const answer = assertPublicAddress('https://user:hunter2@example.org/', resolvesTo('8.8.8.8'));
    await expect(answer).rejects.toMatchObject(refused);
    await expect(answer).rejects.not.toThrow('hunter2');
  });

  it('wants every address of a name to be public', async () => {
    const url = new URL('https://feeds.example.org/rss');
    await expect(assertPublicAddress(url, resolvesTo('8.8.8.8', '2606:4700::1111'))).resolves.toBeUndefined();
    for (const hidden of ['10.0.0.1', '::1', 'fe80::1%eth0', '::ffff:192.168.0.1', 'not an address']) {
      await expect(assertPublicAddress(url, resolvesTo('8.8.8.8', hidden))).rejects.toMatchObject(refused);
    }
  });

  it('calls a name without address unreachable', async () => {
    const unreachable = { code: 'SOURCE_UNREACHABLE', retry: true };
    await expect(assertPublicAddress('https://none.example/', resolvesTo())).rejects.toMatchObject(
      unreachable,
    );
    await expect(assertPublicAddress('https://none.example/', never)).rejects.toMatchObject(unreachable);
  });

  it('asks the system by default', async () => {
    await expect(assertPublicAddress('http://localhost:1/')).rejects.toMatchObject(refused);
  });
});

describe('isPublicIp', () => {
  it('judges an IPv4 address as it does the same one behind NAT64', () => {
    fc.assert(
      fc.property(fc.ipV4(), (ip) => {
        expect(isPublicIp(`64:ff9b::${ip}`)).toBe(isPublicIp(ip));
        expect(isPublicIp(`::ffff:${ip}`)).toBe(false);
      }),
    );
  });

  it('takes no other text for an address', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/^[\d.:a-f]+$/i.test(text));
        expect(isPublicIp(text)).toBe(false);
      }),
    );
  });
});
