/** The front page and its form. */
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { CONFIRM_DAYS } from '../deliveries/write-mail.ts';
import { AppError } from '../errors.ts';
import { nameOfKey, splitMentions } from '../papers/paper-mentions.ts';
import { readEntries } from '../subscribers/feedback.ts';
import { subscribe } from '../subscribers/subscribe.ts';
import { type FieldFault, parseSubscription } from '../subscribers/subscription-input.ts';
import { listTopicGroups } from '../subscribers/topics.ts';
import type { SubscribeValues } from '../template-views.ts';
import { asForm, type FormBody, faultSentences, many, one, readSubscribeForm, wholeNumber } from './form.ts';
import { keepFor } from './keep-for.ts';
import type { PageSite } from './page-site.ts';
import type { RequestLimit } from './request-limit.ts';
import { timezones } from './timezones.ts';
import { createTrendingList } from './trending-list.ts';

const NOTHING_TYPED: SubscribeValues = {
  email: '',
  topics: [],
  keywords: '',
  frequency: 'daily',
  weekday: 1,
  hour: 8,
  timezone: 'UTC',
  liked: '',
};

export function registerLanding(
  app: FastifyInstance,
  ctx: Context,
  site: PageSite,
  limit: RequestLimit,
): void {
  const listTrending = createTrendingList(ctx);
  const topicGroups = keepFor(60_000, ctx.now, () => listTopicGroups(ctx.db));

  const view = async (values: SubscribeValues, errors: FieldFault[]) => ({
    days: await listTrending(),
    topicGroups: await topicGroups(),
    values,
    errors,
    timezones,
  });

  app.get('/', { schema: { hide: true } }, async (_request, reply) =>
    site.send(reply, 'landing', await view(NOTHING_TYPED, [])),
  );

  app.post('/subscribe', { schema: { hide: true }, config: { accepts: 'form' } }, async (request, reply) => {
    const body = asForm(request.body);
    const parsed = parseSubscription(readSubscribeForm(body));
    const again = async (errors: FieldFault[]) =>
      site.send(reply.code(400), 'landing', await view(typed(body), errors));
    if (!parsed.ok) return again(faultSentences(parsed.faults));
    await limit(request);
    // People don't see this field; what fills it in is told that all went well.
    if (!one(body, 'website')) {
      try {
        const { notKnown } = await subscribe(ctx, parsed.value, 'form');
        if (notKnown.length > 0) {
          return reply.redirect(`/subscribed?${new URLSearchParams({ notKnown: notKnown.join(',') })}`, 303);
        }
      } catch (error) {
        if (error instanceof AppError && error.field)
          return again([{ field: error.field, message: error.message }]);
        throw error;
      }
    }
    return reply.redirect('/subscribed', 303);
  });

  app.get<{ Querystring: { notKnown?: unknown } }>(
    '/subscribed',
    { schema: { hide: true } },
    async ({ query }, reply) =>
      site.send(reply, 'checkInbox', {
        expiresIn: `${CONFIRM_DAYS} days`,
        mailboxUrl: ctx.mailbox ? '/mailbox' : null,
        // Only ids, whoever wrote the address.
        notKnown: readEntries(splitMentions(String(query.notKnown ?? '')))
          .keys.slice(0, 100)
          .map(nameOfKey),
      }),
  );
}

/** What was typed, as far as the form can show it again. */
function typed(body: FormBody): SubscribeValues {
  return {
    email: one(body, 'email') ?? '',
    topics: many(body, 'topics'),
    keywords: one(body, 'keywords') ?? '',
    frequency: one(body, 'frequency') === 'weekly' ? 'weekly' : 'daily',
    weekday: wholeNumber(body, 'weekday', 1),
    hour: wholeNumber(body, 'hour', 8),
    timezone: one(body, 'timezone') ?? 'UTC',
    liked: one(body, 'liked') ?? '',
  };
}
