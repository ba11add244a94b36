/** The JSON interface, described by /api/openapi.json. */
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { previewProfile } from '../digests/preview-profile.ts';
import { subscribe } from '../subscribers/subscribe.ts';
import {
  draftJsonSchema,
  inputError,
  parseDraft,
  parseSubscription,
  subscriptionJsonSchema,
} from '../subscribers/subscription-input.ts';
import { listTopicGroups } from '../subscribers/topics.ts';
import type { RequestLimit } from './request-limit.ts';

export const errorSchema = {
  type: 'object',
  description: 'What was wrong, with a stable code and, for bad input, the name of the field.',
  properties: {
    error: {
      type: 'object',
      properties: { code: { type: 'string' }, message: { type: 'string' }, field: { type: 'string' } },
      required: ['code', 'message'],
    },
  },
};

const errors = { 400: errorSchema, 413: errorSchema, 415: errorSchema, 429: errorSchema };

const text = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };
const texts = { type: 'array', items: text };
const notKnown = {
  ...texts,
  description: 'Ids in `liked` of papers that are not known here; left out where there are none.',
};

/** As the mail shows it; what only a reader has is left out. */
const previewSchema = {
  description: 'The first digest that a reader with this profile would get now. Nothing is stored or sent.',
  type: 'object',
  properties: {
    subject: { ...textOrNull, description: 'Null where there is nothing worth a mail.' },
    intro: textOrNull,
    papers: {
      type: 'array',
      description: 'Best first.',
      items: {
        type: 'object',
        properties: {
          rank: { type: 'integer' },
          title: text,
          authors: { ...text, description: 'The first three: "A, B, C +5".' },
          published: { ...text, description: '"21 Nov 2026", or empty where it is not known.' },
          venue: text,
          categories: texts,
          summary: text,
          reasons: { ...texts, description: 'Why the paper is there, the weightiest first.' },
          abstractUrl: text,
          pdfUrl: textOrNull,
          codeUrl: textOrNull,
        },
      },
    },
    notKnown,
  },
};

export function registerApi(
  app: FastifyInstance,
  ctx: Context,
  limits: { signUps: RequestLimit; previews: RequestLimit },
): void {
  app.post(
    '/api/subscriptions',
    {
      config: { accepts: 'json' },
      schema: {
        summary: 'Ask for the digest. A mail asks the owner of the address to confirm.',
        body: subscriptionJsonSchema(),
        response: {
          202: {
            description: 'Taken. The answer is the same whether or not the address is known.',
            type: 'object',
            properties: {
              status: { type: 'string' },
              notKnown,
            },
          },
          ...errors,
        },
      },
    },
    async (request, reply) => {
      const parsed = parseSubscription(request.body, ctx.config.refusedDomains);
      if (!parsed.ok) throw inputError(parsed.faults);
      await limits.signUps(request);
      const { notKnown } = await subscribe(ctx, parsed.value, 'api');
      return reply.code(202).send({ status: 'check_inbox', ...(notKnown.length > 0 ? { notKnown } : {}) });
    },
  );

  app.post(
    '/api/preview',
    {
      config: { accepts: 'json' },
      schema: {
        summary: 'The digest that a profile would bring now. Changes nothing.',
        body: draftJsonSchema(),
        response: { 200: previewSchema, ...errors },
      },
    },
    async (request) => {
      const parsed = parseDraft(request.body);
      if (!parsed.ok) throw inputError(parsed.faults);
      await limits.previews(request);
      const { digest, notKnown } = await previewProfile(ctx, parsed.value);
      return {
        subject: digest?.subject ?? null,
        intro: digest?.intro ?? null,
        papers: digest?.papers ?? [],
        ...(notKnown.length > 0 ? { notKnown } : {}),
      };
    },
  );

  app.get(
    '/api/topics',
    { schema: { summary: 'The topics to choose from, in their groups.' } },
    async () => ({ groups: await listTopicGroups(ctx.db) }),
  );

  app.get('/api/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
