/** What readers reach by the links in their mails. GET shows, POST acts; a link is all the login there is. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { findWebCopy } from '../digests/web-copy.ts';
import { AppError } from '../errors.ts';
import { dateAndTime, frequencySentence } from '../mail/words.ts';
import { confirm } from '../subscribers/confirm.ts';
import { openLink } from '../subscribers/open-link.ts';
import { FOREVER, pause, resume } from '../subscribers/preferences.ts';
import { loadProfile } from '../subscribers/profile.ts';
import type { Subscriber } from '../subscribers/subscribers.repo.ts';
import { resubscribe, unsubscribe } from '../subscribers/unsubscribe.ts';
import { asForm, one } from './form.ts';
import { linkProblem } from './link-problem.ts';
import type { PageSite } from './page-site.ts';
import { pausedWords } from './paused-words.ts';

interface TokenRoute {
  Params: { token: string };
}

const hidden = { schema: { hide: true } };
const form = { ...hidden, config: { accepts: 'form' as const } };

export function registerReader(app: FastifyInstance, ctx: Context, site: PageSite): void {
  const linkOf = (purpose: 'preferences' | 'pause' | 'unsubscribe', { id, tokenVersion }: Subscriber) =>
    ctx.links.url({ purpose, id, version: tokenVersion });

  app.get<TokenRoute>('/confirm/:token', hidden, async ({ params }, reply) => {
    const link = await openLink(ctx, params.token, 'confirm');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    const { topicNames, keywords } = await loadProfile(ctx, link.subscriber);
    return site.send(reply, 'confirm', {
      actionUrl: `/confirm/${params.token}`,
      topics: [...topicNames, ...keywords],
      frequencySentence: frequencySentence(link.subscriber),
    });
  });

  app.post<TokenRoute>('/confirm/:token', form, async ({ params }, reply) => {
    const confirmed = await confirm(ctx, params.token);
    switch (confirmed.result) {
      case 'expired':
      case 'invalid':
        return linkProblem(site, reply, confirmed.result);
      case 'confirmed':
      case 'already_confirmed':
        return site.send(reply, 'confirmed', {
          nextDigest: nextDigest(confirmed.subscriber, confirmed.result === 'confirmed', ctx.now()),
          preferencesUrl: linkOf('preferences', confirmed.subscriber),
        });
    }
  });

  app.get<TokenRoute>('/pause/:token', hidden, async ({ params }, reply) => {
    const link = await openLink(ctx, params.token, 'pause');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    return site.send(reply, 'pause', pauseView(link.subscriber, params.token));
  });

  app.post<TokenRoute>('/pause/:token', form, async ({ params, body }, reply) => {
    const link = await openLink(ctx, params.token, 'pause');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    const until = pauseEnd(one(asForm(body), 'until'), ctx.now());
    const changed = until ? await pause(ctx, link.subscriber, until) : await resume(ctx, link.subscriber);
    return site.send(reply, 'pause', pauseView(changed, params.token));
  });

  app.get<TokenRoute>('/unsubscribe/:token', hidden, async ({ params }, reply) => {
    const link = await openLink(ctx, params.token, 'unsubscribe');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    return site.send(reply, 'unsubscribe', {
      actionUrl: `/unsubscribe/${params.token}`,
      email: link.subscriber.email,
      pauseUrl: linkOf('pause', link.subscriber),
    });
  });

  // Mail programs post `List-Unsubscribe=One-Click` here (RFC 8058), people press the button: both are answered at once.
  app.register(async (scope) => {
    scope.removeContentTypeParser('application/json');
    // RFC 8058 allows a multipart form. It only tells how they leave, so it is searched, not parsed.
    scope.addContentTypeParser(
      'multipart/form-data',
      { parseAs: 'string' },
      async (_request: FastifyRequest, text: string) =>
        text.includes('One-Click') ? { 'List-Unsubscribe': 'One-Click' } : {},
    );
    scope.post<TokenRoute>('/unsubscribe/:token', hidden, async ({ params, body }, reply) => {
      const oneClick = one(asForm(body), 'List-Unsubscribe') === 'One-Click';
      const left = await unsubscribe(ctx, params.token, oneClick ? 'one_click' : 'link');
      if (left.result === 'invalid') return linkProblem(site, reply, 'invalid');
      return site.send(reply, 'unsubscribed', {
        resubscribeUrl: left.subscriber.confirmedAt ? `/unsubscribe/${params.token}/undo` : null,
      });
    });
  });

  app.post<TokenRoute>('/unsubscribe/:token/undo', form, async ({ params }, reply) => {
    const back = await resubscribe(ctx, params.token);
    if (back.result === 'invalid') return linkProblem(site, reply, 'invalid');
    return site.send(reply, 'confirmed', {
      nextDigest: nextDigest(back.subscriber, false, ctx.now()),
      preferencesUrl: linkOf('preferences', back.subscriber),
    });
  });

  app.get<TokenRoute>('/digests/:token', hidden, async ({ params }, reply) => {
    const digest = await findWebCopy(ctx, params.token);
    if (!digest) return linkProblem(site, reply, 'invalid');
    return site.send(reply, 'digest', { digest, token: params.token });
  });

  function pauseView(subscriber: Subscriber, token: string) {
    return {
      actionUrl: `/pause/${token}`,
      paused: pausedWords(subscriber, ctx.now()),
      preferencesUrl: linkOf('preferences', subscriber),
    };
  }
}

/** Null: go on now. Throws AppError `INPUT_INVALID` for anything the page doesn't offer. */
function pauseEnd(until: string | undefined, now: Date): Date | null {
  const days = (count: number) => new Date(now.getTime() + count * 24 * 3600_000);
  switch (until) {
    case 'week':
      return days(7);
    case 'month':
      return days(30);
    case 'resumed':
      return FOREVER;
    case 'now':
      return null;
    default:
      throw new AppError('INPUT_INVALID', 'until must be week, month, resumed or now.', { field: 'until' });
  }
}

function nextDigest(subscriber: Subscriber, firstIsComing: boolean, now: Date): string {
  if (firstIsComing) {
    return `Your first digest is on its way and will be in your inbox in a moment. After that one comes ${frequencySentence(subscriber)}.`;
  }
  const { nextDueAt, timezone } = subscriber;
  if (!nextDueAt) return 'Your digest is paused; resume it whenever you like.';
  return nextDueAt > now
    ? `Your next digest comes on ${dateAndTime(nextDueAt, timezone)}.`
    : 'Your next digest is on its way.';
}
