/** A reader's own address and data: moving to another address, taking all data along, and having it erased. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import { translatorFor } from '../messages.ts';
import { sentenceOf } from '../reader-error.ts';
import {
  type ClosedAddressLink,
  cancelAddressChange,
  changeAddress,
  openAddressLink,
  requestAddressChange,
} from '../subscribers/change-address.ts';
import { requestErasure, undoErasure } from '../subscribers/erase.ts';
import { exportData } from '../subscribers/export-data.ts';
import { findMailState } from '../subscribers/mail-state.ts';
import { openLink } from '../subscribers/open-link.ts';
import type { Subscriber } from '../subscribers/subscribers.repo.ts';
import { parseEmail } from '../subscribers/subscription-input.ts';
import { accountState } from './account-state.ts';
import { asForm, faultSentences, one } from './form.ts';
import { linkProblem } from './link-problem.ts';
import { nextDigest, whyNoDigest } from './next-digest.ts';
import type { PageSite } from './page-site.ts';
import { loadPreferencesPage, type PreferencesOutcome } from './preferences-page.ts';
import { linkTo } from './reader-links.ts';
import { createRequestLimit } from './request-limit.ts';

interface TokenRoute {
  Params: { token: string };
}

const hidden = { schema: { hide: true } };
const form = { ...hidden, config: { accepts: 'form' as const } };

/** Each may read thousands of rows. */
const DOWNLOADS_PER_MINUTE = 10;

export function registerAccount(app: FastifyInstance, ctx: Context, site: PageSite): void {
  const changeLimit = createRequestLimit(app, ctx.config.http.subscribeLimit, 'addressChanges');
  const downloadLimit = createRequestLimit(app, DOWNLOADS_PER_MINUTE, 'downloads');

  app.post<TokenRoute>('/preferences/:token/address', form, async (request, reply) => {
    const { token } = request.params;
    const link = await openLink(ctx, token, 'preferences');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    const t = translatorFor(link.subscriber.language);
    const typed = one(asForm(request.body), 'email') ?? '';
    const refuse = (problem: string, status: number) =>
      sendPreferences(reply.code(status), link.subscriber, token, { refused: { typed, problem } });
    const parsed = parseEmail({ email: typed }, ctx.config.refusedDomains);
    if (!parsed.ok) return refuse(faultSentences(parsed.faults, t)[0]?.message ?? '', 400);
    try {
      await changeLimit(request);
      const asked = await requestAddressChange(ctx, link.subscriber, parsed.value);
      return await sendPreferences(reply, asked, token);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'TOO_MANY_REQUESTS') return refuse(sentenceOf(error, t), 429);
      if (error.code === 'INPUT_INVALID') return refuse(sentenceOf(error, t), 400);
      throw error;
    }
  });

  app.post<TokenRoute>('/preferences/:token/address/cancel', form, async ({ params }, reply) => {
    const link = await openLink(ctx, params.token, 'preferences');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    return sendPreferences(reply, await cancelAddressChange(ctx, link.subscriber), params.token);
  });

  app.get<TokenRoute>('/address/:token', hidden, async ({ params }, reply) => {
    const link = await openAddressLink(ctx, params.token);
    if (link.result !== 'valid') return sendClosed(reply, link);
    const t = translatorFor(link.language);
    return site.send(reply, t, 'address', { actionUrl: `/address/${params.token}`, email: link.newEmail });
  });

  app.post<TokenRoute>('/address/:token', form, async ({ params }, reply) => {
    const changed = await changeAddress(ctx, params.token);
    return changed.result === 'changed'
      ? sendChanged(reply, changed.subscriber, 'addressChanged.title')
      : sendClosed(reply, changed);
  });

  // By POST, since programs that look at every link of a page would fetch a file by GET.
  app.post<TokenRoute>('/preferences/:token/export', form, async (request, reply) => {
    const link = await openLink(ctx, request.params.token, 'preferences');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    await downloadLimit(request);
    return reply
      .type('application/json; charset=utf-8')
      .header('content-disposition', 'attachment; filename="paperboy-export.json"')
      .header('cache-control', 'no-store')
      .header('x-robots-tag', 'noindex')
      .send(Readable.from(exportData(ctx, link.subscriber)));
  });

  app.get<TokenRoute>('/preferences/:token/erase', hidden, async ({ params }, reply) => {
    const link = await openLink(ctx, params.token, 'preferences');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    return sendErase(reply, link.subscriber, params.token);
  });

  app.post<TokenRoute>('/preferences/:token/erase', form, async ({ params }, reply) => {
    const link = await openLink(ctx, params.token, 'preferences');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    return sendErase(reply, await requestErasure(ctx, link.subscriber), params.token);
  });

  app.post<TokenRoute>('/preferences/:token/erase/undo', form, async ({ params }, reply) => {
    const link = await openLink(ctx, params.token, 'preferences');
    if (link.result !== 'valid') return linkProblem(site, reply, link.result);
    const kept = await undoErasure(ctx, link.subscriber);
    const t = translatorFor(kept.language);
    const undone = whyNoDigest(await findMailState(ctx, kept), t) ?? nextDigest(kept, ctx.now(), t);
    return sendErase(reply, kept, params.token, undone);
  });

  function sendClosed(reply: FastifyReply, link: ClosedAddressLink): FastifyReply | Promise<FastifyReply> {
    switch (link.result) {
      case 'already_changed':
        return sendChanged(reply, link.subscriber, 'addressChanged.already');
      case 'expired':
      case 'invalid':
        return linkProblem(site, reply, link.result);
    }
  }

  async function sendChanged(
    reply: FastifyReply,
    subscriber: Subscriber,
    title: 'addressChanged.title' | 'addressChanged.already',
  ): Promise<FastifyReply> {
    const now = ctx.now();
    const t = translatorFor(subscriber.language);
    return site.send(reply, t, 'addressChanged', {
      title: t(title),
      email: subscriber.email,
      nextDigest: whyNoDigest(await findMailState(ctx, subscriber), t) ?? nextDigest(subscriber, now, t),
      preferencesUrl: linkTo(ctx, 'preferences', subscriber),
    });
  }

  async function sendPreferences(
    reply: FastifyReply,
    subscriber: Subscriber,
    token: string,
    outcome?: PreferencesOutcome,
  ): Promise<FastifyReply> {
    const t = translatorFor(subscriber.language);
    return site.send(reply, t, 'preferences', await loadPreferencesPage(ctx, subscriber, token, outcome));
  }

  function sendErase(
    reply: FastifyReply,
    subscriber: Subscriber,
    token: string,
    undone: string | null = null,
  ): FastifyReply {
    const t = translatorFor(subscriber.language);
    return site.send(reply, t, 'erase', {
      actionUrl: `/preferences/${token}/erase`,
      email: subscriber.email,
      eraseAt: accountState(subscriber, ctx.now(), t).eraseAt,
      undone,
      preferencesUrl: linkTo(ctx, 'preferences', subscriber),
    });
  }
}
