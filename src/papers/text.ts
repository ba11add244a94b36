/** Turns what sources call a title or an abstract into text that a person can read in a mail. */
import { decodeHTMLStrict } from 'entities';
import { latexToText } from './latex.ts';

/** Text may be escaped in layers (`&amp;lt;`, `\\$x\\$`); more than this is not an accident. */
const MAX_ROUNDS = 8;

const MARKUP = /[\\${}]|[_^]\{/;
/** What any rule here looks for. Every text is searched for it, so it names as few beginnings as it can. */
const NEEDS_WORK = /[\\${}&`~]|--|''|[_^]\{|times/;
/** Control characters but white space, lone surrogates, and all that formats unseen: soft hyphens, zero widths, text direction. */
const INVISIBLE = /[\ufeff\ufffe\uffff]|(?![\t-\r])[\p{Cc}\p{Cf}\p{Cs}]/gu;

/** All but printable ASCII. */
const ODD = /[^ -~]/;
const ODD_RUN = /[^ -~]+/g;

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

/** On one line, composed, without what is not seen. Most of it is printable ASCII, which needs none of the slow rules. */
function tidy(source: string): string {
  let text = source;
  if (ODD.test(text)) {
    text = text.replace(ODD_RUN, (odd) => odd.replace(INVISIBLE, '').replace(/\s/g, ' ')).normalize('NFC');
  }
  if (text.includes('  ')) text = text.replace(/ {2,}/g, ' ');
  return text.trim();
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
