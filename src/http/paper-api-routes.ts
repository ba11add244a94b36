/** Papers as JSON: the search, one paper with what is similar, and what is trending. */
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { listTrendingDays, listTrendingPeriod, type ToldPaper, tellTrend } from '../digests/list-trending.ts';
import { readPeriod } from '../digests/period.ts';
import { listSimilarPapers } from '../digests/similar-papers.ts';
import { AppError } from '../errors.ts';
import { translatorFor } from '../messages.ts';
import { nameOfPaper, paperLinks, paperUrl } from '../papers/paper-links.ts';
import { searchPapers } from '../papers/search-papers.ts';
import { errorSchema } from './api-routes.ts';
import { wordTold } from './listed-paper.ts';
import { getPaper } from './paper-routes.ts';
import { dayWords, periodWords } from './period-words.ts';
import { type Query, queryText } from './query-values.ts';
import type { RequestLimit } from './request-limit.ts';
import { readSearchQuery } from './search-routes.ts';

/** Programs read fields; the words beside them are in one language. */
const english = translatorFor('en');

const text = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };
const texts = { type: 'array', items: text };
const countOrNull = { type: ['integer', 'null'] };

const paperSchema = {
  type: 'object',
  properties: {
    id: { ...text, description: 'The arXiv id, or `p` and a number; goes into /api/papers/{id}.' },
    title: text,
    authors: texts,
    abstract: text,
    categories: texts,
    published: { ...textOrNull, description: 'YYYY-MM-DD' },
    venue: textOrNull,
    doi: textOrNull,
    withdrawn: { type: 'boolean' },
    upvotes: countOrNull,
    comments: countOrNull,
    githubStars: countOrNull,
    citations: countOrNull,
    why: { ...text, description: '"58 upvotes in 9 hours", or empty.' },
    url: { ...text, description: 'Its page here.' },
    abstractUrl: text,
    pdfUrl: textOrNull,
    codeUrl: textOrNull,
  },
};
const papersSchema = { type: 'array', items: paperSchema };

export function registerPaperApi(app: FastifyInstance, ctx: Context, limit: RequestLimit): void {
  const toJson = ({ paper, reasons }: ToldPaper) => ({
    id: nameOfPaper(paper),
    title: paper.title,
    authors: paper.authors,
    abstract: paper.abstract,
    categories: paper.categories,
    published: paper.publishedAt?.toISOString().slice(0, 10) ?? null,
    venue: paper.venue,
    doi: paper.doi,
    withdrawn: paper.withdrawn,
    upvotes: paper.trend?.upvotes ?? null,
    comments: paper.trend?.comments ?? null,
    githubStars: paper.trend?.githubStars ?? null,
    citations: paper.citations,
    why: wordTold(reasons, english),
    url: ctx.config.publicUrl + paperUrl(paper),
    ...paperLinks(paper),
  });

  app.get<{ Querystring: Query }>(
    '/api/search',
    {
      schema: {
        summary: 'Papers that hold what was asked for, 20 a page.',
        querystring: {
          type: 'object',
          properties: {
            q: {
              ...text,
              description: 'Words, "words in a row", -without, author:name; or an id or address.',
            },
            sort: { type: 'string', enum: ['relevance', 'newest'], default: 'relevance' },
            page: { type: 'integer', minimum: 1, maximum: 50, default: 1 },
          },
          required: ['q'],
        },
        response: {
          200: {
            description: 'One page.',
            type: 'object',
            properties: {
              count: { type: 'integer', description: 'Of all pages.' },
              isMore: { type: 'boolean', description: 'There are more than `count`, which no page shows.' },
              papers: papersSchema,
            },
          },
          400: errorSchema,
          429: errorSchema,
        },
      },
    },
    async (request) => {
      const asked = readSearchQuery(request.query);
      await limit(request);
      const answer = await searchPapers(ctx, asked);
      switch (answer.result) {
        case 'nothing_asked':
          throw new AppError('INPUT_INVALID', 'q must hold a word that the papers shall have.', {
            field: 'q',
          });
        case 'paper':
          return { count: 1, isMore: false, papers: [toJson(tellTrend(answer.paper))] };
        case 'found':
          return {
            count: answer.count,
            isMore: answer.isMore,
            papers: answer.papers.map((paper) => toJson(tellTrend(paper))),
          };
      }
    },
  );

  app.get<{ Params: { id: string } }>(
    '/api/papers/:id',
    {
      schema: {
        summary: 'One paper, and papers of the last weeks that are similar.',
        params: {
          type: 'object',
          properties: { id: { ...text, description: 'The slash of an old arXiv id is written %2F.' } },
        },
        response: {
          200: {
            description: 'The paper.',
            type: 'object',
            properties: { paper: paperSchema, similar: papersSchema },
          },
          404: errorSchema,
        },
      },
    },
    async ({ params }) => {
      const paper = await getPaper(ctx, params.id);
      const similar = await listSimilarPapers(ctx, paper.id);
      return { paper: toJson(tellTrend(paper)), similar: similar.map(toJson) };
    },
  );

  app.get<{ Querystring: Query }>(
    '/api/trending',
    {
      schema: {
        summary: 'What is trending: the last days, or one day or week by its name.',
        querystring: {
          type: 'object',
          properties: {
            day: { ...text, description: '2026-11-24' },
            week: { ...text, description: '2026-W48' },
          },
        },
        response: {
          200: {
            description: 'Days or the week, each with its most trending first.',
            type: 'object',
            properties: {
              days: {
                type: 'array',
                items: { type: 'object', properties: { date: text, label: text, papers: papersSchema } },
              },
            },
          },
          400: errorSchema,
        },
      },
    },
    async ({ query }) => {
      const kind = (['day', 'week'] as const).find((each) => queryText(query, each) !== '');
      if (!kind) {
        const days = await listTrendingDays(ctx);
        const at = ctx.now();
        return {
          days: days.map(({ date, papers }) => ({
            date,
            label: dayWords(date, at, english),
            papers: papers.map(toJson),
          })),
        };
      }
      const period = readPeriod(kind, queryText(query, kind));
      if (!period) {
        throw new AppError(
          'INPUT_INVALID',
          `${kind} must be like ${kind === 'day' ? '2026-11-24' : '2026-W48'}.`,
          {
            field: kind,
          },
        );
      }
      const { papers } = await listTrendingPeriod(ctx, period);
      return {
        days: [{ date: period.name, label: periodWords(period, english), papers: papers.map(toJson) }],
      };
    },
  );
}
