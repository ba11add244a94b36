/** The small readers that `latex.ts` puts together: escapes and accents, addresses, and what is money rather than a formula. */
import { ACCENTS, accented, symbolFor } from './latex-symbols.ts';

export interface Cursor {
  readonly text: string;
  at: number;
  /** Groups the cursor is inside of. */
  depth: number;
  /** Closing marks that the rest of the text is known not to hold. */
  missing: Set<string>;
}

export function cursorOn(text: string): Cursor {
  return { text, at: 0, depth: 0, missing: new Set() };
}

/** Where `mark` comes next, or -1. Looks for a missing one only once, or a thousand unclosed `\\(` would cost a million steps. */
export function findClose(cursor: Cursor, mark: string, from: number): number {
  if (cursor.missing.has(mark)) return -1;
  const at = cursor.text.indexOf(mark, from);
  if (at < 0) cursor.missing.add(mark);
  return at;
}

/** Whether the text between two dollar signs is prose between two prices: `5 and `, `1M-` before a digit. */
export function isMoney(body: string, next: string): boolean {
  if (body.trim() === '') return true;
  if (/[\\^_{}]/.test(body)) return false;
  const words = body.match(/(?<=^|\s)\p{L}{2,}(?=\s|$)/gu)?.length ?? 0;
  if (/^\d/.test(body))
    return /\s$/.test(body) || /\d/.test(next) || words > 1 || /\s\p{Ll}{2,}\s/u.test(body);
  return /^\s*\p{L}{2,}.*\s$/su.test(body) || words > 3;
}

/** Whether the dollar at `at` ends a word and begins nothing, as the second of a pair does whose first was lost. */
export function isLeftOverDollar(text: string, at: number): boolean {
  return /^\p{Ll}\$(?:[\s.,;:)]|$)/u.test(text.slice(Math.max(0, at - 1), at + 2));
}

/** Whether a command so named is likely the authors' own: one capital is, unless patterns (`\S+`) use it. */
export function isMacroName(name: string): boolean {
  return name.length > 1 || /^[CE-RT-VXY]$/.test(name);
}

/**
 * Whether braces hold a set or a record rather than words that LaTeX keeps together. A colon after several words is one
 * within a title.
 */
export function isListing(inner: string): boolean {
  if (inner.length > 120 || inner.includes('://')) return false;
  return /[^,;|=][,;|=]+\s*[^,;|=\s]|^\s*[^\s:]+\s*:+\s*[^:\s]/.test(inner);
}

const POINTS_AT_ADDRESS =
  /^(?:blue|the|this|our|here|https?|url|link|page|website|repository|repo|code|project|homepage|\s|\.)+$/i;

/**
 * What feeds that drop `\href` leave of it is `https://site{label}`: the label in brackets,
 * '' where it only points at the address again, null where `before` ends in no address.
 */
export function afterAddress(before: string, label: string): string | null {
  const address = /https?:\/\/[^\s{}]+$/.exec(before.slice(-300))?.[0];
  if (!address) return null;
  const text = label.trim();
  return text === '' || address.includes(text) || text.includes('://') || POINTS_AT_ADDRESS.test(text)
    ? ''
    : ` (${text})`;
}

