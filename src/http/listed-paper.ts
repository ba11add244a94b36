/** A paper as lists show it, in words. */
import type { ToldPaper } from '../digests/list-trending.ts';
import { explainReason } from '../mail/reason-words.ts';
import { shortAuthors, shortDate, shorten, shortFields, shortTitle, shortVenue } from '../mail/words.ts';
import type { Translate } from '../messages.ts';
import { paperLinks, paperUrl } from '../papers/paper-links.ts';
import type { ListedPaper } from '../template-views.ts';

const SUMMARY_CHARS = 280;

export function toListedPaper({ paper, reasons }: ToldPaper, t: Translate): ListedPaper {
  return {
    title: shortTitle(paper.title),
    authors: shortAuthors(paper.authors),
    summary: shorten(paper.abstract, SUMMARY_CHARS),
    upvotes: paper.trend?.upvotes ?? null,
    comments: paper.trend?.comments ?? null,
    githubStars: paper.trend?.githubStars ?? null,
    why: wordTold(reasons, t),
    citations: paper.citations,
    venue: shortVenue(paper.venue),
    categories: shortFields(paper),
    published: paper.publishedAt ? shortDate(paper.publishedAt, t) : '',
    pageUrl: paperUrl(paper),
    ...paperLinks(paper),
  };
}

/** "" where there is nothing to tell. */
export function wordTold(reasons: ToldPaper['reasons'], t: Translate): string {
  return reasons.map((reason) => explainReason(reason, t)).join('; ');
}
