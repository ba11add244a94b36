/** The arXiv Atom API: papers by search, newest first, or by id. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { parseArxivId } from '../paper.ts';
import { answerOf, getText, pause } from './get-text.ts';
import { addPaper, firstIssue, type SourceContext, type SourcePage } from './source.ts';
import { XML_OPTIONS } from './xml.ts';

export interface ArxivQueryOptions {
  /** `https://export.arxiv.org`, without the path. */
  baseUrl: string;
  /** In arXiv's own language: `cat:cs.CL AND all:"test time"`. */
  query: string;
  /** First and last day of submission, `YYYY-MM-DD` in UTC, both included. */
  from?: string;
  to?: string;
  pageSize: number;
  /** Ends after this many entries. */
  maxResults: number;
  /** arXiv asks for three seconds between requests. */
  pauseMs: number;
}

export interface ArxivIdsOptions {
  baseUrl: string;
  ids: string[];
  pauseMs?: number;
}

/** An entry is 2–5 kB; arXiv itself refuses more than 2,000 a page. */
const LIMITS = { timeoutMs: 60_000, maxBytes: 20_000_000, accept: 'application/atom+xml' };
/** Keeps the address under the 8 kB that servers accept. */
const IDS_PER_REQUEST = 100;
const ERRORS = 'arxiv.org/api/errors';

const LISTS = new Set(['feed.entry', 'feed.entry.author', 'feed.entry.category', 'feed.entry.link']);

const parser = new XMLParser({
  ...XML_OPTIONS,
  isArray: (_name, path) => typeof path === 'string' && LISTS.has(path),
});

const term = z.object({ '@term': z.string() });
const entrySchema = z.object({
  id: z.string(),
  title: z.string().min(1),
  summary: z.string().catch(''),
  published: z.iso.datetime({ offset: true }),
  author: z.array(z.object({ name: z.string().catch('') })).catch([]),
  category: z.array(term).catch([]),
  primary_category: term.nullish().catch(null),
  doi: z.string().max(300).nullish().catch(null),
});

const feedSchema = z.object({
  feed: z.object({
    entry: z.array(z.unknown()).default([]),
    /** Of the whole search, not of this page. */
    totalResults: z.coerce.number().int().min(0).nullish().catch(null),
  }),
});

/**
 * Yields the answer's pages, newest submission first, until arXiv has no more or `maxResults` are read; how many are
 * left out then counts as skipped.
 * Throws `SOURCE_BAD_QUERY` where arXiv rejects the search, `SOURCE_BAD_ANSWER` for XML that isn't a feed or ends early,
 * and what `getText` throws.
 */
export async function* readArxivQuery(
  ctx: SourceContext,
  { baseUrl, query, from, to, pageSize, maxResults, pauseMs }: ArxivQueryOptions,
): AsyncGenerator<SourcePage> {
  let start = 0;
  let emptyAnswers = 0;
  while (start < maxResults) {
    if (start > 0 || emptyAnswers > 0) await pause(ctx, pauseMs);
    const size = Math.min(pageSize, maxResults - start);
    const { page, entries, total } = await readPage(ctx, baseUrl, {
      search_query: withDates(query, from, to),
      start: String(start),
      max_results: String(size),
      sortBy: 'submittedDate',
      sortOrder: 'descending',
    });
    start += entries;
    const more = total === null ? entries >= size : start < total;
    if (more && start >= maxResults) {
      page.skipped.push({
        reason: `${total === null ? '' : total - start} results after the first ${maxResults}`.trim(),
      });
    }
    if (entries > 0) yield page;
    if (!more) return;
    // Deep into a search arXiv now and then answers with an empty page although there are more.
    emptyAnswers = entries === 0 ? emptyAnswers + 1 : 0;
    if (emptyAnswers > 1) throw badAnswer(baseUrl, 'an empty page before the end of the search');
  }
}

