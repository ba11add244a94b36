/** Any feed the operator names: RSS in all its versions, Atom or JSON Feed, of journals, preprint servers, blogs. */
import { createHash } from 'node:crypto';
import { XMLValidator } from 'fast-xml-parser';
import {
  type AtomFeed,
  type DcNs,
  type JsonFeed,
  parseAtomFeed,
  parseJsonFeed,
  parseRdfFeed,
  parseRssFeed,
  type RdfFeed,
  type RssFeed,
} from 'feedsmith';
import { AppError } from '../../errors.ts';
import { findArxivId, findDoi, preprintVersion, readDate, splitAuthors, webUrl } from './feed-item.ts';
import { getTextIfChanged } from './get-text.ts';
import { htmlToText } from './html-to-text.ts';
import { addPaper, type SourceContext, type SourcePage } from './source.ts';
import { readValidatorCursor, validatorCursor } from './validator-cursor.ts';

export interface FeedOptions {
  /** The operator's name for it; `feed-` and this, as a slug, is the papers' source. */
  name: string;
  url: string;
  /** Of the last page that was kept. */
  cursor?: string | null;
}

const LIMITS = {
  timeoutMs: 30_000,
  maxBytes: 10_000_000,
  accept:
    'application/feed+json, application/atom+xml, application/rss+xml, application/rdf+xml, application/json;q=0.9, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1',
};
/** The longest feeds in use have a few hundred. */
const MAX_ITEMS = 2_000;

/** `cs.CL`, `cond-mat.str-el`, and the archives of physics that have no parts. */
const ARXIV_CATEGORY =
  /^(?:[a-z-]{2,10}\.(?:[A-Z]{2}|[a-z]+-[a-z]+)|(?:math|quant)-ph|gr-qc|hep-(?:ex|lat|ph|th)|nucl-(?:ex|th))$/;

/** One item, whatever the format; lists are in order of preference. */
interface FeedItem {
  title: string;
  texts: (string | undefined)[];
  authors: string[];
  dates: (string | undefined)[];
  links: (string | undefined)[];
  /** The feed's own id of the item. */
  guid: string | undefined;
  identifiers: (string | undefined)[];
  categories: string[];
}

/** `feed-nature-physics` for `Nature Physics`. Throws `SOURCE_BAD_NAME` where nothing is left of the name. */
export function feedSource(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 26)
    .replace(/-+$/, '');
  if (slug === '') throw new AppError('SOURCE_BAD_NAME', 'A feed needs a name with Latin letters or digits.');
  return `feed-${slug}`;
}

/**
 * Yields all of the feed as one page, or none where the feed hasn't changed since the page with `cursor`.
 * Throws `SOURCE_BAD_ANSWER` for what is no feed or ends early, `SOURCE_BAD_NAME`, and what `getText` throws.
 */
export async function* readFeed(
  ctx: SourceContext,
  { name, url, cursor }: FeedOptions,
): AsyncGenerator<SourcePage> {
  const source = feedSource(name);
  const answer = await getTextIfChanged(ctx, url, { ...LIMITS, ...readValidatorCursor(url, cursor) });
  if (answer.status === 'unchanged') return;
  const page: SourcePage = { papers: [], skipped: [], cursor: validatorCursor(url, answer) };
  const items = readItems(answer.body, url);
  for (const item of items.slice(0, MAX_ITEMS)) addItem(page, item, { source, url, now: ctx.now() });
  if (items.length > MAX_ITEMS) {
    page.skipped.push({ reason: `${items.length - MAX_ITEMS} items after the first ${MAX_ITEMS}` });
  }
  yield page;
}

