/** Where mail providers tell what came of our mails. There are addresses only for those whose secret is set. */
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import type { Provider } from '../deliveries/webhooks/provider-event.ts';
import { openWebhooks } from '../deliveries/webhooks/webhooks.ts';
import { AppError } from '../errors.ts';
import { errorSchema } from './api-routes.ts';
import { createRequestLimit } from './request-limit.ts';

/** SendGrid sends some thousand events at once, SES and Postmark the report itself where they are asked to. */
const MAX_BODY_BYTES = 1024 * 1024;
/** A provider has none, unless its secret was changed here or there. */
const REFUSED_PER_MINUTE = 60;

const PROOFS: Record<Provider, string> = {
  ses: 'Amazon SES, through the SNS topic SES_TOPIC_ARN: proven by the signature in the message.',
  postmark: 'Postmark: proven by HTTP basic authentication with POSTMARK_WEBHOOK_PASSWORD.',
  mailgun: 'Mailgun: proven by the signature in the event, with MAILGUN_SIGNING_KEY.',
  sendgrid: 'SendGrid: proven by the signature in the header, with SENDGRID_WEBHOOK_KEY.',
};

const errors = {
  400: errorSchema,
  401: errorSchema,
  403: errorSchema,
  413: errorSchema,
  429: errorSchema,
  503: errorSchema,
};

export function registerWebhooks(app: FastifyInstance, ctx: Context): void {
  const refusals = createRequestLimit(app, REFUSED_PER_MINUTE, 'refusedReports');

  app.register(async (scope) => {
    // Signatures are over the bytes as they come, and Amazon sends JSON as text.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES },
      async (_request: unknown, body: Buffer) => body,
    );

    for (const [provider, take] of openWebhooks(ctx)) {
      scope.post(
        `/webhooks/${provider}`,
        {
          schema: {
            summary: 'Bounces and complaints, as the mail provider tells them.',
            description: PROOFS[provider],
            body: { description: 'Events in the form of the provider.' },
            response: {
              200: {
                description: 'Taken. What asks for nothing, or was told before, is ignored.',
                type: 'object',
                properties: { recorded: { type: 'integer' }, ignored: { type: 'integer' } },
              },
              ...errors,
            },
          },
        },
        async (request) => {
          const { headers, body } = request;
          try {
            return await take({
              header: (name) => [headers[name] ?? ''].flat().join(),
              body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
            });
          } catch (error) {
            if (error instanceof AppError && !error.retry) await refusals(request);
            throw error;
          }
        },
      );
    }
  });
}
