/** Feeds in each format, made of facts and summaries of the papers that come with the project: nobody's own words. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../src/project-root.ts';

interface SeedPaper {
  arxivId: string;
  title: string;
  authors: string[];
  published: string;
  /** Ours; few listings told arXiv's own. */
  fields: string[];
  summary: string;
}

/** The first `count` seeds whose facts are complete. */
export function seedFacts(count: number): SeedPaper[] {
  const seeds: SeedPaper[] = JSON.parse(readFileSync(join(projectRoot, 'seeds', 'papers.json'), 'utf8'));
  return seeds
    .filter(
      ({ arxivId, authors, published, fields }) => arxivId && published && authors.length * fields.length > 0,
    )
    .slice(0, count);
}

const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** What arXiv announces on one day: `types` in turn, and `extra` items behind. */
export function arxivAnnouncement(papers: readonly SeedPaper[], extra = ''): string {
  const types = ['new', 'cross', 'replace'];
  const items = papers.map(({ arxivId, title, authors, fields, summary }, at) => {
    const type = types[at % types.length];
    const id = `${arxivId}v${type === 'replace' ? 2 : 1}`;
    return `<item><title>${escaped(title)}</title><link>https://arxiv.org/abs/${arxivId}</link>
      <description>arXiv:${id} Announce Type: ${type}
Abstract: ${escaped(summary)}</description><guid isPermaLink="false">oai:arXiv.org:${id}</guid>
      ${fields.map((category) => `<category>${category}</category>`).join('')}
      <pubDate>Mon, 30 Jun 2025 00:00:00 -0400</pubDate><arxiv:announce_type>${type}</arxiv:announce_type>
      <dc:creator>${escaped(authors.join(', '))}</dc:creator></item>`;
  });
  return `<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">
  <channel><title>cs updates on arXiv.org</title>${items.join('')}${extra}</channel></rss>`;
}

/** A journal's own feed: each paper with a DOI of its own, and none known to arXiv. */
export function journalFeed(
  papers: readonly SeedPaper[],
  format: 'rss' | 'atom' | 'json',
  extra = '',
): string {
  const doiOf = (at: number) => `10.1234/paper.${at}`;
  const authorsOf = ({ authors }: SeedPaper) =>
    authors.map((name) => `<author><name>${escaped(name)}</name></author>`);
  switch (format) {
    case 'rss':
      return `<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>A journal</title>
        ${papers
          .map(
            (
              paper,
              at,
            ) => `<item><title>${escaped(paper.title)}</title><link>https://doi.org/${doiOf(at)}</link>
        <description>${escaped(paper.summary)}</description><dc:creator>${escaped(paper.authors.join('; '))}</dc:creator>
        <pubDate>${new Date(paper.published).toUTCString()}</pubDate></item>`,
          )
          .join('')}${extra}</channel></rss>`;
    case 'atom':
      return `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>A journal</title>${papers
        .map(
          (paper, at) => `<entry><title>${escaped(paper.title)}</title><id>tag:journal.test,2025:${at}</id>
        <link href="https://doi.org/${doiOf(at)}"/><published>${paper.published}T00:00:00Z</published>
        <summary>${escaped(paper.summary)}</summary>${authorsOf(paper).join('')}</entry>`,
        )
        .join('')}${extra}</feed>`;
    case 'json':
      return JSON.stringify({
        version: 'https://jsonfeed.org/version/1.1',
        title: 'A journal',
        items: [
          ...papers.map((paper, at) => ({
            id: `https://doi.org/${doiOf(at)}`,
            url: `https://doi.org/${doiOf(at)}`,
            title: paper.title,
            content_text: paper.summary,
            date_published: `${paper.published}T00:00:00Z`,
            authors: paper.authors.map((name) => ({ name })),
          })),
          ...(extra === '' ? [] : [{ id: extra }]),
        ],
      });
  }
}
