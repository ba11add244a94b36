/** The preference page: everything about one's digest in one form. */
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import { openLink } from '../subscribers/open-link.ts';
import { savePreferences } from '../subscribers/preferences.ts';
import { loadProfile } from '../subscribers/profile.ts';
import type { Subscriber } from '../subscribers/subscribers.repo.ts';
import { type FieldFault, parsePreferences } from '../subscribers/subscription-input.ts';
import { listTopicGroups } from '../subscribers/topics.ts';
import type { PreferencesPage, PreferenceValues } from '../template-views.ts';
import {
  asForm,
  type FormBody,
  faultSentences,
  many,
  one,
  readPreferencesForm,
  wholeNumber,
} from './form.ts';
import type { PageSite } from './page-site.ts';
import { linkProblem, pausedWords } from './reader-routes.ts';
import { timezones } from './timezones.ts';

interface TokenRoute {
  Params: { token: string };
}

export function registerPreferences(app: FastifyInstance, ctx: Context, site: PageSite): void {
  app.get<TokenRoute>('/preferences/:token', { schema: { hide: true } }, async ({ params }, reply) => {
    const link = await openLink(ctx, params.token, 'preferences');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    return site.send(
      reply,
      'preferences',
      await view(link.subscriber, params.token, await stored(link.subscriber)),
    );
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
          await view(subscriber, params.token, typed(body, await stored(subscriber)), { errors }),
        );
      const parsed = parsePreferences(readPreferencesForm(body));
      if (!parsed.ok) return again(faultSentences(parsed.faults));
      try {
        const saved = await savePreferences(ctx, subscriber, parsed.value);
        return site.send(
          reply,
          'preferences',
          await view(saved, params.token, await stored(saved), { saved: true }),
        );
      } catch (error) {
        if (error instanceof AppError && error.field)
          return again([{ field: error.field, message: error.message }]);
        throw error;
      }
    },
  );

  async function stored(subscriber: Subscriber): Promise<PreferenceValues> {
    const profile = await loadProfile(ctx, subscriber);
    return {
      topics: profile.topicSlugs,
      keywords: profile.keywords.join(', '),
      excludedWords: profile.excluded.join(', '),
      authors: profile.authors.join(', '),
      frequency: subscriber.frequency,
      weekday: subscriber.frequency === 'weekly' ? (subscriber.weekdays[0] ?? 1) : 1,
      weekdays: subscriber.frequency === 'daily' ? subscriber.weekdays : [0, 1, 2, 3, 4, 5, 6],
      hour: subscriber.hour,
      timezone: subscriber.timezone,
      paperCount: subscriber.paperCount,
      pickiness: subscriber.pickiness,
    };
  }

  async function view(
    subscriber: Subscriber,
    token: string,
    values: PreferenceValues,
    { errors = [], saved = false }: { errors?: FieldFault[]; saved?: boolean } = {},
  ): Promise<Omit<PreferencesPage, 'site'>> {
    const claims = { id: subscriber.id, version: subscriber.tokenVersion };
    return {
      actionUrl: `/preferences/${token}`,
      email: subscriber.email,
      values,
      errors,
      saved,
      topicGroups: await listTopicGroups(ctx.db),
      timezones,
      paused: pausedWords(subscriber, ctx.now()),
      pauseUrl: ctx.links.url({ purpose: 'pause', ...claims }),
      unsubscribeUrl: ctx.links.url({ purpose: 'unsubscribe', ...claims }),
    };
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
    pickiness: PICKINESS.find((name) => name === one(body, 'pickiness')) ?? stored.pickiness,
  };
}
