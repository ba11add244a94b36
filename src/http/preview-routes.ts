/** The digest that what stands in the form would bring now: as a page, or as a part of one for the script. Stores nothing. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { previewProfile } from '../digests/preview-profile.ts';
import { AppError } from '../errors.ts';
import type { Translate } from '../messages.ts';
import { lookUpBibliography } from '../papers/bibliography.ts';
import { sentenceOf } from '../reader-error.ts';
import { parseDraft } from '../subscribers/subscription-input.ts';
import type { DigestPreview, FieldError } from '../template-views.ts';
import { MAX_FROM_STRANGERS, viewBibliography } from './bibliography-view.ts';
import { readSubscribeForm } from './form.ts';
import { createSubscribeForm, signUpFaults, typedValues } from './landing-page.ts';
import { translatorOf } from './page-language.ts';
import type { PageSite } from './page-site.ts';
import type { RequestLimit } from './request-limit.ts';
import { readUpload, type Upload, withUploads } from './upload.ts';

type Answer = { preview: DigestPreview } | { errors: FieldError[] };

/** Some 200 entries, read in a moment: no more than a preview costs. The script waits longer with larger ones. */
const SMALL_FILE_BYTES = 32 * 1024;

export function registerPreview(
  app: FastifyInstance,
  ctx: Context,
  site: PageSite,
  limits: { previews: RequestLimit; uploads: RequestLimit },
): void {
  const form = createSubscribeForm(ctx);

  withUploads(app, (scope) => {
    scope.post(
      '/preview',
      { schema: { hide: true }, config: { accepts: 'formOrUpload' } },
      async (request, reply) => {
        const t = translatorOf(request);
        const upload = await readUpload(request);
        const answer = await preview(request, upload, t);
        if ('errors' in answer) reply.code(400);
        if (request.headers['x-part'] === undefined) {
          const { errors, preview } = { errors: [], preview: null, ...answer };
          const values = typedValues(upload.body, t, upload.file?.name);
          return site.send(reply, t, 'preview', { ...(await form(values, errors)), preview });
        }
        reply.header('cache-control', 'no-store');
        if ('errors' in answer) return reply.send(answer);
        return reply.type('text/html; charset=utf-8').send(ctx.templates.preview(answer.preview, t.language));
      },
    );
  });

  // Where someone reloads, or follows the address from their history.
  app.get('/preview', { schema: { hide: true } }, async (_request, reply) =>
    reply.redirect('/#subscribe', 303),
  );

  async function preview(
    request: FastifyRequest,
    { body, file, fault }: Upload,
    t: Translate,
  ): Promise<Answer> {
    // The page's language, in which it is shown, whatever the mails will be in.
    const parsed = parseDraft({ ...readSubscribeForm(body, t.language), language: t.language });
    const errors = signUpFaults(parsed, fault, t);
    if (!parsed.ok || errors.length > 0) return { errors };
    await limits.previews(request);
    if (file && file.bytes.length > SMALL_FILE_BYTES) await limits.uploads(request);
    try {
      const read = file && (await lookUpBibliography(ctx, file.bytes, MAX_FROM_STRANGERS));
      const { digest, notKnown } = await previewProfile(ctx, parsed.value, read ?? undefined);
      return {
        preview: { digest, notKnown, bibliography: file && read && viewBibliography(file.name, read, t) },
      };
    } catch (error) {
      if (error instanceof AppError && error.field)
        return { errors: [{ field: error.field, message: sentenceOf(error, t) }] };
      throw error;
    }
  }
}
