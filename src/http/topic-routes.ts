/** The topics, and what is new and trending on each. */
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { listTopicPapers } from '../digests/topic-papers.ts';
import { readerError } from '../reader-error.ts';
import { listTopicGroups } from '../subscribers/topics.ts';
import { toListedPaper } from './listed-paper.ts';
import { translatorOf } from './page-language.ts';
import type { PageSite } from './page-site.ts';
import { type Query, queryText } from './query-values.ts';

export const WEEK_DAYS = 7;

export function registerTopics(app: FastifyInstance, ctx: Context, site: PageSite): void {
  const { publicUrl } = ctx.config;

  app.get('/topics', { schema: { hide: true } }, async (request, reply) => {
    const t = translatorOf(request);
    return site.send(reply, t, 'topics', {
      topicGroups: await listTopicGroups(ctx.db),
      share: {
        url: `${publicUrl}/topics`,
        title: t('topics.title'),
        description: t('topics.share'),
        kind: 'website',
      },
    });
  });

  app.get<{ Params: { slug: string }; Querystring: Query }>(
    '/topics/:slug',
    { schema: { hide: true } },
    async (request, reply) => {
      const { slug } = request.params;
      const t = translatorOf(request);
      const isDay = queryText(request.query, 'period') === 'day';
      const { topic, papers } = await getTopicPapers(ctx, slug, isDay ? 1 : WEEK_DAYS);
      const path = `/topics/${topic.slug}`;
      const newOn = t('topic.newOn', { topic: topic.name });
      return site.send(reply, t, 'topic', {
        title: topic.name,
        topic,
        group: topic.groupName,
        tabs: [
          { label: t('topic.lastDay'), url: `${path}?period=day`, current: isDay },
          { label: t('topic.lastWeek'), url: path, current: !isDay },
        ],
        papers: papers.map((paper) => toListedPaper(paper, t)),
        share: {
          url: publicUrl + path,
          title: newOn,
          description: topic.description,
          kind: 'website',
        },
        feed: { title: newOn, url: `${publicUrl}${path}/feed` },
      });
    },
  );
}

/** Throws AppError `NOT_FOUND` where there is no such topic. */
export async function getTopicPapers(ctx: Context, slug: string, days: number) {
  const found = await listTopicPapers(ctx, slug, days);
  if (!found) throw readerError('NOT_FOUND', 'error.noTopic');
  return found;
}
