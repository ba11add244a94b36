/** What a paper is, once several sources have told of it: for each field, the source that knows best. Pure, and the same in any order. */
import { arxivIdOf, doiOf } from './identity.ts';
import type { Paper } from './paper.ts';

/** The fields that sources may disagree on. */
export interface PaperContent {
  arxivId: string | null;
  doi: string | null;
  version: number;
  title: string;
  abstract: string;
  authors: string[];
  /** The primary one first, the others in the order of the alphabet. */
  categories: string[];
  publishedAt: Date | null;
  withdrawn: boolean;
  url: string | null;
  codeUrl: string | null;
}

type RankedField =
  | 'title'
  | 'abstract'
  | 'authors'
  | 'primary'
  | 'publishedAt'
  | 'withdrawn'
  | 'url'
  | 'codeUrl'
  | 'doi';
/** How well whoever told a field knows it; 0 where nobody told. */
export type Ranks = Record<RankedField, number>;

export interface MergedPaper extends PaperContent {
  ranks: Ranks;
}

/** Who is believed: the archive itself, then those who copy it well, then what people keep in files. */
const TRUST: Record<string, number> = { arxiv: 9, hf: 7, file: 3, seed: 1 };
const FEED_TRUST = 5;
/** A newer version is believed above all: its rank is above that of any source telling of an older one. */
const VERSION_STEP = 10;

/** One record as a merged paper of its own. */
export function toMerged(paper: Paper): MergedPaper {
  const trust = TRUST[paper.source] ?? FEED_TRUST;
  const rank = paper.version * VERSION_STEP + trust;
  const told = (value: unknown, by: number) =>
    value === null || value === '' || (Array.isArray(value) && value.length === 0) ? 0 : by;
  const [primary, ...others] = paper.categories;
  return {
    arxivId: arxivIdOf(paper),
    doi: doiOf(paper),
    version: paper.version,
    title: paper.title,
    abstract: paper.abstract,
    authors: paper.authors,
    categories: primary === undefined ? [] : [primary, ...sortedRest(primary, others)],
    publishedAt: paper.publishedAt,
    withdrawn: paper.withdrawn,
    url: paper.url,
    codeUrl: paper.codeUrl,
    ranks: {
      title: rank,
      abstract: told(paper.abstract, rank),
      authors: told(paper.authors, rank),
      withdrawn: rank,
      // These don't change with the version.
      primary: told(primary ?? null, trust),
      publishedAt: told(paper.publishedAt, trust),
      url: told(paper.url, trust),
      codeUrl: told(paper.codeUrl, trust),
      doi: told(paper.doi, trust),
    },
  };
}

/** Joins two into one; of fields told equally well, `later`'s stands, since a source may correct itself. */
export function mergePapers(earlier: MergedPaper, later: MergedPaper): MergedPaper {
  const better = (field: RankedField) => (later.ranks[field] >= earlier.ranks[field] ? later : earlier);
  const primary = better('primary').categories[0];
  const all = [...earlier.categories, ...later.categories];
  const ranks = { ...earlier.ranks };
  for (const field of Object.keys(ranks) as RankedField[]) ranks[field] = better(field).ranks[field];
  return {
    arxivId: later.arxivId ?? earlier.arxivId,
    doi: better('doi').doi ?? earlier.doi ?? later.doi,
    version: Math.max(earlier.version, later.version),
    title: better('title').title,
    abstract: better('abstract').abstract,
    authors: better('authors').authors,
    categories: primary === undefined ? [] : [primary, ...sortedRest(primary, all)],
    publishedAt: better('publishedAt').publishedAt,
    withdrawn: better('withdrawn').withdrawn,
    url: better('url').url,
    codeUrl: better('codeUrl').codeUrl,
    ranks,
  };
}

/** Whether a row holding `a` needs no write to hold `b`. */
export function isSameContent(a: MergedPaper, b: MergedPaper): boolean {
  return JSON.stringify(a, KEYS) === JSON.stringify(b, KEYS);
}

const RANK_KEYS = [
  'title',
  'abstract',
  'authors',
  'primary',
  'publishedAt',
  'withdrawn',
  'url',
  'codeUrl',
  'doi',
];
/** In one order, whatever order the fields came in from the database. */
const KEYS = ['arxivId', 'doi', 'version', 'categories', 'ranks', ...RANK_KEYS];

function sortedRest(primary: string, categories: readonly string[]): string[] {
  return [...new Set(categories)].filter((category) => category !== primary).sort();
}
