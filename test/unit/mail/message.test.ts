/** The message of a delivery: no text from outside becomes a header, and the same delivery gives the same identity. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLinks } from '../../../src/mail/links.ts';
import { buildMessage } from '../../../src/mail/message.ts';

const links = createLinks({ secrets: ['a secret for tests only'], publicUrl: 'https://papers.example.org' });
const sender = {
  from: { name: 'Paperboy', address: 'digest@example.org', domain: 'example.org' },
  bounceDomain: 'bounces.example.org',
  publicUrl: 'https://papers.example.org',
};
const delivery = {
  id: 7,
  kind: 'digest' as const,
  to: 'ada@example.net',
  subscriberId: 42,
  unsubscribeUrl: 'https://papers.example.org/unsubscribe/token',
};
const date = new Date('2026-11-24T09:30:00Z');
const build = (subject = 'Hands that feel', changes: Partial<typeof delivery> = {}) =>
  buildMessage(sender, links, { ...delivery, ...changes }, { subject, text: 't', html: 'h' }, date);

describe('the subject', () => {
  it.each([
    ['A\r\nBcc: eve@evil.example', 'A Bcc: eve@evil.example'],
    ['A\u2028B\u2029C\u0085D\0E\tF\u007fG', 'A B C D E F G'],
    [' \n Größe 🤖 \r ', 'Größe 🤖'],
  ])('is one line: %j', (title, subject) => expect(build(title).subject).toBe(subject));

  it('holds no control character, whatever a paper is called', () => {
    const unit = fc.oneof(
      fc.constantFrom('\r', '\n', '\0', '\u2028', '\u0085', 'a'),
      fc.string({ maxLength: 1, unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.string({ unit }), (title) => {
        expect(build(title).subject).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      }),
    );
  });
});

describe('the identity of a mail', () => {
  it('is that of its delivery: the same again for the same one, another for another', () => {
    const identity = ({ messageId, envelope }: ReturnType<typeof build>) => [messageId, envelope.from];
    expect(identity(build('now'))).toEqual(identity(build('later')));
    const others = [build(), build('x', { id: 8 })].map((message) => identity(message));
    expect(new Set(others.flat()).size).toBe(4);
  });

  it('can not be guessed from the number of another', () => {
    const proofs = [1, 2, 11].map((id) => /\.([0-9a-f]{16})@/.exec(build('x', { id }).envelope.from)?.[1]);
    expect(new Set(proofs).size).toBe(3);
  });
});

describe('the headers', () => {
  it('let a mail program leave in one click, and a human by mail', () => {
    const { headers } = build();
    expect(headers['List-Unsubscribe-Post']).toBe('List-Unsubscribe=One-Click');
    expect(headers['List-Unsubscribe']).toMatch(
      /^<https:\/\/papers\.example\.org\/unsubscribe\/token>, <mailto:unsubscribe\+42\.[0-9a-f]{16}@bounces\.example\.org\?subject=unsubscribe>$/,
    );
  });

  it('call only a digest bulk, so that a mail someone waits for is not held back', () => {
    expect(build().headers).toHaveProperty('Precedence', 'bulk');
    const { headers } = buildMessage(
      sender,
      links,
      { ...delivery, kind: 'confirm' },
      { subject: 's', text: 't', html: 'h' },
      date,
    );
    expect(headers).not.toHaveProperty('Precedence');
  });
});