function readItems(body: string, url: string): FeedItem[] {
  const isJson = /^\s*\{/.test(body);
  if (!isJson) assertWhole(body, url);
  // The parser would guess by what stands anywhere in the feed, and feeds also write about feeds.
  const root = isJson ? 'json' : rootOf(body);
  try {
    if (root === 'json') return (parseJsonFeed(body).items ?? []).map(jsonItem);
    if (root === 'feed') return (parseAtomFeed(body).entries ?? []).map(atomItem);
    if (root === 'rdf') return (parseRdfFeed(body).items ?? []).map(rssItem);
    return (parseRssFeed(body).items ?? []).map(rssItem);
  } catch (cause) {
    throw badAnswer(url, 'something that is no feed', cause);
  }
}

/** The name of the outermost element, without prefix, in lower case. */
function rootOf(wholeXml: string): string | undefined {
  for (const [, name] of wholeXml.matchAll(/<!--[\s\S]*?-->|<(?:[\w.-]+:)?([A-Za-z][\w.-]*)/g)) {
    if (name) return name.toLowerCase();
  }
}

/**
 * The parser makes do with half a document, whose missing items would then count as read; and it knows no entities but
 * HTML's, so a document that declares its own has nothing to say to us.
 */
function assertWhole(xml: string, url: string): void {
  if (/<!DOCTYPE[^>[]{0,500}\[/i.test(xml.slice(0, 5_000)))
    throw badAnswer(url, 'a feed with entities of its own');
  let fault: unknown;
  try {
    // Many feeds forget to escape `&`, which harms nothing.
    const result = XMLValidator.validate(xml.replaceAll('&', ''), { allowBooleanAttributes: true });
    fault = result === true ? null : result.err.msg;
  } catch (cause) {
    fault = cause;
  }
  if (fault !== null) throw badAnswer(url, 'broken XML', fault);
}

const dcTexts = (dc: DcNs.ItemOrFeed<string> | undefined) => dc?.descriptions ?? [];

function rssItem(item: RssFeed.Item<string> | RdfFeed.Item<string>): FeedItem {
  // RDF has no more than a part of these.
  const rss = item as RssFeed.Item<string>;
  const { dc, dcterms, prism } = rss;
  const about = (item as RdfFeed.Item<string>).rdf?.about;
  const creators = dc?.creators ?? dcterms?.creators ?? rss.authors?.map(({ name }) => name ?? '') ?? [];
  return {
    title: rss.title ?? dc?.titles?.[0] ?? '',
    texts: [rss.description, ...dcTexts(dc), rss.content?.encoded],
    authors: splitAuthors(creators.map(htmlToText)),
    dates: [rss.pubDate, ...(dc?.dates ?? []), ...(prism?.publicationDates ?? [])],
    links: [rss.link, rss.guid?.isPermaLink === false ? undefined : rss.guid?.value, about],
    guid: rss.guid?.value ?? about,
    identifiers: [prism?.doi, ...(dc?.identifiers ?? []), ...(dcterms?.identifiers ?? [])],
    categories: (rss.categories ?? []).map(({ name }) => name ?? ''),
  };
}

function atomItem(entry: AtomFeed.Entry<string>): FeedItem {
  const { dc } = entry;
  const isPage = ({ rel }: { rel?: string }) => rel === undefined || rel === 'alternate';
  return {
    title: entry.title?.value ?? '',
    texts: [entry.summary?.value, ...dcTexts(dc), entry.content?.value],
    authors: entry.authors?.length
      ? entry.authors.map(({ name }) => name ?? '')
      : splitAuthors((dc?.creators ?? []).map(htmlToText)),
    // `updated` is the date of a change, which is later.
    dates: [entry.published, ...(dc?.dates ?? [])],
    links: [...(entry.links ?? []).filter(isPage).map(({ href }) => href), entry.id],
    guid: entry.id,
    identifiers: [entry.arxiv?.doi, ...(dc?.identifiers ?? [])],
    categories: (entry.categories ?? []).map(({ term }) => term ?? ''),
  };
}

function jsonItem(item: JsonFeed.Item<string>): FeedItem {
  return {
    title: item.title ?? '',
    texts: [item.summary, item.content_html, item.content_text],
    authors: (item.authors ?? []).map(({ name }) => name ?? ''),
    dates: [item.date_published],
    links: [item.url, item.external_url, item.id],
    guid: item.id,
    identifiers: [],
    categories: item.tags ?? [],
  };
}

function addItem(
  page: SourcePage,
  item: FeedItem,
  { source, url, now }: { source: string; url: string; now: Date },
): void {
  const guid = cleanId(item.guid);
  const links = item.links.map(cleanId);
  const identifiers = item.identifiers.map(cleanId);
  const named = [...identifiers, guid, ...links];
  const arxiv = findArxivId(named);
  const found = findDoi(named);
  // arXiv's own DOIs say no more than its ids, and not every source has them.
  const doi = found && /^10\.48550\//.test(found) ? null : found;
  // An id of the feed's own is no link; only a link is made absolute.
  const link = links.map((each) =>
    each === guid && !/^https?:/i.test(each ?? '') ? null : webUrl(each, url),
  );
  const address =
    link.find((each) => each !== null) ??
    (arxiv ? `https://arxiv.org/abs/${arxiv.id}` : doi && webUrl(`https://doi.org/${doi}`, url));
  const ownId =
    guid && guid.length <= 300 && !/^\s*(?:javascript|vbscript|data|file):/i.test(guid) ? guid : null;
  const externalId = doi?.toLowerCase() ?? arxiv?.id ?? ownId ?? (address && shortId(address));
  if (!externalId) {
    page.skipped.push({ reason: 'externalId: neither an id nor a link' });
    return;
  }
  const version = arxiv?.version ?? preprintVersion([...links, guid]) ?? 1;
  addPaper(page, {
    source,
    externalId,
    arxivId: arxiv?.id ?? null,
    version: Math.max(1, version),
    doi,
    title: htmlToText(item.title),
    abstract: item.texts.map((text) => htmlToText(text ?? '')).find((text) => text.trim() !== '') ?? '',
    authors: item.authors.map(htmlToText),
    // Tags of blogs would pass for arXiv's categories.
    categories: arxiv ? item.categories.filter((category) => ARXIV_CATEGORY.test(category)) : [],
    // The feed gives the date of the version that it announces.
    publishedAt: version > 1 ? null : readDate(item.dates, now),
    url: address,
  });
}

/** An address as an id; some carry more than an id may hold. */
function shortId(address: string): string {
  return address.length <= 300 ? address : `sha256:${createHash('sha256').update(address).digest('hex')}`;
}

/** Databases refuse NUL and lone surrogates, and identifiers go there as they are. */
function cleanId(id: string | undefined): string | undefined {
  return id?.replace(/[\p{Cc}\p{Cs}]/gu, '').trim() || undefined;
}

function badAnswer(url: string, what: string, cause?: unknown): AppError {
  return new AppError('SOURCE_BAD_ANSWER', `${new URL(url).host} sent ${what}.`, { retry: true, cause });
}
