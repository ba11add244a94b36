/** Author fields of BibTeX as full names in the paper's order, with their LaTeX left where the parser doesn't know it. */
import { type Creator, parse } from '@retorquere/bibtex-parser';

/** Five thousand names are the most a paper keeps. */
const MAX_RAW_AUTHORS = 150_000;
/** The parser takes more than twice as long for twice the names. */
const BATCH = 100;

/** `Laurens van der Maaten`, `Martin King Jr.`, `Google Research`; without `others`. Never throws. */
export function readBibtexNames(value: string): string[] {
  const names = splitNames(separated(tame(value.slice(0, MAX_RAW_AUTHORS))));
  const read: string[] = [];
  for (let from = 0; from < names.length; from += BATCH)
    read.push(...parseNames(names.slice(from, from + BATCH)));
  return (
    read
      // Styled names come as HTML; DBLP numbers people of the same name.
      .map((name) =>
        name
          .replace(/<\/?(?:i|b|sc|span|code)\b[^<>]*>/g, '')
          .trim()
          .replace(/ \d{4}$/, ''),
      )
      .filter((name) => name !== '' && !/^(?:others|et al\.?)$/i.test(name))
  );
}

function parseNames(names: readonly string[]): string[] {
  const { entries } = parse(`@misc{x, author = {${names.join(' and ')}}}`, {
    sentenceCase: false,
    caseProtection: false,
    // Left for `readableText`, which knows more of them.
    unsupported: (_node, tex) => tex,
  });
  // What the parser gave up on is at least free of braces.
  return entries[0]?.fields.author?.map(fullName) ?? names.map((name) => name.replace(/[{}\\]/g, ''));
}

function fullName({ name, firstName, prefix, lastName, suffix }: Creator): string {
  return name ?? [firstName, prefix, lastName, suffix].filter(Boolean).join(' ');
}

/** At each `and` that no brace encloses. */
function splitNames(value: string): string[] {
  const names: string[] = [];
  let depth = 0;
  let from = 0;
  for (const { 0: found, index } of value.matchAll(/[{}]|\s+and(?=\s)/gi)) {
    if (found === '{') depth += 1;
    else if (found === '}') depth -= 1;
    else if (depth === 0) {
      names.push(value.slice(from, index));
      from = index + found.length;
    }
  }
  return [...names, value.slice(from)].map((name) => name.trim()).filter((name) => name !== '');
}

/** Without what no name has and the parser stumbles over: maths, comments, environments, odd braces. */
function tame(value: string): string {
  const text = value.replace(/[$%#]|\\(?:begin|end|verb|newcommand|def|path)\b|\\$/g, '');
  let depth = 0;
  let deepest = 0;
  let lowest = 0;
  for (const brace of text.match(/[{}]/g) ?? []) {
    depth += brace === '{' ? 1 : -1;
    deepest = Math.max(deepest, depth);
    lowest = Math.min(lowest, depth);
  }
  return depth !== 0 || lowest < 0 || deepest > 6 ? text.replace(/[{}]/g, '') : text;
}

/** Names parted by semicolons or commas alone, as people write them. Three commas or more are a list, not one name. */
function separated(value: string): string {
  if (/\sand\s|\{/i.test(value)) return value;
  if (value.includes(';')) return value.replace(/;/g, ' and ');
  return value.split(',').length > 3 ? value.replace(/,/g, ' and ') : value;
}
