/** Reads what was typed into the search field: "quoted words" in a row, -without, author:name, and words. Pure. */

/** A word, words that stand in a row, or a person; lower case, without accents and signs. */
export interface SearchTerm {
  kind: 'word' | 'row' | 'author';
  words: string[];
  /** Papers with it are left out. */
  without: boolean;
}

/** Longer questions are cut: nobody types them, and each term costs. */
const MAX_CHARS = 300;
const MAX_TERMS = 24;

const TERMS = /(-?)(author:\s*)?(?:"([^"]*)"?|(\S+))/giu;

/** The terms in their order; none where nothing was asked for that could be found. */
export function readSearch(typed: string): SearchTerm[] {
  const plain = typed
    .slice(0, MAX_CHARS)
    .replace(/[“”„«»]/g, '"')
    // A hyphen leaves out only where it stands before a word, and a lone one nothing.
    .replace(/(^|\s)-\s+/g, '$1');
  // A name has several words, and here nothing else follows it.
  const alone = /^\s*author:([^"]+)$/i.exec(plain)?.[1];
  if (alone !== undefined) return readTerms(`author:"${alone}"`);
  return readTerms(plain);
}

function readTerms(plain: string): SearchTerm[] {
  const terms: SearchTerm[] = [];
  for (const [, minus, author, quoted, bare] of plain.matchAll(TERMS)) {
    const words = searchWords(quoted ?? bare ?? '');
    if (words.length === 0) continue;
    const kind = author ? 'author' : words.length > 1 ? 'row' : 'word';
    terms.push({ kind, words, without: minus === '-' });
  }
  return terms.slice(0, MAX_TERMS);
}

/** As the index spells them: see the function `paper_search`. */
function searchWords(text: string): string[] {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]+/g, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .filter((word) => word !== '');
}
