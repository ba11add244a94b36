/** What the page of a paper shows. */
import type { Context } from '../context.ts';
import { type ToldPaper, whyTrending } from '../digests/list-trending.ts';
import { shortDate, shorten } from '../mail/words.ts';
import { citeBibtex } from '../papers/cite-bibtex.ts';
import { paperLinks, paperUrl } from '../papers/paper-links.ts';
import type { StoredPaper } from '../papers/papers.repo.ts';
import { findCategoryTopics, listCategoryTopics } from '../subscribers/topics.ts';
import type { PaperPage } from '../template-views.ts';
import { keepFor } from './keep-for.ts';
import { toListedPaper } from './listed-paper.ts';
import { addressWith } from './query-values.ts';

/** What sites show of a link. */
const DESCRIPTION_CHARS = 200;

/** A function that fills the page; the topics are kept for a minute, as all pages name them. */
export function createPaperPage(
  ctx: Context,
): (paper: StoredPaper, similar: readonly ToldPaper[]) => Promise<Omit<PaperPage, 'site'>> {
  const topics = keepFor(60_000, ctx.now, () => listCategoryTopics(ctx.db));
  return async (paper, similar) => {
    const named = findCategoryTopics(await topics(), paper.categories);
    return toView(ctx, paper, similar, named);
  };
}

function toView(
  ctx: Context,
  paper: StoredPaper,
  similar: readonly ToldPaper[],
  topics: ReturnType<typeof findCategoryTopics>,
): Omit<PaperPage, 'site'> {
  const links = paperLinks(paper);
  const likedAs = paper.arxivId ?? paper.doi;
  return {
    title: shorten(paper.title, 120),
    paper: {
      title: paper.title,
      authors: paper.authors,
      abstract: paper.abstract,
      categories:
        paper.categories.length > 0
          ? paper.categories.map((name) => {
              const topic = topics.get(name);
              return { name, title: topic?.name ?? name, url: topic ? `/topics/${topic.slug}` : null };
            })
          : paper.fieldsOfStudy.map((name) => ({ name, title: name, url: null })),
      published: paper.publishedAt ? shortDate(paper.publishedAt) : '',
      venue: paper.venue ?? '',
      withdrawn: paper.withdrawn,
      figures: figuresOf(paper),
      ...links,
      source: sourceOf(links.abstractUrl),
    },
    similar: similar.map(toListedPaper),
    seedUrl: likedAs ? `${addressWith('/', { liked: likedAs })}#subscribe` : null,
    bibtex: citeBibtex(paper),
    share: {
      url: ctx.config.publicUrl + paperUrl(paper),
      title: paper.title,
      description: shorten(paper.abstract, DESCRIPTION_CHARS),
      kind: 'article',
    },
    noindex: paper.withdrawn,
  };
}

function figuresOf(paper: StoredPaper): string[] {
  const { trend, citations } = paper;
  const count = (amount: number | null | undefined, noun: string) =>
    amount ? [`${amount.toLocaleString('en')} ${noun}${amount === 1 ? '' : 's'}`] : [];
  const why = whyTrending(paper);
  return [
    ...(why ? [why] : []),
    ...count(trend?.comments, 'comment'),
    ...count(trend?.githubStars, 'GitHub star'),
    ...count(citations, 'citation'),
  ];
}

function sourceOf(url: string): string {
  const { hostname } = new URL(url);
  return /(^|\.)arxiv\.org$/.test(hostname) ? 'arXiv' : hostname.replace(/^www\./, '');
}
