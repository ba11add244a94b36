/** What the page of a paper shows. */
import type { Context } from '../context.ts';
import { type ToldPaper, tellTrend } from '../digests/list-trending.ts';
import { shortDate, shorten } from '../mail/words.ts';
import type { MessageKey, Translate } from '../messages.ts';
import { citeBibtex } from '../papers/cite-bibtex.ts';
import { paperLinks, paperUrl } from '../papers/paper-links.ts';
import type { StoredPaper } from '../papers/papers.repo.ts';
import { findCategoryTopics, listCategoryTopics } from '../subscribers/topics.ts';
import type { PaperPage } from '../template-views.ts';
import { keepFor } from './keep-for.ts';
import { toListedPaper, wordTold } from './listed-paper.ts';
import { addressWith } from './query-values.ts';

/** What sites show of a link. */
const DESCRIPTION_CHARS = 200;

/** A function that fills the page; the topics are kept for a minute, as all pages name them. */
export function createPaperPage(
  ctx: Context,
): (
  paper: StoredPaper,
  similar: readonly ToldPaper[],
  t: Translate,
) => Promise<Omit<PaperPage, 'site' | 'language'>> {
  const topics = keepFor(60_000, ctx.now, () => listCategoryTopics(ctx.db));
  return async (paper, similar, t) => {
    const named = findCategoryTopics(await topics(), paper.categories);
    return toView(ctx, paper, similar, named, t);
  };
}

function toView(
  ctx: Context,
  paper: StoredPaper,
  similar: readonly ToldPaper[],
  topics: ReturnType<typeof findCategoryTopics>,
  t: Translate,
): Omit<PaperPage, 'site' | 'language'> {
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
      published: paper.publishedAt ? shortDate(paper.publishedAt, t) : '',
      venue: paper.venue ?? '',
      withdrawn: paper.withdrawn,
      figures: figuresOf(paper, t),
      ...links,
      source: sourceOf(links.abstractUrl),
    },
    similar: similar.map((each) => toListedPaper(each, t)),
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

function figuresOf(paper: StoredPaper, t: Translate): string[] {
  const { trend, citations } = paper;
  const count = (n: number | null | undefined, key: MessageKey) => (n ? [t(key, { n })] : []);
  const why = wordTold(tellTrend(paper).reasons, t);
  return [
    ...(why ? [why] : []),
    ...count(trend?.comments, 'count.comments'),
    ...count(trend?.githubStars, 'count.githubStars'),
    ...count(citations, 'count.citations'),
  ];
}

function sourceOf(url: string): string {
  const { hostname } = new URL(url);
  return /(^|\.)arxiv\.org$/.test(hostname) ? 'arXiv' : hostname.replace(/^www\./, '');
}
