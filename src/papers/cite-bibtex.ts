/** A paper as an entry of a bibliography, in BibTeX. Pure. */

export interface CitedPaper {
  title: string;
  authors: readonly string[];
  publishedAt: Date | null;
  arxivId: string | null;
  categories: readonly string[];
  doi: string | null;
  venue: string | null;
  url: string | null;
}

/** Titles begin with these, and a key is none the clearer for them. */
const SMALL_WORDS = new Set(['a', 'an', 'the', 'on', 'of', 'in', 'for', 'to', 'and', 'with', 'from']);

/** `@misc{lovelace2026engines, …}`; signs that BibTeX or TeX would take for commands are escaped. */
export function citeBibtex(paper: CitedPaper): string {
  const fields: [string, string | null][] = [
    ['title', `{${escapeTex(paper.title)}}`],
    ['author', paper.authors.map(escapeTex).join(' and ')],
    ['year', paper.publishedAt ? String(paper.publishedAt.getUTCFullYear()) : null],
    ['eprint', paper.arxivId],
    ['archivePrefix', paper.arxivId ? 'arXiv' : null],
    ['primaryClass', paper.arxivId ? (paper.categories[0] ?? null) : null],
    ['doi', paper.doi ? escapeTex(paper.doi) : null],
    ['note', paper.venue ? escapeTex(paper.venue) : null],
    ['url', paper.arxivId ? `https://arxiv.org/abs/${paper.arxivId}` : escapeUrl(paper.url)],
  ];
  const lines = fields.flatMap(([name, value]) => (value ? [`  ${name} = {${value}},`] : []));
  return [`@misc{${keyOf(paper)},`, ...lines, '}'].join('\n');
}

function keyOf({ title, authors, publishedAt }: CitedPaper): string {
  const surname = plainLetters(authors[0] ?? '').at(-1) ?? 'anonymous';
  const word = plainLetters(title).find((each) => !SMALL_WORDS.has(each)) ?? '';
  return `${surname}${publishedAt?.getUTCFullYear() ?? ''}${word}`;
}

function plainLetters(text: string): string[] {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

const NAMED: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
};

function escapeTex(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\~^{}&%$#_]/g, (sign) => NAMED[sign] ?? `\\${sign}`);
}

/** Braces must pair, and an address can spell them otherwise. */
function escapeUrl(url: string | null): string | null {
  return url?.replace(/[{}\\\s]/g, encodeURIComponent) ?? null;
}
