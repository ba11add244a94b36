/** The front page and its form. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Context } from '../context.ts';
import { CONFIRM_DAYS } from '../deliveries/write-mail.ts';
import { AppError } from '../errors.ts';
import { suggestAddress } from '../mail/address-hint.ts';
import { takeBibliography } from '../papers/bibliography.ts';
import { nameOfKey, splitMentions } from '../papers/paper-mentions.ts';
import { readEntries } from '../subscribers/feedback.ts';
import { subscribe } from '../subscribers/subscribe.ts';
import { type FieldFault, parseSubscription } from '../subscribers/subscription-input.ts';
import type { CheckInboxPage, SubscribeValues } from '../template-views.ts';
import { MAX_FROM_STRANGERS, viewBibliography } from './bibliography-view.ts';
import { asForm, one, readSubscribeForm } from './form.ts';
import { createSubscribeForm, NOTHING_TYPED, signUpFaults, typedValues } from './landing-page.ts';
import type { PageSite } from './page-site.ts';
import { addressWith, type Query, queryText } from './query-values.ts';
import type { RequestLimit } from './request-limit.ts';
import { createTrendingList, listPeriod, NO_PERIOD, type TrendingView } from './trending-list.ts';
import { readUpload, withUploads } from './upload.ts';

export function registerLanding(
  app: FastifyInstance,
  ctx: Context,
  site: PageSite,
  limits: { signUps: RequestLimit; uploads: RequestLimit },
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

  withUploads(app, (scope) => {
    scope.post(
      '/subscribe',
      { schema: { hide: true }, config: { accepts: 'formOrUpload' } },
      async (request, reply) => {
        const { body, file, fault } = await readUpload(request);
        const typed = typedValues(body, file?.name);
        const parsed = parseSubscription(readSubscribeForm(body), ctx.config.refusedDomains);
        const again = async (errors: FieldFault[]) =>
          site.send(reply.code(400), 'landing', await view(typed, errors));
        const errors = signUpFaults(parsed, fault);
        if (!parsed.ok || errors.length > 0) return again(errors);
        await limits.signUps(request);
        if (file) await limits.uploads(request);
        // People don't see this field; what fills it in is told that all went well.
        if (one(body, 'website')) return reply.redirect('/subscribed', 303);
        try {
          const taken = file && (await takeBibliography(ctx, file.bytes, MAX_FROM_STRANGERS));
          const { notKnown } = await subscribe(ctx, { ...parsed.value, alsoLiked: taken?.paperIds }, 'form');
          const meant = suggestAddress(parsed.value.email.address);
          // An address and what is in a file have no place in an address of ours. None of it tells who is known here.
          if (taken || meant) {
            return checkInbox(reply, {
              notKnown,
              bibliography: file && taken && viewBibliography(file.name, taken),
              slip: meant ? { typed, meant } : null,
            });
          }
          return reply.redirect(addressWith('/subscribed', { notKnown: notKnown.join(',') }), 303);
        } catch (error) {
          if (error instanceof AppError && error.field)
            return again([{ field: error.field, message: error.message }]);
          throw error;
        }
      },
    );
  });

  // Back to the form with what was typed: by POST, as there is an address in it. Nothing is stored.
  app.post(
    '/subscribe/again',
    { schema: { hide: true }, config: { accepts: 'form' } },
    async (request, reply) => {
      const body = asForm(request.body);
      const form = await view(typedValues(body, one(body, 'bib')), []);
      return site.send(reply, 'landing', { ...form, noindex: true });
    },
  );

  app.get<{ Querystring: { notKnown?: unknown } }>(
    '/subscribed',
    { schema: { hide: true } },
    async ({ query }, reply) =>
      checkInbox(reply, {
        // Only ids, whoever wrote the address.
        notKnown: readEntries(splitMentions(String(query.notKnown ?? '')))
          .keys.slice(0, 100)
          .map(nameOfKey),
        bibliography: null,
        slip: null,
      }),
  );

  function checkInbox(
    reply: FastifyReply,
    told: Pick<CheckInboxPage, 'notKnown' | 'bibliography' | 'slip'>,
  ): FastifyReply {
    return site.send(reply, 'checkInbox', {
      expiresIn: `${CONFIRM_DAYS} days`,
      mailboxUrl: ctx.mailbox ? '/mailbox' : null,
      ...told,
    });
  }
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
