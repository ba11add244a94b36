/** Reads which papers a person means: arXiv ids, DOIs and addresses that hold one, as they are pasted from anywhere. Pure. */
import { strongKeys } from './identity.ts';
import { parseArxivId } from './paper.ts';

/** Longer than any address of a paper. */
const MAX_WORD = 500;

/** A DOI wherever it stands in an address; spaces end it, and so do a query and a fragment. */
const DOI = /(?:^|[/:=(\s])(10\.\d{4,9}\/[^\s?#"<>]{1,200})/i;

/**
 * The keys of the papers named in one line or list entry, each once, in its order; none where it names no paper. Words
 * beside an id are let be: "Vaswani et al., arXiv:1706.03762 [cs.CL]".
 */
export function readPaperMentions(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).flatMap((word) => readMention(word.slice(0, MAX_WORD)) ?? []))];
}

/** Splits what was typed into a field: one entry a line or between commas. */
export function splitMentions(text: string): string[] {
  return text
    .split(/[\n\r,]+/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** The id as a reader knows it: "2401.00001", "10.1145/3292500". */
export function nameOfKey(key: string): string {
  return key.slice(key.indexOf(':') + 1);
}

/** The key that `identity.ts` gives the paper of this id, or null. */
function readMention(word: string): string | null {
  const text = decode(word);
  const doi = DOI.exec(text)?.[1];
  const [key] = doi
    ? strongKeys({ arxivId: null, doi: withoutEnd(doi), title: '', authors: [] })
    : strongKeys({ arxivId: parseArxivId(text)?.id ?? null, doi: null, title: '', authors: [] });
  return key ?? null;
}

/** Without the punctuation of the sentence around it, and without what bioRxiv's addresses add for a version and a view. */
function withoutEnd(doi: string): string {
  const parts = (text: string, sign: string) => text.split(sign).length;
  let bare = doi;
  // A bracket belongs to the DOI where it was opened in it.
  while (/[.,;:'”’\]}>]$/.test(bare) || (bare.endsWith(')') && parts(bare, ')') > parts(bare, '('))) {
    bare = bare.slice(0, -1);
  }
  return bare.replace(/^(10\.(?:1101|64898)\/.*?)v\d+(?:\.[a-z.-]+)?$/i, '$1');
}

/** Addresses copied from a browser may hold the slash of a DOI as `%2F`. */
function decode(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
