/** REFUSE_DOMAINS: domains and files of them, each with its subdomains, and a start that ends where one can't be read. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import { isRefusedDomain } from '../../../src/mail/refused-domains.ts';

const folder = mkdtempSync(join(tmpdir(), 'paperboy-domains-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, `${Math.random()}.txt`);
  writeFileSync(path, text);
  return path;
}
const refused = (REFUSE_DOMAINS: string) => loadConfig({ REFUSE_DOMAINS }).refusedDomains;

describe('the setting', () => {
  it('is empty where nothing is set', () => expect(loadConfig({}).refusedDomains.size).toBe(0));

  it('takes domains and files of them, in any letters and scripts', () => {
    const path = file(
      '# throwaway\r\nmailinator.com\r\n\r\n*.Example.NET # and below\nmüller.example\n.dotted.example',
    );
    expect([...refused(`10minutemail.com, @${path}`)]).toEqual([
      '10minutemail.com',
      'mailinator.com',
      'example.net',
      'xn--mller-kva.example',
      'dotted.example',
    ]);
  });

  it('says which entry is no domain, and which file can not be read', () => {
    expect(() => refused('mailinator')).toThrow('REFUSE_DOMAINS has an entry that is no domain: mailinator.');
    expect(() => refused(`@${file('good.example\nada@example.org')}`)).toThrow(/ada@example\.org/);
    expect(() => refused('@/no/such/file')).toThrow(
      "REFUSE_DOMAINS names a file that can't be read: /no/such/file.",
    );
  });
});

describe('a refused domain', () => {
  it.each([
    ['mailinator.com', true],
    ['a.b.mailinator.com', true],
    ['notmailinator.com', false],
    ['mailinator.com.example.org', false],
    ['com', false],
  ])('%s: %s', (domain, expected) =>
    expect(isRefusedDomain(domain, refused('mailinator.com'))).toBe(expected),
  );
});
