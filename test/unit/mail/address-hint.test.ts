/** Help with mistyped addresses: it finds the usual slips, and leaves real domains alone. */
import { describe, expect, it } from 'vitest';
import { suggestAddress } from '../../../src/mail/address-hint.ts';
import { mistypedAddresses, realDomains } from '../../support/typed-addresses.ts';

describe('a mistyped address', () => {
  it.each(mistypedAddresses)('%s is met with %s', (typed, meant) => {
    expect(suggestAddress(typed)).toBe(meant);
    expect(suggestAddress(meant)).toBeNull();
  });
});

describe('a real domain', () => {
  it('of a list of sixty and more gets no hint', () => {
    expect(realDomains.length).toBeGreaterThanOrEqual(60);
    expect(realDomains.filter((domain) => suggestAddress(`ada@${domain}`) !== null)).toEqual([]);
  });

  it.each(['constructor', 'tostring', '__proto__', 'localhost'])(
    'is none that a program knows: %s',
    (end) => {
      expect(suggestAddress(`ada@example.${end}`)).toBeNull();
      expect(suggestAddress(`ada@${end}`)).toBeNull();
    },
  );
});
