/** A paper as lists show it, in words, and its address here. */
import type { ToldPaper } from '../digests/list-trending.ts';
import { shortAuthors, shortDate, shorten, shortFields, shortVenue } from '../mail/words.ts';
import { nameOfPaper } from '../papers/open-paper.ts';
import { paperLinks } from '../papers/paper-links.ts';
import type { ListedPaper } from '../template-views.ts';

const SUMMARY_CHARS = 280;

export function toListedPaper({ paper, why }: ToldPaper): ListedPaper {
  return {
    title: paper.title,
    authors: shortAuthors(paper.authors),
    summary: shorten(paper.abstract, SUMMARY_CHARS),
    upvotes: paper.trend?.upvotes ?? null,
    comments: paper.trend?.comments ?? null,
    githubStars: paper.trend?.githubStars ?? null,
    why,
    citations: paper.citations,
    venue: shortVenue(paper.venue),
    categories: shortFields(paper),
    published: paper.publishedAt ? shortDate(paper.publishedAt) : '',
    pageUrl: paperUrl(paper),
    ...paperLinks(paper),
  };
}

/** The one path of a paper's page. Ids of before 2007 hold a slash, which stays one. */
export function paperUrl(paper: Parameters<typeof nameOfPaper>[0]): string {
  return `/papers/${nameOfPaper(paper)}`;
}
