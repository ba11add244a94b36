/**
 * Reads LaTeX as it occurs in titles and abstracts and returns what a person would read aloud.
 * One pass from left to right without backtracking, so that hostile input costs no more than its length.
 */
import {
  afterAddress,
  type Cursor,
  codePoint,
  cursorOn,
  findClose,
  isLeftOverDollar,
  isListing,
  isMacroName,
  isMoney,
  operand,
  readAccent,
  readVerbatim,
  skipAfterSymbol,
  skipOption,
  splitCommand,
} from './latex-parts.ts';
import {
  ACCENTS,
  accented,
  blackboardLetter,
  DROPPED_ARGUMENT,
  SILENT,
  scriptText,
  symbolFor,
} from './latex-symbols.ts';
import { QUANTITIES } from './latex-units.ts';

/** Deeper nesting is no prose; a brace beyond it is a plain character, so that the stack can't overflow. */
const MAX_DEPTH = 40;

/** Returns `source` without LaTeX markup. Text that only looks like it (prices, paths, code) stays. Never throws. */
export function latexToText(source: string): string {
  return read(cursorOn(source), false);
}

/** Reads to the end, or to the brace that closes the group the cursor is in. */
function read(cursor: Cursor, math: boolean): string {
  const { text } = cursor;
  let out = '';
  while (cursor.at < text.length) {
    const char = text.charAt(cursor.at);
    if (char === '}' && cursor.depth > 0) break;
    if (char === '\\') out = readCommand(cursor, math, out);
    else if (char === '{' && cursor.depth < MAX_DEPTH) out += readPlainGroup(cursor, math, out);
    else if (char === '$') out += readDollar(cursor, math);
    else if ((char === '^' || char === '_') && (math || text[cursor.at + 1] === '{')) {
      cursor.at += 1;
      out += scriptText(char, readArgument(cursor, true), out);
    } else if (char === '}' || (math && "'~&".includes(char))) {
      cursor.at += 1;
      if (math) out += char === "'" ? '′' : ' ';
    } else out += readPlain(cursor);
  }
  return out;
}

