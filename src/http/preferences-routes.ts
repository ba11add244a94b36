/** The preference page: everything about one's digest in one form. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { previewPreferences } from '../digests/preview.ts';
import { AppError } from '../errors.ts';
import { translatorFor } from '../messages.ts';
import { sentenceOf } from '../reader-error.ts';
import { openLink } from '../subscribers/open-link.ts';
import { savePreferences } from '../subscribers/preferences.ts';
import type { Subscriber } from '../subscribers/subscribers.repo.ts';
import { type Preferences, parsePreferences } from '../subscribers/subscription-input.ts';
import type { FieldError, PreferenceValues } from '../template-views.ts';
import {
  asForm,
  type FormBody,
  faultSentences,
  many,
  one,
  readPreferencesForm,
  typedLanguage,
  wholeNumber,
} from './form.ts';
import { linkProblem } from './link-problem.ts';
import type { PageSite } from './page-site.ts';
import { loadPreferencesPage, loadPreferenceValues, type PreferencesOutcome } from './preferences-page.ts';
import type { RequestLimit } from './request-limit.ts';

interface TokenRoute {
  Params: { token: string };
}

export function registerPreferences(
  app: FastifyInstance,
  ctx: Context,
  site: PageSite,
  previewLimit: RequestLimit,
): void {
  app.get<TokenRoute>('/preferences/:token', { schema: { hide: true } }, async ({ params }, reply) => {
    const link = await openLink(ctx, params.token, 'preferences');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    const t = translatorFor(link.subscriber.language);
    return site.send(reply, t, 'preferences', await loadPreferencesPage(ctx, link.subscriber, params.token));
  });

  app.post<TokenRoute>(
    '/preferences/:token',
    { schema: { hide: true }, config: { accepts: 'form' } },
    async (request, reply) =>
      act(request, reply, async (subscriber, preferences) => ({
        subscriber: await savePreferences(ctx, subscriber, preferences),
        outcome: { saved: true },
      })),
  );

  app.post<TokenRoute>(
    '/preferences/:token/preview',
    { schema: { hide: true }, config: { accepts: 'form' } },
    async (request, reply) =>
      act(request, reply, async (subscriber, preferences, values) => {
        await previewLimit(request);
        const digest = await previewPreferences(ctx, subscriber, preferences);
        return { subscriber, outcome: { values, preview: { digest, notKnown: [] } } };
      }),
  );

  /** Does with the form what its button says; one with a fault comes back with what was typed. */
  async function act(
    { params, body: raw }: FastifyRequest<TokenRoute>,
    reply: FastifyReply,
    what: (
      subscriber: Subscriber,
      preferences: Preferences,
      values: PreferenceValues,
    ) => Promise<{ subscriber: Subscriber; outcome: PreferencesOutcome }>,
  ): Promise<FastifyReply> {
    const link = await openLink(ctx, params.token, 'preferences');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    const body = asForm(raw);
    const asked = readPreferencesForm(body);
    // A browser sends its text fields even where they are empty; without any, this would untick all that was chosen.
    if (!Object.keys(asked).some((field) => field in body)) {
      throw new AppError(
        'INPUT_INVALID',
        'The request has no field of this form in it. Nothing was changed.',
      );
    }
    const t = translatorFor(link.subscriber.language);
    const values = typed(body, await loadPreferenceValues(ctx, link.subscriber));
    const send = async (subscriber: Subscriber, outcome: PreferencesOutcome) => {
      const page = await loadPreferencesPage(ctx, subscriber, params.token, outcome);
      // They may have chosen another just now.
      return site.send(reply, translatorFor(subscriber.language), 'preferences', page);
    };
    const again = (errors: FieldError[]) => {
      reply.code(400);
      return send(link.subscriber, { values, errors });
    };
    const parsed = parsePreferences(asked);
    if (!parsed.ok) return again(faultSentences(parsed.faults, t));
    try {
      const { subscriber, outcome } = await what(link.subscriber, parsed.value, values);
      return await send(subscriber, outcome);
    } catch (error) {
      if (error instanceof AppError && error.field)
        return again([{ field: error.field, message: sentenceOf(error, t) }]);
      throw error;
    }
  }
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
    language: typedLanguage(body) ?? stored.language,
    pickiness: PICKINESS.find((name) => name === one(body, 'pickiness')) ?? stored.pickiness,
  };
}
