/** Which addresses are taken, and when two of them are one subscriber. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashAddress, parseAddress, parseMailbox } from '../../../src/mail/address.ts';

describe('an address', () => {
  it.each([
    ['ada@example.org', 'ada@example.org'],
    ['  ada@example.org\t', 'ada@example.org'],
    ['Ada.Lovelace@Example.ORG', 'ada.lovelace@example.org'],
    ['ada+papers@example.org', 'ada+papers@example.org'],
    ["o'brien_x-y=z@example.org", "o'brien_x-y=z@example.org"],
    ["!#$%&'*+/=?^_`{|}~-@example.org", "!#$%&'*+/=?^_`{|}~-@example.org"],
    ['1@example.org', '1@example.org'],
    ['ada@mail.example.co.uk', 'ada@mail.example.co.uk'],
    ['ada@localhost', 'ada@localhost'],
    ['ada@4u.example', 'ada@4u.example'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@XN--BCHER-KVA.example', 'ada@xn--bcher-kva.example'],
    ['ada@faß.example', 'ada@xn--fa-hia.example'],
    ['ada@例え.テスト', 'ada@xn--r8jz45g.xn--zckzah'],
    ['ada@ｅｘａｍｐｌｅ．org', 'ada@example.org'],
    [`${'a'.repeat(64)}@example.org`, `${'a'.repeat(64)}@example.org`],
    [`ada@${'a'.repeat(63)}.org`, `ada@${'a'.repeat(63)}.org`],
  ])('is taken: %j', (typed, normalised) => {
    expect(parseAddress(typed)).toMatchObject({
      normalised,
      domain: normalised.slice(normalised.lastIndexOf('@') + 1),
    });
  });

  it.each([
    '',
    '@',
    'ada',
    'ada@',
    'ada@gmail',
    '@example.org',
    'ada@example.org@',
    'ada@eve@example.org',
    '.ada@example.org',
    'ada.@example.org',
    'a..b@example.org',
    'ada lovelace@example.org',
    '"ada"@example.org',
    'ada(comment)@example.org',
    'ada,eve@example.org',
    'ada;eve@example.org',
    '<ada@example.org>',
    'ada@exa mple.org',
    'ada@.org',
    'ada@example..org',
    'ada@example.org.',
    'ada@-example.org',
    'ada@example-.org',
    'ada@exa_mple.org',
    'ada@[192.0.2.1]',
    'ada@192.0.2.1',
    'ada@0x7f000001',
    'ada@1',
    'ada@example.123',
    'ada@example.org:25',
    'ada@example.org/path',
    'ada@example.org?subject=x',
    'ada@example.org#x',
    'ada@example.org\\x',
    'ada@ex%61mple.org',
    'ada@exam\tple.org',
    'ada@exam\nple.org',
    'ada@example.org\r\nBcc: eve@example.org',
    'ada\r\n@example.org',
    'ada\0@example.org',
    'ada@example\0.org',
    'jürgen@example.org',
    '😀@example.org',
    'аda@example.org',
    '\u202eada@example.org',
    'ada@exa\u202emple.org',
    'ada\u200b@example.org',
    'ada@xn--zz--.org',
    `${'a'.repeat(65)}@example.org`,
    `ada@${'a'.repeat(64)}.org`,
    `ada@${'ä'.repeat(60)}.example`,
    `${'a'.repeat(60)}@${'a23456789.'.repeat(20)}org`,
  ])('is refused: %j', (typed) => expect(parseAddress(typed)).toBeNull());

  it('of 254 characters is taken, of 255 refused', () => {
    const address = (length: number) =>
      `ada@${'a'.repeat(60)}.${'b'.repeat(62)}.${'c'.repeat(62)}.${'d'.repeat(length - 195)}.org`;
    expect(address(254)).toHaveLength(254);
    expect(parseAddress(address(254))).not.toBeNull();
    expect(parseAddress(address(255))).toBeNull();
  });

  it('whose domain only looks like another is another subscriber', () => {
    // A Cyrillic а.
    expect(parseAddress('ada@exаmple.org')?.normalised).toBe('ada@xn--exmple-4nf.org');
  });

  it('keeps the case of its first part, as its own server may care', () => {
    expect(parseAddress('Ada@Example.org')).toEqual({
      address: 'Ada@example.org',
      normalised: 'ada@example.org',
      domain: 'example.org',
    });
  });

  it('whatever is typed, is one plain ASCII address or refused, and reads the same again', () => {
    const hostile = fc.string({
      unit: fc.constantFrom(
        'a',
        '@',
        '.',
        '-',
        '\r',
        '\n',
        ' ',
        '<',
        '>',
        ',',
        '%',
        '4',
        '0',
        '/',
        'ä',
        '\u202e',
        '\0',
      ),
    });
    const typed = fc.oneof(fc.emailAddress(), fc.string({ unit: 'grapheme' }), hostile);
    fc.assert(
      fc.property(typed, (text) => {
        const parsed = parseAddress(text);
        if (!parsed) return;
        expect(parsed.address).toMatch(/^[!-~]+$/);
        expect(parsed.address.split('@')).toHaveLength(2);
        expect(parsed.address).not.toMatch(/[<>,;:"()[\]\\]/);
        expect(parseAddress(parsed.normalised)?.normalised).toBe(parsed.normalised);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('a mailbox', () => {
  it.each([
    ['Paperboy <digest@example.org>', 'Paperboy', 'digest@example.org'],
    ['"Paper, boy" <digest@example.org>', 'Paper, boy', 'digest@example.org'],
    ['digest@example.org', '', 'digest@example.org'],
    ['<digest@example.org>', '', 'digest@example.org'],
    ['Bücher <digest@bücher.example>', 'Bücher', 'digest@xn--bcher-kva.example'],
  ])('is read: %j', (text, name, address) => expect(parseMailbox(text)).toMatchObject({ name, address }));

  it.each([
    '',
    'Paperboy',
    'Paperboy <>',
    'Paperboy <digest>',
    'a@b.org, c@d.org',
    'X\r\nBcc: e@f.org <a@b.org>',
  ])('is refused: %j', (text) => expect(parseMailbox(text)).toBeNull());
});

describe('the hash of an address', () => {
  it('is SHA-256 in hex, so that a suppression list from elsewhere can be compared', () => {
    expect(hashAddress('ada@example.org')).toMatch(/^[0-9a-f]{64}$/);
    expect(hashAddress('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });
});