const OPTION = /\[[^\]{}]{0,60}\](?=\{)/y;

/** `\textcolor[RGB]{…}`: nothing in such an option is for the reader. */
export function skipOption(cursor: Cursor): void {
  OPTION.lastIndex = cursor.at;
  if (OPTION.test(cursor.text)) cursor.at = OPTION.lastIndex;
}

/** An address is taken as it stands, but for LaTeX's own escapes. Returns '' where no group follows. */
export function readVerbatim(cursor: Cursor): string {
  if (cursor.text[cursor.at] !== '{') return '';
  const end = findClose(cursor, '}', cursor.at);
  if (end < 0) return '';
  const inner = cursor.text.slice(cursor.at + 1, end);
  cursor.at = end + 1;
  return inner.replace(/\\([_%#&~$])/g, '$1').trim();
}

/** `a+b` → `(a+b)`, so that it may stand under a root or beside a slash. */
export function operand(text: string): string {
  return /^[^\s+\-−=,/]*$/.test(text) ? text : `(${text})`;
}

/** arXiv's own `\unicode{x2014}`. */
export function codePoint(hex: string): string {
  const code = Number.parseInt(hex.replace(/^x/i, ''), 16);
  return code > 0x1f && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
    ? String.fromCodePoint(code)
    : '';
}

/** What follows an accent: `e`, `{e}`, `\i`, `{\i}`. */
const ACCENTED = /(?:\{\s*(\\[ij]|\p{L})\s*\}|(\\[ij](?![A-Za-z])|\p{L}))/uy;
const QUOTED = /\\"[^"\\]{1,200}\\"(?![\p{L}{])/uy;
const SPACES = ' ,;:\n\t';

/** A backslash and what follows it when that is no letter: `\%`, `\"u`, `\,`, `\\`. */
export function readAccent(cursor: Cursor, math: boolean): string {
  const { text, at: start } = cursor;
  const char = text.charAt(start + 1);
  const take = (length: number, result: string) => {
    cursor.at = start + length;
    return result;
  };
  if (char === '') return take(1, math ? '' : '\\');
  if ('%&#_{}$'.includes(char)) return take(2, char);
  if (SPACES.includes(char)) return take(2, ' ');
  if ('!/-@'.includes(char)) return take(2, '');
  if (char === '|') return take(2, math ? '‖' : '\\|');
  if (char === '\\') return readDoubleBackslash(cursor, math);

  const mark = ACCENTS.get(char);
  if (!mark) return take(1, math ? '' : '\\');
  QUOTED.lastIndex = start;
  const opensQuote = char === '"' && /^[\s([]?$/.test(text.charAt(start - 1)) && QUOTED.test(text);
  ACCENTED.lastIndex = start + 2;
  const found = opensQuote ? null : ACCENTED.exec(text);
  const base = found?.[1] ?? found?.[2];
  // "it\'s" is an escaped apostrophe; no word ends in ś.
  const isApostrophe = char === "'" && base === 's' && /^\P{L}?$/u.test(text.charAt(ACCENTED.lastIndex));
  const letter = base && !isApostrophe ? accented(base.replace('\\', ''), mark) : undefined;
  if (letter) return take(ACCENTED.lastIndex - start, letter);
  if (text.startsWith('{}', start + 2)) return take(4, char);
  return `"'\`^~`.includes(char) ? take(2, char) : take(2, `\\${char}`);
}

/** A line break, or a command that somebody escaped twice on its way here. */
function readDoubleBackslash(cursor: Cursor, math: boolean): string {
  const name = /^[A-Za-z]+/.exec(cursor.text.slice(cursor.at + 2, cursor.at + 30))?.[0];
  if (name && name.length > 1 && (math || symbolFor(name))) {
    cursor.at += 1;
    return '';
  }
  cursor.at += 2;
  return name ? '\\\\' : ' ';
}

/** arXiv's own clean-up takes `\rho` for an accent on "ho" and writes `\r{ho}`; likewise `\b{eta}`, `\t{heta}`. */
export function splitCommand(cursor: Cursor, name: string): string | undefined {
  const rest = /^\{([a-z]{2,10})\}/.exec(cursor.text.slice(cursor.at, cursor.at + 12))?.[1];
  const symbol = rest && symbolFor(name + rest);
  if (symbol) cursor.at += rest.length + 2;
  return symbol || undefined;
}

/** LaTeX swallows the space after a command; we do where keeping it would look wrong (`a\times b`, `S\o ren`). */
export function skipAfterSymbol(cursor: Cursor, math: boolean, out: string, symbol: string): void {
  const { text } = cursor;
  if (symbol.endsWith('.') && text[cursor.at] === '.') cursor.at += 1;
  const insideWord =
    !math &&
    /^\p{L}{1,2}$/u.test(symbol) &&
    /\p{L}/u.test(out.slice(-1)) &&
    /^ \p{Ll}/u.test(text.slice(cursor.at, cursor.at + 3));
  if (insideWord) cursor.at += 1;
  else if (math && !out.endsWith(' ') && !/\p{L}/u.test(symbol))
    while (text[cursor.at] === ' ') cursor.at += 1;
}
