/** Writes a feed in the three forms that programs read: RSS 2.0, Atom and JSON Feed. Pure. */
import { generateAtomFeed, generateJsonFeed, generateRssFeed } from 'feedsmith';

export const FEED_FORMATS = ['xml', 'atom', 'json'] as const;
export type FeedFormat = (typeof FEED_FORMATS)[number];

export interface FeedDocument {
  /** A tag URI: stays what it is wherever the site moves. */
  id: string;
  title: string;
  description: string;
  pageUrl: string;
  feedUrl: string;
  items: FeedItem[];
}

export interface FeedItem {
  /** A tag URI, so that an item stays the same one whatever its address becomes. */
  id: string;
  url: string;
  title: string;
  at: Date;
  authors: string[];
  categories: string[];
  html: string;
}

export const FEED_TYPES: Record<FeedFormat, string> = {
  xml: 'application/rss+xml; charset=utf-8',
  atom: 'application/atom+xml; charset=utf-8',
  json: 'application/feed+json; charset=utf-8',
};

export function writeFeed(document: FeedDocument, format: FeedFormat): string {
  const clean = withoutControls(document);
  return { xml: toRss, atom: toAtom, json: toJson }[format](clean);
}

function toRss({ title, description, pageUrl, feedUrl, items }: FeedDocument): string {
  return generateRssFeed({
    title,
    description,
    link: pageUrl,
    language: 'en',
    atom: { links: [{ href: feedUrl, rel: 'self', type: 'application/rss+xml' }] },
    items: items.map((item) => ({
      title: item.title,
      link: item.url,
      guid: { value: item.id, isPermaLink: false },
      pubDate: item.at,
      description: item.html,
      categories: item.categories.map((name) => ({ name })),
      dc: { creators: item.authors },
    })),
  });
}

function toAtom({ id, title, description, pageUrl, feedUrl, items }: FeedDocument): string {
  const latest = Math.max(0, ...items.map(({ at }) => at.getTime()));
  return generateAtomFeed({
    id,
    title: { value: title },
    subtitle: { value: description },
    updated: new Date(latest),
    authors: [{ name: 'Paperboy' }],
    links: [
      { href: pageUrl, rel: 'alternate', type: 'text/html' },
      { href: feedUrl, rel: 'self', type: 'application/atom+xml' },
    ],
    entries: items.map((item) => ({
      id: item.id,
      title: { value: item.title },
      updated: item.at,
      published: item.at,
      links: [{ href: item.url, rel: 'alternate', type: 'text/html' }],
      authors: item.authors.map((name) => ({ name })),
      categories: item.categories.map((term) => ({ term })),
      content: { type: 'html', value: item.html },
    })),
  });
}

function toJson({ title, description, pageUrl, feedUrl, items }: FeedDocument): string {
  return JSON.stringify(
    generateJsonFeed({
      title,
      description,
      home_page_url: pageUrl,
      feed_url: feedUrl,
      language: 'en',
      items: items.map((item) => ({
        id: item.id,
        url: item.url,
        title: item.title,
        content_html: item.html,
        date_published: item.at,
        authors: item.authors.map((name) => ({ name })),
        tags: item.categories,
      })),
    }),
  );
}

/** XML 1.0 has no way to write these, and one of them would cost its reader the whole feed. */
const NOT_IN_XML = /(?![\t\n\r])[\p{Cc}\p{Cs}\ufffe\uffff]/gu;

function withoutControls<T>(value: T): T {
  if (typeof value === 'string') return value.replace(NOT_IN_XML, '') as T;
  if (Array.isArray(value)) return value.map(withoutControls) as T;
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutControls(part)])) as T;
}
