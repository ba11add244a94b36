/**
 * The papers of a reader's own list: those that are known are found, the others kept for comparing alone, or only read
 * where nothing is to be kept.
 */
import type { Context } from '../context.ts';
import { haveDifferentIds, strongKeys, titleKey } from './identity.ts';
import { findPapersByKey, type KeyedPaper } from './liked-papers.repo.ts';
import { NEVER_NEWS, type Paper } from './paper.ts';
import { readBibtex } from './sources/bibtex.ts';
import { decodeBibtex } from './sources/bibtex-text.ts';
import type { SourcePage } from './sources/source.ts';
import { storePapers } from './store.ts';

export interface TakenBibliography {
  /** Each once, in the order of the list. */
  paperIds: number[];
  /** Of the entries that were taken, as the list has them. */
  titles: string[];
  /** Why each entry was not that is no paper or can't be read: "line 3, dune87: it has no title". */
  skipped: string[];
  /** Entries beyond `limit`. */
  leftOut: number;
}

/**
 * The papers of a BibTeX file, as its bytes. What a reader's list says changes no paper that a source has told of, and
 * makes no news: anyone can write into a file what they like. At most `limit` papers are taken.
 */
export async function takeBibliography(
  ctx: Context,
  file: Uint8Array,
  limit: number,
): Promise<TakenBibliography> {
  const taken = new Set<number>();
  const told = nothingTold();
  for await (const page of readBibtex([decodeBibtex(Buffer.from(file))], ctx.now())) {
    const papers = takePage(told, page, limit - taken.size);
    for (const id of await findOrStore(ctx, papers)) taken.add(id);
  }
  return { paperIds: [...taken], ...told };
}

export interface ReadBibliography extends TakenBibliography {
  /** Those that are not known, as the list tells of them. */
  others: Paper[];
}

/** The same for someone who only looks: nothing is stored. */
export async function lookUpBibliography(
  ctx: Context,
  file: Uint8Array,
  limit: number,
): Promise<ReadBibliography> {
  const paperIds = new Set<number>();
  const others: Paper[] = [];
  const told = nothingTold();
  for await (const page of readBibtex([decodeBibtex(Buffer.from(file))], ctx.now())) {
    const papers = takePage(told, page, limit - paperIds.size - others.length);
    const known = await findPapersByKey(ctx.db, papers.flatMap(keysOf));
    for (const paper of papers) {
      const found = pick(known, paper);
      if (found) paperIds.add(found.id);
      else others.push(paper);
    }
  }
  return { paperIds: [...paperIds], others, ...told };
}

type Told = Omit<TakenBibliography, 'paperIds'>;

function nothingTold(): Told {
  return { titles: [], skipped: [], leftOut: 0 };
}

/** The papers of the next page that there is room for; what is said of the list is added to `told`. */
function takePage(told: Told, page: SourcePage, room: number): Paper[] {
  const papers = page.papers.slice(0, Math.max(0, room));
  told.titles.push(...papers.map(({ title }) => title));
  told.skipped.push(...page.skipped.map(({ reason }) => reason));
  told.leftOut += page.papers.length - papers.length;
  return papers;
}

async function findOrStore(ctx: Context, papers: readonly Paper[]): Promise<number[]> {
  const before = await findPapersByKey(ctx.db, papers.flatMap(keysOf));
  const unknown = papers.filter((paper) => !pick(before, paper));
  if (unknown.length === 0) return papers.flatMap((paper) => pick(before, paper)?.id ?? []);
  await ctx.db.transaction((tx) => storePapers(tx, unknown.map(asTold), () => NEVER_NEWS));
  const after = await findPapersByKey(ctx.db, papers.flatMap(keysOf));
  return papers.flatMap((paper) => pick(after, paper)?.id ?? []);
}

/** By id, else by title unless the ids say that these are two papers. */
function pick(known: ReadonlyMap<string, KeyedPaper>, paper: Paper): KeyedPaper | null {
  for (const key of strongKeys(paper)) {
    const found = known.get(key);
    if (found) return found;
  }
  const alike = known.get(titleKey(paper) ?? '');
  return alike && !haveDifferentIds({ ...paper, ...alike }, paper) ? alike : null;
}

function keysOf(paper: Paper): string[] {
  return [...strongKeys(paper), titleKey(paper) ?? []].flat();
}

/**
 * One id is enough to know it by, and with two a list could join papers that are not one. A version would outrank the
 * archive's, and an address would lead other readers wherever the list says.
 */
function asTold({ externalId, arxivId, doi, ...paper }: Paper): Paper {
  return {
    ...paper,
    source: 'reader',
    externalId,
    arxivId,
    doi: arxivId === null ? doi : null,
    version: 1,
    url:
      arxivId !== null
        ? `https://arxiv.org/abs/${arxivId}`
        : doi !== null
          ? encodeURI(`https://doi.org/${doi}`)
          : null,
    codeUrl: null,
  };
}