const SPECIAL = /[\\{}$^_~&']/g;

/** At least one character, then everything up to the next that could mean something. */
function readPlain(cursor: Cursor): string {
  SPECIAL.lastIndex = cursor.at + 1;
  const end = SPECIAL.exec(cursor.text)?.index ?? cursor.text.length;
  const plain = cursor.text.slice(cursor.at, end);
  cursor.at = end;
  return plain;
}

/** The inside of `{…}`; the cursor stands on the brace. `closed` is false where the text ends before the group does. */
function readGroup(cursor: Cursor, math: boolean): { inner: string; closed: boolean } {
  cursor.at += 1;
  cursor.depth += 1;
  const inner = read(cursor, math);
  cursor.depth -= 1;
  const closed = cursor.text[cursor.at] === '}';
  if (closed) cursor.at += 1;
  return { inner, closed };
}

/** Braces that group (`{C}onvergent`, `{\em x}`, BibTeX's `{BERT}`) go; braces that are meant (`{0, 1}`, JSON) stay. */
function readPlainGroup(cursor: Cursor, math: boolean, before: string): string {
  const { inner, closed } = readGroup(cursor, math);
  if (math || !closed) return inner;
  // Around a whole title they keep its capitals.
  if (before === '' && cursor.at === cursor.text.length) return inner;
  // `${HOME}` and `\d{3}` are code.
  if (isListing(inner) || before.endsWith('$') || /\\[A-Za-z]/.test(before.slice(-2))) return `{${inner}}`;
  return afterAddress(before, inner) ?? inner;
}

/** `$…$` and `$$…$$`; a dollar that opens no formula is money, or left over behind a word. */
function readDollar(cursor: Cursor, math: boolean): string {
  const { text } = cursor;
  const fence = text.startsWith('$$', cursor.at) ? '$$' : '$';
  const start = cursor.at + fence.length;
  if (math) {
    cursor.at = start;
    return '';
  }
  let end = findClose(cursor, fence, start);
  while (end > 0 && text[end - 1] === '\\') end = text.indexOf(fence, end + 1);
  const body = text.slice(start, Math.max(start, end));
  if (end < 0 || (fence === '$' && isMoney(body, text.charAt(end + 1)))) {
    const isLeftOver = isLeftOverDollar(text, cursor.at);
    cursor.at += 1;
    return isLeftOver ? '' : '$';
  }
  cursor.at = end + fence.length;
  return readFormula(body);
}

function readFormula(body: string): string {
  return read(cursorOn(body), true).trim();
}

/** The next `{group}`, else (in formulas) the next single thing. */
function readArgument(cursor: Cursor, math: boolean): string {
  const { text } = cursor;
  while (math && text[cursor.at] === ' ') cursor.at += 1;
  const char = text.charAt(cursor.at);
  if (char === '{' && cursor.depth < MAX_DEPTH) return readGroup(cursor, math).inner;
  if (!math || char === '' || char === '{' || char === '}' || char === '$') return '';
  if (char === '\\') return readDeeper(cursor);
  const letter = String.fromCodePoint(text.codePointAt(cursor.at) ?? 0);
  cursor.at += letter.length;
  return letter;
}

/** A command as another's argument (`\hat\theta`); counts as nesting, since hostile text can chain them. */
function readDeeper(cursor: Cursor): string {
  if (cursor.depth >= MAX_DEPTH) {
    cursor.at += 1;
    return '';
  }
  cursor.depth += 1;
  const argument = readCommand(cursor, true, '');
  cursor.depth -= 1;
  return argument;
}

/** Commands that need their argument to make sense; each returns what to append. */
const WITH_ARGUMENT = new Map<string, (cursor: Cursor, math: boolean, before: string) => string>([
  ['url', readVerbatim],
  ['path', readVerbatim],
  ['href', readLink],
  ['unicode', (cursor) => codePoint(readVerbatim(cursor))],
  ['footnote', (cursor) => ` (${readArgument(cursor, false).trim()})`],
  ['textcolor', readSecond],
  ['colorbox', readSecond],
  ['hyperlink', readSecond],
  ['texorpdfstring', readSecond],
  ['textsuperscript', (cursor, math, before) => scriptText('^', readArgument(cursor, math), before)],
  ['textsubscript', (cursor, math, before) => scriptText('_', readArgument(cursor, math), before)],
  ['mathbb', (cursor) => blackboardLetter(readArgument(cursor, true))],
  ['frac', readFraction],
  ['dfrac', readFraction],
  ['tfrac', readFraction],
  ['nicefrac', readFraction],
  ['not', (cursor) => `${readArgument(cursor, true)}\u0338`.normalize('NFC')],
  ...QUANTITIES,
  ['sqrt', (cursor) => `√${operand(readArgument(cursor, true))}`],
  // arXiv writes the degree sign so, formula or not.
  ['deg', (_cursor, _math, before) => (/\d\s?$/.test(before.slice(-2)) ? '°' : 'deg')],
]);

function readSecond(cursor: Cursor, math: boolean): string {
  readVerbatim(cursor);
  return readArgument(cursor, math);
}

function readFraction(cursor: Cursor): string {
  return `${operand(readArgument(cursor, true))}/${operand(readArgument(cursor, true))}`;
}

function readLink(cursor: Cursor, math: boolean): string {
  const address = readVerbatim(cursor);
  const label = readArgument(cursor, math).trim();
  if (label === '' || address.includes(label)) return address;
  return label.includes('://') || address === '' ? label : `${label} (${address})`;
}

const NAME = /[A-Za-z]+/y;

/** Reads the command at the cursor and returns `out` with what it stands for. */
function readCommand(cursor: Cursor, math: boolean, out: string): string {
  const { text, at: start } = cursor;
  NAME.lastIndex = start + 1;
  const name = NAME.exec(text)?.[0];
  if (!name) return out + (readDelimited(cursor, math) ?? readAccent(cursor, math));
  cursor.at += 1 + name.length;
  if (text.startsWith('*{', cursor.at) || text.startsWith(' {', cursor.at)) cursor.at += 1;
  skipOption(cursor);
  const braced = text[cursor.at] === '{';

  if (SILENT.has(name)) {
    if ((name === 'left' || name === 'right') && text[cursor.at] === '.') cursor.at += 1;
    return out;
  }
  if (DROPPED_ARGUMENT.has(name)) {
    readVerbatim(cursor);
    return name.includes('cite') ? out.trimEnd().replace(/~$/, '') : out;
  }
  const withArgument = WITH_ARGUMENT.get(name);
  if (withArgument) return out + withArgument(cursor, math, out);
  const mark = ACCENTS.get(name);
  // `\d{3}` is a pattern, `\d{o}` an accent.
  const marksLetter = math
    ? name.length > 1
    : /^\{(?:\\[ij]|\p{L})\}/u.test(text.slice(cursor.at, cursor.at + 5));
  if (mark && marksLetter) {
    const base = readArgument(cursor, math);
    return out + (accented(base, mark) ?? base);
  }
  const isLetter =
    'oOlLij'.includes(name) ||
    ('SP'.includes(name) && /^[\s~]?\d/.test(text.slice(cursor.at, cursor.at + 2)));
  const symbol = name.length > 1 || math || isLetter ? symbolFor(name) : undefined;
  if (symbol !== undefined) {
    skipAfterSymbol(cursor, math, out, symbol);
    return out + symbol;
  }
  const split = name.length === 1 ? splitCommand(cursor, name) : undefined;
  if (split !== undefined) return out + split;
  if (braced && (math || name.length > 1)) {
    const empty = text.startsWith('{}', cursor.at);
    const argument = readArgument(cursor, math);
    return out + (empty ? name : argument);
  }
  // A macro we don't know is most often the name of the authors' own method: it says more than a gap would.
  if (math) return `${out}${/[\p{L}\p{N})]/u.test(out.slice(-1)) ? ' ' : ''}${name}`;
  if (isMacroName(name) && /^[\s([{~\-–/"'“`$.,]?$/.test(text.charAt(start - 1))) return out + name;
  cursor.at = start + 1;
  return `${out}\\`;
}

/** `\(…\)` and `\[…\]`, or null where the cursor stands on something else. */
function readDelimited(cursor: Cursor, math: boolean): string | null {
  const opener = cursor.text[cursor.at + 1];
  if (math || (opener !== '(' && opener !== '[')) return null;
  const end = findClose(cursor, opener === '(' ? '\\)' : '\\]', cursor.at + 2);
  if (end < 0) return null;
  const body = cursor.text.slice(cursor.at + 2, end);
  cursor.at = end + 2;
  return readFormula(body);
}
