/** Turns what sources call a title or an abstract into text that a person can read in a mail. */
import { decodeHTMLStrict } from 'entities';
import { latexToText } from './latex.ts';

/** Text may be escaped in layers (`&amp;lt;`, `\\$x\\$`); more than this is not an accident. */
const MAX_ROUNDS = 8;

const MARKUP = /[\\${}]|[_^]\{/;
const NEEDS_WORK = /[\\${}&`~]|--|''|[_^]\{|\dtimes|\btimes|[a-z]times /;
/** Control characters but white space, lone surrogates, and all that formats unseen: soft hyphens, zero widths, text direction. */
const INVISIBLE = /[\ufeff\ufffe\uffff]|(?![\t-\r])[\p{Cc}\p{Cf}\p{Cs}]/gu;

/** A tie between words, or an address to step over. Before or between numbers a tilde means "about" or "to". */
const TIE = /https?:\/\/\S+|(?<=[\p{L}.,;:)\]’”%])~(?=[\p{L}\p{N}([“"‘\\])|(?<=\p{N})~(?=[\p{L}([“"‘\\])/gu;

/**
 * LaTeX, HTML entities, typewriter quotes and hard line breaks to plain Unicode on one line.
 * Prices, paths, code and identifiers are left alone. Never throws; running it on its own output changes nothing.
 */
export function readableText(raw: string): string {
  let text = tidy(raw);
  for (let round = 0; round < MAX_ROUNDS && NEEDS_WORK.test(text); round += 1) {
    const next = readOnce(text);
    if (next === text) break;
    text = next;
  }
  return text;
}

function readOnce(source: string): string {
  let text = source.includes('&') ? decodeHTMLStrict(source) : source;
  if (MARKUP.test(text)) text = latexToText(text);
  return tidy(typography(text));
}

/** On one line, composed, without what is not seen. Text of printable ASCII, which most is, needs none of the slow rules. */
function tidy(text: string): string {
  if (/^[!-~]+(?: [!-~]+)*$/.test(text)) return text;
  return text.replace(INVISIBLE, '').replace(/\s+/g, ' ').trim().normalize('NFC');
}

/** Each rule looks first whether its sign is there at all: most abstracts have few of them, and looking is cheap. */
function typography(source: string): string {
  let text = source;
  if (/[`']/.test(text)) {
    text = text
      .replace(/``/g, '“')
      .replace(/(^|[\s([“])''(?=[\p{L}\p{N}])/gu, '$1“')
      .replace(/''/g, '”')
      // One backtick opens a quotation only where an apostrophe closes it; two make code in Markdown.
      .replace(/(^|[\s([“])`([^`'\n]{1,80})'(?!\p{L})/gu, '$1‘$2’');
  }
  if (text.includes('--')) {
    text = text
      .replace(/(?<!-)---(?!-)/g, '—')
      // `--verbose` is an option of some tool, not a dash.
      .replace(/(?<![-\s])--(?!-)|(?<=\s)--(?=\s)/g, '–');
  }
  if (text.includes('~')) text = text.replace(TIE, (found) => (found === '~' ? ' ' : found));
  if (text.includes('times')) {
    // Feeds that drop backslashes and dollars leave `2times faster` and `a ktimes k grid`.
    text = text
      .replace(/(\d) ?times(?=\d)|(\d)times\b/g, '$1$2×')
      .replace(/\b([a-np-z])times ([a-z\d])\b/g, '$1 × $2');
  }
  return text;
}
