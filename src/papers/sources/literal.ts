/**
 * Reads a record that reached us as the text of a Python value (`{'id': '2412.1', 'hidden': False}`),
 * as some days of the Hugging Face listing do. Reads, never evaluates.
 */

const TOKEN =
  /\s+|[[\]{}:,]|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])|(?:True|False|None)(?!\w)|'((?:[^'\\]|\\[\s\S])*)'|"((?:[^"\\]|\\[\s\S])*)"/y;

const WORDS = new Map([
  ['True', 'true'],
  ['False', 'false'],
  ['None', 'null'],
]);

const ESCAPE = /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([\s\S]))/gi;
const ESCAPED = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['\n', ''],
]);

/** The value that `text` spells in JSON or as a Python literal; undefined where it is neither. */
export function readLiteral(text: string): unknown {
  return parseJson(text) ?? parseJson(pythonToJson(text) ?? '');
}

/** The value of JSON text, or undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Both notations share their grammar but for strings and three words, so only tokens change. */
function pythonToJson(text: string): string | null {
  const out: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (!match) return null;
    const quoted = match[1] ?? match[2];
    out.push(
      quoted === undefined ? (WORDS.get(match[0]) ?? match[0]) : JSON.stringify(withoutEscapes(quoted)),
    );
  }
  return out.join('');
}

function withoutEscapes(quoted: string): string {
  return quoted.replace(ESCAPE, (whole, x?: string, u?: string, long?: string, char?: string) => {
    const hex = x ?? u ?? long;
    if (hex === undefined)
      return ESCAPED.get(char ?? '') ?? (/["'\\]/.test(char ?? '') ? (char ?? '') : whole);
    const code = Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
}
