/** The front page and its form. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Context } from '../context.ts';
import { CONFIRM_DAYS } from '../deliveries/write-mail.ts';
import { AppError } from '../errors.ts';
import { suggestAddress } from '../mail/address-hint.ts';
import type { Translate } from '../messages.ts';
import { takeBibliography } from '../papers/bibliography.ts';
import { nameOfKey, splitMentions } from '../papers/paper-mentions.ts';
import { sentenceOf } from '../reader-error.ts';
import { readEntries } from '../subscribers/feedback.ts';
import { subscribe } from '../subscribers/subscribe.ts';
import { parseSubscription } from '../subscribers/subscription-input.ts';
import type { CheckInboxPage, FieldError, SubscribeValues } from '../template-views.ts';
import { MAX_FROM_STRANGERS, viewBibliography } from './bibliography-view.ts';
import { asForm, one, readSubscribeForm } from './form.ts';
import { createSubscribeForm, NOTHING_TYPED, signUpFaults, typedValues } from './landing-page.ts';
import { translatorOf } from './page-language.ts';
import type { PageSite } from './page-site.ts';
import { addressWith, type Query, queryText } from './query-values.ts';
import type { RequestLimit } from './request-limit.ts';
import { createTrendingList, listPeriod, noPeriod, type TrendingView } from './trending-list.ts';
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
  const view = async (t: Translate, ...typed: Parameters<typeof form>) => ({
    ...(await listTrending(t)),
    ...(await form(...typed)),
  });

  app.get<{ Querystring: Query }>('/', { schema: { hide: true } }, async (request, reply) => {
    const { query } = request;
    const t = translatorOf(request);
    const asked = (['day', 'week'] as const).find((kind) => queryText(query, kind) !== '');
    const name = asked ? queryText(query, asked) : '';
    const list: TrendingView = asked
      ? ((await listPeriod(ctx, asked, name, t)) ?? noPeriod(t))
      : await listTrending(t);
    if (asked && list.days.length === 0) reply.code(404);
    const title = list.period ? t('landing.papersOf', { period: list.period }) : t('landing.title');
    return site.send(reply, t, 'landing', {
      ...list,
      ...(await form(prefilled(query, t), [])),
      title,
      share: {
        url: `${publicUrl}/${asked && list.period ? `?${asked}=${name}` : ''}`,
        title,
        description: t('landing.share'),
        kind: 'website',
      },
      feed: { title: t('landing.trending'), url: `${publicUrl}/feed` },
    });
  });

  withUploads(app, (scope) => {
    scope.post(
      '/subscribe',
      { schema: { hide: true }, config: { accepts: 'formOrUpload' } },
      async (request, reply) => {
        const t = translatorOf(request);
        const { body, file, fault } = await readUpload(request);
        const typed = typedValues(body, t, file?.name);
        const parsed = parseSubscription(readSubscribeForm(body, t.language), ctx.config.refusedDomains);
        const again = async (errors: FieldError[]) =>
          site.send(reply.code(400), t, 'landing', await view(t, typed, errors));
        const errors = signUpFaults(parsed, fault, t);
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
            return checkInbox(reply, t, {
              notKnown,
              bibliography: file && taken && viewBibliography(file.name, taken, t),
              slip: meant ? { typed, meant } : null,
            });
          }
          return reply.redirect(addressWith('/subscribed', { notKnown: notKnown.join(',') }), 303);
        } catch (error) {
          if (error instanceof AppError && error.field)
            return again([{ field: error.field, message: sentenceOf(error, t) }]);
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
      const t = translatorOf(request);
      const body = asForm(request.body);
      const form = await view(t, typedValues(body, t, one(body, 'bib')), []);
      return site.send(reply, t, 'landing', { ...form, noindex: true });
    },
  );

  app.get<{ Querystring: { notKnown?: unknown } }>(
    '/subscribed',
    { schema: { hide: true } },
    async (request, reply) =>
      checkInbox(reply, translatorOf(request), {
        // Only ids, whoever wrote the address.
        notKnown: readEntries(splitMentions(String(request.query.notKnown ?? '')))
          .keys.slice(0, 100)
          .map(nameOfKey),
        bibliography: null,
        slip: null,
      }),
  );

  function checkInbox(
    reply: FastifyReply,
    t: Translate,
    told: Pick<CheckInboxPage, 'notKnown' | 'bibliography' | 'slip'>,
  ): FastifyReply {
    return site.send(reply, t, 'checkInbox', {
      expiresIn: t('time.days', { n: CONFIRM_DAYS }),
      mailboxUrl: ctx.mailbox ? '/mailbox' : null,
      ...told,
    });
  }
}

/** The form as links from other pages want it: a topic ticked, papers among those that are liked. */
function prefilled(query: Query, { language }: Translate): SubscribeValues {
  const topic = queryText(query, 'topic', 80);
  return {
    ...NOTHING_TYPED,
    language,
    topics: topic ? [topic] : [],
    liked: splitMentions(queryText(query, 'liked', 2000)).join('\n'),
  };
}
