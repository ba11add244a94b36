/** What makes two records the same paper. Pure. */
import { hash } from 'node:crypto';
import { type Paper, parseArxivId } from './paper.ts';

type Identified = Pick<Paper, 'arxivId' | 'doi' | 'title' | 'authors'>;

/** Shorter titles ("Editorial", "A reply") are shared by papers that have nothing else in common. */
const TELLING_WORDS = 4;

/** The arXiv id, also where only the DOI that arXiv itself registers is known. */
export function arxivIdOf({ arxivId, doi }: Pick<Paper, 'arxivId' | 'doi'>): string | null {
  return arxivId ?? (doi?.startsWith('10.48550/') ? (parseArxivId(doi)?.id ?? null) : null);
}

/** The DOI of a publisher, in lower case as DOIs are compared. */
export function doiOf({ doi }: Pick<Paper, 'doi'>): string | null {
  return doi && !doi.startsWith('10.48550/') ? doi.toLowerCase() : null;
}

/** The keys that are a paper's alone, in any source: two records that share one are the same paper. */
export function strongKeys(paper: Identified): string[] {
  const arxivId = arxivIdOf(paper);
  const doi = doiOf(paper);
  return [...(arxivId ? [`arxiv:${arxivId}`] : []), ...(doi ? [`doi:${doi}`] : [])];
}

/**
 * Title and first author's surname, for records that share no id. Null where the title tells too little
 * and there is an id to go by.
 */
export function titleKey(paper: Identified): string | null {
  const title = plainWords(paper.title);
  if (title.split(' ').length < TELLING_WORDS && strongKeys(paper).length > 0) return null;
  const surname =
    plainWords(paper.authors[0] ?? '')
      .split(' ')
      .at(-1) ?? '';
  return `title:${title}|${surname}`;
}

/**
 * An id for a record that has none but its keeper's: files number their papers alike, so that would make one paper of two.
 */
export function fingerprintOf({ title, authors }: Pick<Identified, 'title' | 'authors'>): string {
  return `title:${hash('sha1', titleKey({ arxivId: null, doi: null, title, authors }) ?? '', 'hex')}`;
}

/** Whether their ids forbid that these are one paper, however alike their titles are. */
export function haveDifferentIds(a: Identified, b: Identified): boolean {
  const differ = (one: string | null, other: string | null) =>
    one !== null && other !== null && one !== other;
  return differ(arxivIdOf(a), arxivIdOf(b)) || differ(doiOf(a), doiOf(b));
}

function plainWords(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
