/**
 * Cuts BibTeX into entries with their fields still in LaTeX. Forgiving where people and programs are careless (missing
 * commas, odd keys, lone dollars), and bounded: what is broken is lost alone, and no input costs more than linear time.
 */

export interface BibtexEntry {
  /** In lower case: `article`. */
  type: string;
  /** The citation key, empty where there is none. */
  key: string;
  /** Where it begins, from 1. */
  line: number;
  /** By name in lower case; of a field given twice, the first. */
  fields: Map<string, string>;
  /** Why it can't be read, else null. */
  fault: string | null;
}

/** Macros may be built from macros, doubling each time. */
const MAX_EXPANDED = 100_000;
/** An entry may hold lines that look like the start of another one, but hardly more than this many. */
const MAX_INNER_STARTS = 3;

const START = /@[ \t]*([A-Za-z]+)\s*([{(])/y;
const KEY = /\s*([^,={}"#%\n]{0,300}?)\s*,/y;
const KEY_WITHOUT_COMMA = /[ \t]*([^\s,={}"#%]{1,300})(?=[ \t]*\n)/y;
const NAME = /[A-Za-z][\w:+./-]{0,100}/y;
const WORD = /[^\s,#{}()"=%]+/y;
const GAP = /(?:\s+|%[^\n]*)*/y;

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/** All entries of `text`, which must have `\n` line ends; comments, preambles and macros are not among them. */
export function readBibtexEntries(text: string): BibtexEntry[] {
  const starts = [...text.matchAll(/^[ \t]*@(?=[ \t]*[A-Za-z]+\s*[{(])/gm)].map(
    (match) => match.index + match[0].length - 1,
  );
  const macros = new Map(MONTHS.map((month) => [month, month]));
  const entries: BibtexEntry[] = [];
  let next = 0;
  let line = 1;
  let counted = 0;
  // Looking for the end of a comment may fail at the end of the text; this often in all, not for each.
  let patience = 4;

  for (let from = starts[0] ?? -1; from >= 0; ) {
    line += countLines(text, counted, from);
    counted = from;
    while (next < starts.length && (starts[next] ?? 0) <= from) next += 1;
    const [type, open, bodyAt] = readStart(text, from) as [string, string, number];
    const limits =
      type === 'comment' && patience > 0
        ? [text.length]
        : [0, 1, MAX_INNER_STARTS].map((ahead) => starts[next + ahead] ?? text.length);
    const end = findClose(text, bodyAt, open, limits);
    if (type === 'comment' && end < 0) patience -= 1;
    const stop = end < 0 ? (starts[next] ?? text.length) : end;

    if (type === 'string' && end >= 0) {
      for (const [name, value] of readFields(text, bodyAt, end, macros)) macros.set(name, value);
    } else if (type !== 'comment' && type !== 'preamble' && type !== 'string') {
      const [key, fieldsAt] = readKey(text, bodyAt, stop);
      const fault = end < 0 ? 'its braces do not balance' : null;
      const fields = fault ? new Map<string, string>() : readFields(text, fieldsAt, end, macros);
      entries.push({ type, key, line, fields, fault });
    }

    // Programs that save space put entries on one line.
    const after = end < 0 ? stop : (matchAt(GAP, text, end + 1)?.end ?? end + 1);
    while (next < starts.length && (starts[next] ?? 0) < after) next += 1;
    from = end >= 0 && readStart(text, after) ? after : (starts[next] ?? -1);
  }
  return entries;
}

function readStart(text: string, at: number): [type: string, open: string, bodyAt: number] | null {
  const match = matchAt(START, text, at);
  return match && [(match.groups[1] ?? '').toLowerCase(), match.groups[2] ?? '', match.end];
}

function readKey(text: string, at: number, stop: number): [key: string, fieldsAt: number] {
  const match = matchAt(KEY, text, at) ?? matchAt(KEY_WITHOUT_COMMA, text, at);
  return match && match.end <= stop ? [(match.groups[1] ?? '').trim(), match.end] : ['', at];
}

/**
 * Where what was opened before `at` is closed, or -1. The nearest limit that works wins. An escaped brace doesn't count;
 * where that leads nowhere (`file = {C:\}`) it does.
 */
function findClose(text: string, at: number, open: string, limits: readonly number[]): number {
  for (const limit of new Set(limits)) {
    for (const escapes of [true, false]) {
      const end = open === '{' ? skipBraces(text, at, limit, escapes) : skipParens(text, at, limit, escapes);
      if (end >= 0) return end;
    }
  }
  return -1;
}

/** From inside of a brace to the place of the one that closes it, or -1. */
function skipBraces(text: string, at: number, limit: number, escapes: boolean): number {
  let depth = 1;
  for (let i = at; i < limit; i += 1) {
    const char = text.charCodeAt(i);
    if (char === 0x5c && escapes) i += 1;
    else if (char === 0x7b) depth += 1;
    else if (char === 0x7d) {
      depth -= 1;
      if (depth === 0) return i;
    }
  }
  return -1;
}

/** Parentheses inside of braces are text. */
function skipParens(text: string, at: number, limit: number, escapes: boolean): number {
  for (let i = at; i < limit; i += 1) {
    const char = text[i];
    if (char === ')') return i;
    if (char === '{' || char === '"') {
      const end = char === '{' ? skipBraces(text, i + 1, limit, escapes) : skipQuotes(text, i + 1, limit);
      if (end < 0) return -1;
      i = end;
    }
  }
  return -1;
}

/** A quotation mark inside of braces is text (`"G{\"o}del"`), and so is an escaped one. */
function skipQuotes(text: string, at: number, limit: number): number {
  let depth = 0;
  for (let i = at; i < limit; i += 1) {
    const char = text.charCodeAt(i);
    if (char === 0x5c) i += 1;
    else if (char === 0x7b) depth += 1;
    else if (char === 0x7d) depth -= 1;
    else if (char === 0x22 && depth <= 0) return i;
  }
  return -1;
}

function readFields(
  text: string,
  from: number,
  end: number,
  macros: ReadonlyMap<string, string>,
): Map<string, string> {
  const fields = new Map<string, string>();
  let at = from;
  while (at < end) {
    at = matchAt(GAP, text, at)?.end ?? at;
    const name = matchAt(NAME, text, at);
    if (!name || at >= end) {
      at += 1;
      continue;
    }
    const equals = matchAt(GAP, text, name.end)?.end ?? name.end;
    if (text[equals] !== '=') {
      at = name.end;
      continue;
    }
    const [value, valueEnd] = readValue(text, equals + 1, end, macros);
    const key = name.whole.toLowerCase();
    if (value.trim() !== '' && !fields.has(key)) fields.set(key, value);
    at = valueEnd;
  }
  return fields;
}

/** Braces, quotes, words and numbers, joined by `#`. */
function readValue(
  text: string,
  from: number,
  end: number,
  macros: ReadonlyMap<string, string>,
): [value: string, end: number] {
  let value = '';
  let at = from;
  for (;;) {
    at = matchAt(GAP, text, at)?.end ?? at;
    if (at >= end) return [value, end];
    const [part, partEnd] = readPart(text, at, end, macros);
    if (value.length + part.length <= MAX_EXPANDED || value === '') value += part;
    at = matchAt(GAP, text, partEnd)?.end ?? partEnd;
    if (text[at] !== '#') return [value, Math.max(partEnd, from)];
    at += 1;
  }
}

function readPart(
  text: string,
  at: number,
  end: number,
  macros: ReadonlyMap<string, string>,
): [part: string, end: number] {
  if (text[at] === '{') {
    const close = findClose(text, at + 1, '{', [end]);
    return close < 0 ? ['', end] : [text.slice(at + 1, close), close + 1];
  }
  if (text[at] === '"') {
    const close = skipQuotes(text, at + 1, end);
    return close < 0 ? ['', end] : [text.slice(at + 1, close), close + 1];
  }
  const word = matchAt(WORD, text, at);
  return word ? [macros.get(word.whole.toLowerCase()) ?? word.whole, word.end] : ['', at];
}

function matchAt(
  pattern: RegExp,
  text: string,
  at: number,
): { whole: string; groups: RegExpExecArray; end: number } | null {
  pattern.lastIndex = at;
  const groups = pattern.exec(text);
  return groups && { whole: groups[0], groups, end: at + groups[0].length };
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
