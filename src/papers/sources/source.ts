/** What every paper source has in common: the context it is given, and the pages it yields. */
import type { z } from 'zod';
import { type Paper, paperSchema } from '../paper.ts';
import { readableText } from '../text.ts';

export interface SourceContext {
  fetch: typeof globalThis.fetch;
  now: () => Date;
  /** Says who is asking and how to reach them; arXiv and Hugging Face ask for that. */
  userAgent: string;
  signal?: AbortSignal;
  /** Waits `ms` milliseconds, between requests and when a source asks for patience. */
  sleep?: (ms: number) => Promise<void>;
  /** From 0 up to 1, spreads the waits before another try; `Math.random` where none is given. */
  random?: () => number;
}

export interface SkippedRecord {
  reason: string;
  externalId?: string;
}

/** One answer's worth of papers. Records that could not be read are counted here, never dropped in silence. */
export interface SourcePage {
  papers: Paper[];
  skipped: SkippedRecord[];
  /** Where to go on after this page, in the source's own words. Kept in the same transaction as the papers. */
  cursor?: string;
  /** How many records the whole run will have, where the source tells. */
  total?: number;
}

/** Longer than any real title or abstract, short enough that hostile text costs milliseconds. */
const MAX_RAW_TITLE = 4_000;
const MAX_RAW_ABSTRACT = 40_000;

/** What an adapter knows of a paper, with title and abstract still as the source wrote them. */
export type PaperDraft = z.input<typeof paperSchema>;

/** `cs.CL`, `astro-ph`. arXiv mixes in classes of other bodies (ACM, MSC), often several in one string. */
const CATEGORY = /^[a-z][a-z-]{1,15}(?:\.[A-Za-z-]{2,20})?$/;

/** Makes all text readable, checks the whole, and adds it to the page as a paper or as a skipped record. */
export function addPaper(page: SourcePage, draft: PaperDraft): void {
  const parsed = paperSchema.safeParse({
    ...draft,
    title: readableText(draft.title.slice(0, MAX_RAW_TITLE)).slice(0, 1000),
    abstract: readableText((draft.abstract ?? '').slice(0, MAX_RAW_ABSTRACT)).slice(0, 20_000),
    authors: (draft.authors ?? [])
      .slice(0, 5000)
      .map((name) => readableText(name.slice(0, 400)).slice(0, 200))
      .filter((name) => name !== ''),
    categories: (draft.categories ?? []).filter((category) => CATEGORY.test(category)).slice(0, 40),
  });
  if (parsed.success) page.papers.push(parsed.data);
  else page.skipped.push({ reason: firstIssue(parsed.error), externalId: draft.externalId });
}

/** The first thing zod disliked, as `paper.title: Invalid input`. */
export function firstIssue(error: { issues: readonly { path: PropertyKey[]; message: string }[] }): string {
  const [issue] = error.issues;
  return issue ? `${issue.path.map(String).join('.') || 'record'}: ${issue.message}` : 'record: unreadable';
}
