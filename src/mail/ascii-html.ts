/**
 * HTML that says every character in ASCII, by references: a mail then needs no encoding on the way, and in memory it takes
 * one byte a character where a single dash would make it two.
 */

/** By pairs instead of the flag `u`, with which a look through a digest takes four times as long. */
const NOT_ASCII = /[\ud800-\udbff][\udc00-\udfff]|[^\t\r\n\x20-\x7e]/g;
const NOT_ASCII_OR_TAG = new RegExp(`<%[\\s\\S]*?%>|${NOT_ASCII.source}`, 'g');
const MARKUP_OR_NOT_ASCII = new RegExp(`[&<>"']|${NOT_ASCII.source}`, 'g');
/** As the `g` of the others would have it begin where it last ended. */
const NEEDS_ESCAPING = new RegExp(MARKUP_OR_NOT_ASCII.source);
const REFERENCE = /&#(\d+);/g;
const MARKUP: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const refer = (character: string) => `&#${character.codePointAt(0)};`;

/** What a template writes between tags or into a quoted attribute. */
export function escapeToAscii(value: unknown): string {
  const text = String(value);
  if (!NEEDS_ESCAPING.test(text)) return text;
  return text.replace(MARKUP_OR_NOT_ASCII, (character) => MARKUP[character] ?? refer(character));
}

/** The source of a template, whose tags are left as they are: they hold code. */
export function templateToAscii(source: string): string {
  return source.replace(NOT_ASCII_OR_TAG, (part) => (part.startsWith('<%') ? part : refer(part)));
}

/** HTML of whatever origin. */
export function toAscii(html: string): string {
  return html.replace(NOT_ASCII, refer);
}

export function countReferences(html: string): number {
  return count(html, REFERENCE);
}

/** The characters themselves again, but for those that HTML needs as references. */
export function fromReferences(html: string): string {
  return html.replace(REFERENCE, (reference, code) =>
    Number(code) > 0x7f && Number(code) <= 0x10ffff ? String.fromCodePoint(Number(code)) : reference,
  );
}

/** How many characters of the text are not ASCII. */
export function countNotAscii(text: string): number {
  return count(text, NOT_ASCII);
}

function count(text: string, pattern: RegExp): number {
  let found = 0;
  for (const _ of text.matchAll(pattern)) found++;
  return found;
}
