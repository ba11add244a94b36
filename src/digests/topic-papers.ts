/** What is new and trending on one topic, as a digest on that topic alone would bring it. */
import type { Context } from '../context.ts';
import type { Topic } from '../subscribers/topics.repo.ts';
import { openShownEdition } from './edition.ts';
import type { ToldPaper } from './list-trending.ts';
import { selectPapers } from './select-papers.ts';

const DAY_MS = 24 * 3600_000;
const PAPERS = 30;

export interface TopicPapers {
  topic: Pick<Topic, 'slug' | 'name' | 'description' | 'groupName'>;
  /** Best first; may be none. */
  papers: ToldPaper[];
}

/** Of papers that became news in the last `days`. Null where there is no such topic. */
export async function listTopicPapers(ctx: Context, slug: string, days: number): Promise<TopicPapers | null> {
  const at = ctx.now();
  const edition = await openShownEdition(ctx, at);
  const topic = [...edition.topics.values()].find((each) => each.slug === slug);
  if (!topic) return null;
  const { papers } = selectPapers(
    edition,
    {
      topicIds: [topic.id],
      keywords: [],
      excluded: [],
      authors: [],
      likedPaperIds: [],
      dislikedPaperIds: [],
      paperCount: PAPERS,
      pickiness: 'medium',
      lastDigestAt: new Date(at.getTime() - days * DAY_MS),
    },
    new Set(),
    at,
  );
  return {
    topic,
    papers: papers.flatMap(({ paperId, reasons }) => {
      const paper = edition.papers.get(paperId);
      // That it matches the topic is what the page is about.
      const telling = reasons.filter(({ kind }) => kind !== 'topic' && kind !== 'category');
      return paper ? [{ paper, reasons: telling }] : [];
    }),
  };
}
