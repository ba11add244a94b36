/** The topics, and what is new and trending on each. */
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { listTopicPapers } from '../digests/topic-papers.ts';
import { AppError } from '../errors.ts';
import { listTopicGroups } from '../subscribers/topics.ts';
import { toListedPaper } from './listed-paper.ts';
import type { PageSite } from './page-site.ts';
import { type Query, queryText } from './query-values.ts';

export const WEEK_DAYS = 7;

export function registerTopics(app: FastifyInstance, ctx: Context, site: PageSite): void {
  const { publicUrl } = ctx.config;

  app.get('/topics', { schema: { hide: true } }, async (_request, reply) =>
    site.send(reply, 'topics', {
      topicGroups: await listTopicGroups(ctx.db),
      share: {
        url: `${publicUrl}/topics`,
        title: 'Topics',
        description: 'What is new and trending in each field, by the topics that a digest can follow.',
        kind: 'website',
      },
    }),
  );

  app.get<{ Params: { slug: string }; Querystring: Query }>(
    '/topics/:slug',
    { schema: { hide: true } },
    async ({ params: { slug }, query }, reply) => {
      const isDay = queryText(query, 'period') === 'day';
      const { topic, papers } = await getTopicPapers(ctx, slug, isDay ? 1 : WEEK_DAYS);
      const path = `/topics/${topic.slug}`;
      return site.send(reply, 'topic', {
        title: topic.name,
        topic,
        group: topic.groupName,
        tabs: [
          { label: 'Last day', url: `${path}?period=day`, current: isDay },
          { label: 'Last week', url: path, current: !isDay },
        ],
        papers: papers.map(toListedPaper),
        share: {
          url: publicUrl + path,
          title: `${topic.name}: new and trending papers`,
          description: topic.description,
          kind: 'website',
        },
        feed: { title: `${topic.name}: new and trending papers`, url: `${publicUrl}${path}/feed` },
      });
    },
  );
}

/** Throws AppError `NOT_FOUND` where there is no such topic. */
export async function getTopicPapers(ctx: Context, slug: string, days: number) {
  const found = await listTopicPapers(ctx, slug, days);
  if (!found) throw new AppError('NOT_FOUND', 'There is no topic of that name. All of them are at /topics.');
  return found;
}
