/** The digest that what stands in the form would bring now: as a page, or as a part of one for the script. Stores nothing. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { previewProfile } from '../digests/preview-profile.ts';
import { AppError } from '../errors.ts';
import { type FieldFault, parseDraft } from '../subscribers/subscription-input.ts';
import type { DigestPreview } from '../template-views.ts';
import { asForm, type FormBody, faultSentences, readSubscribeForm } from './form.ts';
import { createSubscribeForm, typedValues } from './landing-page.ts';
import type { PageSite } from './page-site.ts';
import type { RequestLimit } from './request-limit.ts';

type Answer = { preview: DigestPreview } | { errors: FieldFault[] };

export function registerPreview(
  app: FastifyInstance,
  ctx: Context,
  site: PageSite,
  limit: RequestLimit,
): void {
  const form = createSubscribeForm(ctx);

  app.post('/preview', { schema: { hide: true }, config: { accepts: 'form' } }, async (request, reply) => {
    const body = asForm(request.body);
    const answer = await preview(request, body);
    if ('errors' in answer) reply.code(400);
    if (request.headers['x-part'] === undefined) {
      const { errors, preview } = { errors: [], preview: null, ...answer };
      return site.send(reply, 'preview', { ...(await form(typedValues(body), errors)), preview });
    }
    reply.header('cache-control', 'no-store');
    if ('errors' in answer) return reply.send(answer);
    return reply.type('text/html; charset=utf-8').send(ctx.templates.preview(answer.preview));
  });

  // Where someone reloads, or follows the address from their history.
  app.get('/preview', { schema: { hide: true } }, async (_request, reply) =>
    reply.redirect('/#subscribe', 303),
  );

  async function preview(request: FastifyRequest, body: FormBody): Promise<Answer> {
    const parsed = parseDraft(readSubscribeForm(body));
    if (!parsed.ok) return { errors: faultSentences(parsed.faults) };
    await limit(request);
    try {
      const { digest, notKnown } = await previewProfile(ctx, parsed.value);
      return { preview: { digest, notKnown } };
    } catch (error) {
      if (error instanceof AppError && error.field)
        return { errors: [{ field: error.field, message: error.message }] };
      throw error;
    }
  }
}
