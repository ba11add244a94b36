/** arXiv's daily announcements by RSS: what is new, cross-listed or replaced, in one request for all archives of interest. */
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { parseArxivId } from '../paper.ts';
import { findDoi, splitAuthors } from './feed-item.ts';
import { getTextIfChanged } from './get-text.ts';
import { htmlToText } from './html-to-text.ts';
import { addPaper, firstIssue, type SourceContext, type SourcePage } from './source.ts';
import { readValidatorCursor, validatorCursor } from './validator-cursor.ts';

export interface ArxivRssOptions {
  /** `https://rss.arxiv.org`, without the path. */
  baseUrl: string;
  /** Archives and categories as arXiv spells them: `cs`, `stat.ML`. */
  archives: string[];
  /** Of the last page that was kept. */
  cursor?: string | null;
}

/** All of `cs` is 2–3 MB on a busy day; arXiv itself stops at 2,000 announcements. */
const LIMITS = { timeoutMs: 60_000, maxBytes: 20_000_000, accept: 'application/rss+xml' };
const ARCHIVE = /^[a-z][a-z-]{1,15}(?:\.[A-Za-z-]{2,20})?$/;
const LISTS = new Set(['rss.channel.item', 'rss.channel.item.category', 'rss.channel.item.creator']);

/** As for the Atom API: only XML's own entities, names without their prefix. */
const parser = new XMLParser({
  ignoreAttributes: true,
  removeNSPrefix: true,
  parseTagValue: false,
  processEntities: { enabled: true, maxEntityCount: 1, maxExpansionDepth: 1, maxTotalExpansions: 1_000_000 },
  isArray: (_name, path) => typeof path === 'string' && LISTS.has(path),
});

const text = z.string().catch('');
const itemSchema = z.object({
  title: z.string().min(1),
  link: text,
  guid: text,
  description: text,
  category: z.array(text).catch([]),
  creator: z.array(text).catch([]),
  pubDate: text,
  announce_type: text,
  DOI: z.string().max(300).nullish().catch(null),
});

/** An empty channel is a weekend. */
const answerSchema = z.object({
  rss: z.object({ channel: z.object({ title: z.unknown(), item: z.array(z.unknown()).default([]) }) }),
});

/**
 * Yields the day's announcements as one page, empty at weekends, or none where nothing changed since the page with
 * `cursor`. Throws `SOURCE_BAD_QUERY` for a name that is no archive's, `SOURCE_BAD_ANSWER` for what is no RSS or ends
 * early, and what `getText` throws.
 */
export async function* readArxivRss(
  ctx: SourceContext,
  { baseUrl, archives, cursor }: ArxivRssOptions,
): AsyncGenerator<SourcePage> {
  const unknown = archives.find((archive) => !ARCHIVE.test(archive));
  if (unknown !== undefined || archives.length === 0) {
    throw new AppError('SOURCE_BAD_QUERY', `arXiv has no archive named “${unknown ?? ''}”.`);
  }
  const url = new URL(`/rss/${archives.join('+')}`, baseUrl).href;
  const answer = await getTextIfChanged(ctx, url, { ...LIMITS, ...readValidatorCursor(url, cursor) });
  if (answer.status === 'unchanged') return;
  const page: SourcePage = { papers: [], skipped: [], cursor: validatorCursor(url, answer) };
  for (const raw of readItems(answer.body, url)) addItem(page, raw);
  yield page;
}

function readItems(xml: string, url: string): unknown[] {
  const fault = (cause?: unknown) =>
    new AppError('SOURCE_BAD_ANSWER', `${new URL(url).host} sent something that is no RSS.`, {
      retry: true,
      cause,
    });
  // The parser makes do with half a document, whose missing items would then count as read.
  if (/<!DOCTYPE/i.test(xml) || !/<\/rss\s*>\s*$/.test(xml)) throw fault();
  try {
    return answerSchema.parse(parser.parse(xml)).rss.channel.item;
  } catch (cause) {
    throw fault(cause);
  }
}

function addItem(page: SourcePage, raw: unknown): void {
  const { data: item, error } = itemSchema.safeParse(raw);
  // Only the guid and the description tell the version.
  const arxiv =
    item && [item.guid, item.description.slice(0, 100), item.link].map(parseArxivId).find((id) => id);
  if (!item || !arxiv) {
    const guid = item?.guid.slice(0, 300) || undefined;
    page.skipped.push({ reason: error ? firstIssue(error) : 'guid: not an arXiv id', externalId: guid });
    return;
  }
  const [, typeInText, abstract] = DESCRIPTION.exec(item.description) ?? [];
  const type = (item.announce_type || typeInText || '').trim().toLowerCase();
  const version = Math.max(1, arxiv.version ?? 1);
  addPaper(page, {
    source: 'arxiv',
    externalId: arxiv.id,
    arxivId: arxiv.id,
    version,
    doi: findDoi([item.DOI ?? undefined]),
    title: htmlToText(item.title),
    abstract: htmlToText(abstract ?? item.description),
    authors: splitAuthors(item.creator),
    categories: [...new Set(item.category)],
    // All there is to go by: announcements leave out the comments, where most withdrawals are told.
    withdrawn: /^\s*this (?:paper|article|submission|manuscript|work) (?:has been|was|is) withdrawn\b/i.test(
      abstract ?? '',
    ),
    // A replacement and a cross-listing are announced long after the paper's own day.
    publishedAt: type === 'new' && version === 1 ? announcedOn(item.pubDate) : null,
    url: `https://arxiv.org/abs/${arxiv.id}`,
  });
}

/** `arXiv:2401.12345v1 Announce Type: new \nAbstract: …` */
const DESCRIPTION = /^\s*arXiv:\S+\s+Announce Type:\s*([a-z-]+)\s+Abstract:\s*(.*)$/is;

/** The day as arXiv writes it, in its own zone: midnight in New York is the day before nowhere but in other zones. */
function announcedOn(pubDate: string): Date | null {
  const day = /\b(\d{1,2} [A-Z][a-z]{2} \d{4})\b/.exec(pubDate)?.[1];
  const at = Date.parse(`${day} UTC`);
  return Number.isNaN(at) ? null : new Date(at);
}
