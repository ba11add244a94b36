/** Today's trending papers as the front page shows them. */
import type { Context } from '../context.ts';
import { listTrendingDays } from '../digests/list-trending.ts';
import { shortAuthors, shortDate, shorten, shortFields, shortVenue } from '../mail/words.ts';
import { paperLinks } from '../papers/paper-links.ts';
import type { TrendingDay } from '../template-views.ts';
import { keepFor } from './keep-for.ts';

const SUMMARY_CHARS = 280;

/** A function that lists them; its answer is kept for a minute, as everyone sees the same. */
export function createTrendingList(ctx: Context): () => Promise<TrendingDay[]> {
  return keepFor(60_000, ctx.now, async () => {
    const days = await listTrendingDays(ctx);
    return days.map(({ date, label, papers }) => ({
      date,
      label,
      papers: papers.map(({ paper, why }) => ({
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
        ...paperLinks(paper),
      })),
    }));
  });
}
