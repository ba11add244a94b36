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
  venue: string | null;
  openAccessUrl: string | null;
  fieldsOfStudy: string[];
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
/** Told of few papers, so most rows are spared a rank for them. */
type RareField = 'venue' | 'openAccessUrl' | 'fieldsOfStudy';
/** How well whoever told a field knows it; 0, or for rare fields none, where nobody told. */
export type Ranks = Record<RankedField, number> & Partial<Record<RareField, number>>;

export interface MergedPaper extends PaperContent {
  ranks: Ranks;
}

/**
 * Who is believed: the archive itself, then those who copy it well, then what people keep in files. Who is asked about
 * papers that others told of comes last, whatever those others are.
 */
const TRUST: Record<string, number> = {
  arxiv: 9,
  hf: 7,
  file: 3,
  seed: 1,
  'semantic-scholar': 0.5,
  // From a reader's own list; any source's word takes its place (`store.ts`).
  reader: 0.1,
};
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
    venue: paper.venue,
    openAccessUrl: paper.openAccessUrl,
    fieldsOfStudy: paper.fieldsOfStudy,
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
      ...(paper.venue === null ? {} : { venue: trust }),
      ...(paper.openAccessUrl === null ? {} : { openAccessUrl: trust }),
      ...(paper.fieldsOfStudy.length === 0 ? {} : { fieldsOfStudy: trust }),
    },
  };
}

/** Joins two into one; of fields told equally well, `later`'s stands, since a source may correct itself. */
export function mergePapers(earlier: MergedPaper, later: MergedPaper): MergedPaper {
  const rankOf = ({ ranks }: MergedPaper, field: keyof Ranks) => ranks[field] ?? 0;
  const better = (field: keyof Ranks) => (rankOf(later, field) >= rankOf(earlier, field) ? later : earlier);
  const primary = better('primary').categories[0];
  const all = [...earlier.categories, ...later.categories];
  const ranks = { ...earlier.ranks, ...later.ranks };
  for (const field of Object.keys(ranks) as (keyof Ranks)[]) ranks[field] = rankOf(better(field), field);
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
    venue: better('venue').venue,
    openAccessUrl: better('openAccessUrl').openAccessUrl,
    fieldsOfStudy: better('fieldsOfStudy').fieldsOfStudy,
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
  'venue',
  'openAccessUrl',
  'fieldsOfStudy',
];
/** In one order, whatever order the fields came in from the database. */
const KEYS = ['arxivId', 'doi', 'version', 'categories', 'ranks', ...RANK_KEYS];

function sortedRest(primary: string, categories: readonly string[]): string[] {
  return [...new Set(categories)].filter((category) => category !== primary).sort();
}
