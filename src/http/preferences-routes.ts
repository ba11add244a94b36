/** The preference page: everything about one's digest in one form. */
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import { openLink } from '../subscribers/open-link.ts';
import { savePreferences } from '../subscribers/preferences.ts';
import { type FieldFault, parsePreferences } from '../subscribers/subscription-input.ts';
import type { PreferenceValues } from '../template-views.ts';
import {
  asForm,
  type FormBody,
  faultSentences,
  many,
  one,
  readPreferencesForm,
  wholeNumber,
} from './form.ts';
import { linkProblem } from './link-problem.ts';
import type { PageSite } from './page-site.ts';
import { loadPreferencesPage, loadPreferenceValues } from './preferences-page.ts';

interface TokenRoute {
  Params: { token: string };
}

export function registerPreferences(app: FastifyInstance, ctx: Context, site: PageSite): void {
  app.get<TokenRoute>('/preferences/:token', { schema: { hide: true } }, async ({ params }, reply) => {
    const link = await openLink(ctx, params.token, 'preferences');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    return site.send(reply, 'preferences', await loadPreferencesPage(ctx, link.subscriber, params.token));
  });

  app.post<TokenRoute>(
    '/preferences/:token',
    { schema: { hide: true }, config: { accepts: 'form' } },
    async ({ params, body: raw }, reply) => {
      const link = await openLink(ctx, params.token, 'preferences');
      if (link.result !== 'valid') return linkProblem(site, reply, link.result);
      const { subscriber } = link;
      const body = asForm(raw);
      const again = async (errors: FieldFault[]) =>
        site.send(
          reply.code(400),
          'preferences',
          await loadPreferencesPage(ctx, subscriber, params.token, {
            values: typed(body, await loadPreferenceValues(ctx, subscriber)),
            errors,
          }),
        );
      const parsed = parsePreferences(readPreferencesForm(body));
      if (!parsed.ok) return again(faultSentences(parsed.faults));
      try {
        const saved = await savePreferences(ctx, subscriber, parsed.value);
        return site.send(
          reply,
          'preferences',
          await loadPreferencesPage(ctx, saved, params.token, { saved: true }),
        );
      } catch (error) {
        if (error instanceof AppError && error.field)
          return again([{ field: error.field, message: error.message }]);
        throw error;
      }
    },
  );
}

const PICKINESS = ['low', 'medium', 'high'] as const;

/** What was typed, so that an error loses nothing; what is stored stands in where the form can't show it again. */
function typed(body: FormBody, stored: PreferenceValues): PreferenceValues {
  return {
    topics: many(body, 'topics'),
    keywords: one(body, 'keywords') ?? '',
    excludedWords: one(body, 'excludedWords') ?? '',
    authors: one(body, 'authors') ?? '',
    frequency: one(body, 'frequency') === 'weekly' ? 'weekly' : 'daily',
    weekday: wholeNumber(body, 'weekday', stored.weekday),
    weekdays: many(body, 'weekdays').map(Number),
    hour: wholeNumber(body, 'hour', stored.hour),
    timezone: one(body, 'timezone') || stored.timezone,
    paperCount: wholeNumber(body, 'paperCount', stored.paperCount),
    pickiness: PICKINESS.find((name) => name === one(body, 'pickiness')) ?? stored.pickiness,
  };
}
