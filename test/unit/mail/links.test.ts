/** Signed links: each opens one thing, for its time, and nothing else, also while keys are rotated. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLinks, type LinkPurpose } from '../../../src/mail/links.ts';

const purposes: LinkPurpose[] = ['confirm', 'preferences', 'pause', 'unsubscribe', 'digest', 'more', 'less'];
const now = new Date('2026-11-24T09:30:00Z');
const signer = (...secrets: string[]) => createLinks({ secrets, publicUrl: 'https://papers.example.org' });
const links = signer('a secret for tests only');
const claims = { purpose: 'pause', id: 42, version: 3 } as const;

describe('a token', () => {
  it('gives back what it was made for', () => {
    for (const purpose of purposes) {
      const made = { purpose, id: Number.MAX_SAFE_INTEGER, version: 7 };
      expect(links.check(links.sign(made), purpose, now)).toEqual({ result: 'valid', ...made });
      const withPaper = { ...made, paperId: 4711 };
      expect(links.check(links.sign(withPaper), purpose, now)).toEqual({ result: 'valid', ...withPaper });
    }
  });

  it('opens nothing of another purpose', () => {
    for (const made of purposes) {
      for (const tried of purposes.filter((purpose) => purpose !== made)) {
        const token = links.sign({ purpose: made, id: 1, version: 1 });
        expect([made, tried, links.check(token, tried, now)]).toEqual([made, tried, { result: 'invalid' }]);
      }
    }
  });

  it('is invalid with any character changed, removed or added anywhere', () => {
    const token = links.sign(claims, new Date('2030-01-01'));
    const anyPlace = fc.integer({ min: 0, max: token.length });
    const anyText = fc.string({ maxLength: 3 });
    fc.assert(
      fc.property(anyPlace, fc.integer({ min: 0, max: 3 }), anyText, (at, removed, added) => {
        const forged = token.slice(0, at) + added + token.slice(at + removed);
        fc.pre(forged !== token);
        expect(links.check(forged, 'pause', now)).toEqual({ result: 'invalid' });
      }),
      { numRuns: 3000 },
    );
  });

  it('whatever a stranger sends, is invalid and throws nothing', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.constant('.'.repeat(500)),
    );
    fc.assert(
      fc.property(anything, (token) => {
        expect(links.check(token, 'unsubscribe', now)).toEqual({ result: 'invalid' });
      }),
    );
  });

  it('ends with the second it was made for, and without one never', () => {
    const token = links.sign({ ...claims, purpose: 'confirm' }, now);
    const at = (ms: number) => links.check(token, 'confirm', new Date(now.getTime() + ms)).result;
    expect([at(-1), at(0), at(1)]).toEqual(['valid', 'valid', 'expired']);
    expect(links.check(links.sign(claims), 'pause', new Date('2999-01-01')).result).toBe('valid');
  });

  it('that ran out and was tampered with is invalid, so that "expired" tells nothing to a stranger', () => {
    const token = links.sign(claims, new Date('2026-01-01'));
    expect(links.check(token, 'pause', now).result).toBe('expired');
    expect(links.check(`${token}x`, 'pause', now).result).toBe('invalid');
    expect(links.check(token, 'confirm', now).result).toBe('invalid');
  });

  it('needs no escaping in a URL and fits a line of a text mail', () => {
    const token = links.sign({ purpose: 'confirm', id: 1_000_000_000, version: 9 }, new Date('2099-01-01'));
    expect(encodeURIComponent(token)).toBe(token);
    expect(token.length).toBeLessThan(60);
  });
});

describe('when the secret is rotated', () => {
  const oldToken = signer('old secret').sign(claims);

  it('old links work as long as the old secret is kept behind the new one', () => {
    expect(signer('new secret', 'old secret').check(oldToken, 'pause', now).result).toBe('valid');
    expect(signer('new secret').check(oldToken, 'pause', now).result).toBe('invalid');
  });

  it('new links are made with the new secret alone', () => {
    const token = signer('new secret', 'old secret').sign(claims);
    expect(signer('new secret').check(token, 'pause', now).result).toBe('valid');
    expect(signer('old secret').check(token, 'pause', now).result).toBe('invalid');
  });

  it('there must be a secret', () => expect(() => signer()).toThrow());
});

describe('an address made of a link', () => {
  it('names its purpose under the public URL', () => {
    const folder = (purpose: LinkPurpose) =>
      new URL(links.url({ purpose, id: 1, version: 1 })).pathname.split('/')[1];
    expect(purposes.map(folder)).toEqual([
      'confirm',
      'preferences',
      'pause',
      'unsubscribe',
      'digests',
      'more',
      'less',
    ]);
    expect(links.url(claims)).toBe(`https://papers.example.org/pause/${links.sign(claims)}`);
  });
});

describe('the proof in a mail address', () => {
  it('is hex, so that a server may change its case, and differs by purpose, id and secret', () => {
    const proofs = [
      links.proof('bounce', 1),
      links.proof('bounce', 2),
      links.proof('message', 1),
      signer('another secret').proof('bounce', 1),
    ];
    expect(new Set(proofs).size).toBe(4);
    for (const proof of proofs) expect(proof).toMatch(/^[0-9a-f]{16}$/);
    expect(links.proof('bounce', 1)).toBe(proofs[0]);
  });

  it('holds for its purpose and number alone, and after its key was rotated out of the first place', () => {
    const proof = links.proof('bounce', 1);
    const rotated = signer('a newer secret', 'a secret for tests only');
    expect(rotated.proof('bounce', 1)).not.toBe(proof);
    expect(rotated.checkProof('bounce', 1, proof)).toBe(true);
    expect(links.checkProof('bounce', 2, proof)).toBe(false);
    expect(links.checkProof('unsubscribe', 1, proof)).toBe(false);
    expect(signer('another secret').checkProof('bounce', 1, proof)).toBe(false);
    expect(links.checkProof('bounce', 1, '')).toBe(false);
  });
});
