/** The search over all papers: what was typed to a page of them, or to the one paper that an id or address names. */
import type { Context } from '../context.ts';
import { openPaper } from './open-paper.ts';
import { readPaperMentions } from './paper-mentions.ts';
import { listPapersById, type StoredPaper } from './papers.repo.ts';
import { findPapers, MOST_FOUND } from './search.repo.ts';
import { readSearch } from './search-query.ts';

export const PAPERS_A_PAGE = 20;
export const MOST_PAGES = MOST_FOUND / PAPERS_A_PAGE;

export interface SearchInput {
  /** As typed. */
  q: string;
  newestFirst: boolean;
  /** From 1 to `MOST_PAGES`. */
  page: number;
}

export type SearchResult =
  | {
      result: 'found';
      papers: StoredPaper[];
      /** Of all pages; at least so many where `isMore`. */
      count: number;
      isMore: boolean;
    }
  /** An id or address of one paper. */
  | { result: 'paper'; paper: StoredPaper }
  /** Nothing was asked for that can be looked up, as where all of it is to be left out. */
  | { result: 'nothing_asked' };

export async function searchPapers(
  ctx: Context,
  { q, newestFirst, page }: SearchInput,
): Promise<SearchResult> {
  const mentions = readPaperMentions(q.slice(0, 500));
  if (mentions.length === 1 && mentions[0]) {
    const paper = await openPaper(ctx, { key: mentions[0] });
    if (paper) return { result: 'paper', paper };
  }
  const terms = readSearch(q);
  if (terms.every(({ without }) => without)) return { result: 'nothing_asked' };
  const { ids, count } = await findPapers(ctx.db, {
    terms,
    newestFirst,
    offset: (page - 1) * PAPERS_A_PAGE,
    limit: PAPERS_A_PAGE,
  });
  const papers = await listPapersById(ctx.db, ctx.now(), ids);
  return { result: 'found', papers, count, isMore: count >= MOST_FOUND };
}