/** Yields the papers with these ids, in pages of a hundred; ids that arXiv doesn't know are simply not there. Throws as above. */
export async function* readArxivIds(
  ctx: SourceContext,
  { baseUrl, ids, pauseMs = 3_000 }: ArxivIdsOptions,
): AsyncGenerator<SourcePage> {
  for (let start = 0; start < ids.length; start += IDS_PER_REQUEST) {
    if (start > 0) await pause(ctx, pauseMs);
    const { page, entries } = await readPage(ctx, baseUrl, {
      id_list: ids.slice(start, start + IDS_PER_REQUEST).join(','),
      start: '0',
      max_results: String(IDS_PER_REQUEST),
    });
    if (entries > 0) yield page;
  }
}

function withDates(query: string, from: string | undefined, to: string | undefined): string {
  if (!from && !to) return query;
  const digits = (day: string) => day.replaceAll('-', '');
  const range = `submittedDate:[${digits(from ?? '1991-01-01')}0000 TO ${digits(to ?? '2999-12-31')}2359]`;
  return query.trim() === '' ? range : `(${query}) AND ${range}`;
}

async function readPage(ctx: SourceContext, baseUrl: string, params: Record<string, string>) {
  const url = new URL('/api/query', baseUrl);
  url.search = new URLSearchParams(params).toString();
  let body: string;
  try {
    body = await getText(ctx, url.href, LIMITS);
  } catch (error) {
    const answer = answerOf(error);
    if (answer?.status !== 400) throw error;
    throw badQuery(readFeed(answer.body)?.entry[0], error);
  }
  const feed = readFeed(body);
  if (!feed) throw badAnswer(baseUrl, 'something that is no Atom feed');
  return { page: readEntries(feed.entry), entries: feed.entry.length, total: feed.totalResults ?? null };
}

/** The feed, or null where `xml` is none that we would read. */
function readFeed(xml: string): z.infer<typeof feedSchema>['feed'] | null {
  // Atom needs no document type, and entity bombs can't do without one.
  if (/<!DOCTYPE/i.test(xml)) return null;
  // The parser alone takes half a feed for a whole one.
  if (XMLValidator.validate(xml) !== true) return null;
  try {
    return feedSchema.safeParse(parser.parse(xml)).data?.feed ?? null;
  } catch {
    return null;
  }
}

function readEntries(entries: unknown[]): SourcePage {
  const page: SourcePage = { papers: [], skipped: [] };
  for (const raw of entries) {
    const { data: entry, error } = entrySchema.safeParse(raw);
    const id = entry?.id ?? (z.object({ id: z.string() }).safeParse(raw).data?.id || undefined);
    if (id?.includes(ERRORS)) throw badQuery(raw);
    const arxiv = parseArxivId(id ?? '');
    if (!entry || !arxiv) {
      page.skipped.push({
        reason: error ? firstIssue(error) : 'id: not an arXiv id',
        externalId: id?.slice(0, 300),
      });
      continue;
    }
    const primary = entry.primary_category?.['@term'];
    const categories = new Set(primary ? [primary] : []);
    for (const { '@term': category } of entry.category) categories.add(category);
    addPaper(page, {
      source: 'arxiv',
      externalId: arxiv.id,
      arxivId: arxiv.id,
      version: arxiv.version ?? 1,
      doi: entry.doi?.trim() || null,
      title: entry.title,
      abstract: entry.summary,
      authors: entry.author.map(({ name }) => name),
      categories: [...categories],
      publishedAt: new Date(entry.published),
      url: `https://arxiv.org/abs/${arxiv.id}`,
    });
  }
  return page;
}

/** arXiv answers a search it can't read with one entry whose summary says why. */
function badQuery(entry: unknown, cause?: unknown): AppError {
  const why = z.object({ summary: z.string() }).safeParse(entry).data?.summary.trim().slice(0, 300);
  return new AppError('SOURCE_BAD_QUERY', `arXiv rejects the search${why ? `: ${why}` : ''}.`, { cause });
}

function badAnswer(baseUrl: string, what: string): AppError {
  return new AppError('SOURCE_BAD_ANSWER', `${new URL(baseUrl).host} sent ${what}.`, { retry: true });
}
