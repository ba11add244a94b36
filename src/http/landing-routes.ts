/** The front page and its form. */
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { CONFIRM_DAYS } from '../deliveries/write-mail.ts';
import { AppError } from '../errors.ts';
import { nameOfKey, splitMentions } from '../papers/paper-mentions.ts';
import { readEntries } from '../subscribers/feedback.ts';
import { subscribe } from '../subscribers/subscribe.ts';
import { type FieldFault, parseSubscription } from '../subscribers/subscription-input.ts';
import type { SubscribeValues } from '../template-views.ts';
import { asForm, faultSentences, one, readSubscribeForm } from './form.ts';
import { createSubscribeForm, NOTHING_TYPED, typedValues } from './landing-page.ts';
import type { PageSite } from './page-site.ts';
import { type Query, queryText } from './query-values.ts';
import type { RequestLimit } from './request-limit.ts';
import { createTrendingList, listPeriod, NO_PERIOD, type TrendingView } from './trending-list.ts';

export function registerLanding(
  app: FastifyInstance,
  ctx: Context,
  site: PageSite,
  limit: RequestLimit,
): void {
  const listTrending = createTrendingList(ctx);
  const form = createSubscribeForm(ctx);
  const { publicUrl } = ctx.config;
  const view = async (...typed: Parameters<typeof form>) => ({
    ...(await listTrending()),
    ...(await form(...typed)),
  });

  app.get<{ Querystring: Query }>('/', { schema: { hide: true } }, async ({ query }, reply) => {
    const asked = (['day', 'week'] as const).find((kind) => queryText(query, kind) !== '');
    const name = asked ? queryText(query, asked) : '';
    const list: TrendingView = asked
      ? ((await listPeriod(ctx, asked, name)) ?? NO_PERIOD)
      : await listTrending();
    if (asked && list.days.length === 0) reply.code(404);
    const title = list.period ? `Papers of ${list.period}` : 'Trending papers in your inbox';
    return site.send(reply, 'landing', {
      ...list,
      ...(await form(prefilled(query), [])),
      title,
      share: {
        url: `${publicUrl}/${asked && list.period ? `?${asked}=${name}` : ''}`,
        title,
        description: 'The few papers worth your morning, ranked for the topics you choose.',
        kind: 'website',
      },
      feed: { title: 'Trending papers', url: `${publicUrl}/feed` },
    });
  });

  app.post('/subscribe', { schema: { hide: true }, config: { accepts: 'form' } }, async (request, reply) => {
    const body = asForm(request.body);
    const parsed = parseSubscription(readSubscribeForm(body));
    const again = async (errors: FieldFault[]) =>
      site.send(reply.code(400), 'landing', await view(typedValues(body), errors));
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

/** The form as links from other pages want it: a topic ticked, papers among those that are liked. */
function prefilled(query: Query): SubscribeValues {
  const topic = queryText(query, 'topic', 80);
  return {
    ...NOTHING_TYPED,
    topics: topic ? [topic] : [],
    liked: splitMentions(queryText(query, 'liked', 2000)).join('\n'),
  };
}
