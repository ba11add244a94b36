/** One paper by what names it, and the names of all. */
import type { Context } from '../context.ts';
import { findPapersByKey } from './liked-papers.repo.ts';
import { parseArxivId } from './paper.ts';
import { nameOfPaper } from './paper-links.ts';
import { listPaperAddresses, listPapersById, type StoredPaper } from './papers.repo.ts';

export type PaperName = { id: number } | { key: string };

/** Null where it is not known, or known from readers' own lists alone. */
export async function openPaper(ctx: Context, name: PaperName): Promise<StoredPaper | null> {
  const id = 'id' in name ? name.id : (await findPapersByKey(ctx.db, [name.key])).get(name.key)?.id;
  if (id === undefined) return null;
  return (await listPapersById(ctx.db, ctx.now(), [id]))[0] ?? null;
}

/** Reads a name as addresses hold it: an arXiv id, or `p` and our own number. Null where it is neither. */
export function readPaperName(text: string): PaperName | null {
  const own = /^p(\d{1,15})$/.exec(text)?.[1];
  if (own) return { id: Number(own) };
  if (text.length > 60) return null;
  const arxivId = parseArxivId(text)?.id;
  return arxivId ? { key: `arxiv:${arxivId}` } : null;
}

/** The names of the `limit` papers that came last, and when each last changed. */
export async function listPaperNames(
  ctx: Context,
  limit: number,
): Promise<{ name: string; updatedAt: Date }[]> {
  const papers = await listPaperAddresses(ctx.db, limit);
  return papers.map(({ updatedAt, ...paper }) => ({ name: nameOfPaper(paper), updatedAt }));
}
