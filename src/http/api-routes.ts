/** The JSON interface, described by /api/openapi.json. */
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { subscribe } from '../subscribers/subscribe.ts';
import { inputError, parseSubscription, subscriptionJsonSchema } from '../subscribers/subscription-input.ts';
import { listTopicGroups } from '../subscribers/topics.ts';
import type { RequestLimit } from './request-limit.ts';

const errorSchema = {
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

export function registerApi(app: FastifyInstance, ctx: Context, limit: RequestLimit): void {
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
              notKnown: {
                type: 'array',
                items: { type: 'string' },
                description:
                  'Ids in `liked` of papers that are not known here; left out where there are none.',
              },
            },
          },
          400: errorSchema,
          413: errorSchema,
          415: errorSchema,
          429: errorSchema,
        },
      },
    },
    async (request, reply) => {
      const parsed = parseSubscription(request.body);
      if (!parsed.ok) throw inputError(parsed.faults);
      await limit(request);
      const { notKnown } = await subscribe(ctx, parsed.value, 'api');
      return reply.code(202).send({ status: 'check_inbox', ...(notKnown.length > 0 ? { notKnown } : {}) });
    },
  );

  app.get(
    '/api/topics',
    { schema: { summary: 'The topics to choose from, in their groups.' } },
    async () => ({ groups: await listTopicGroups(ctx.db) }),
  );

  app.get('/api/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
