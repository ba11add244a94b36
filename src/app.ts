/** The web site: plugins, rules for all routes, and the routes themselves. */
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Context } from './context.ts';
import { AppError } from './errors.ts';
import { registerAccount } from './http/account-routes.ts';
import { registerApi } from './http/api-routes.ts';
import { loadAssets, registerAssets } from './http/asset-routes.ts';
import { compressAnswers } from './http/compress-answers.ts';
import { answerError, setErrorHandlers } from './http/error-handler.ts';
import { FEED_FORMATS } from './http/feed-document.ts';
import { registerFeeds } from './http/feed-routes.ts';
import { registerFeedback } from './http/feedback-routes.ts';
import { registerHealth } from './http/health-routes.ts';
import { registerHistory } from './http/history-routes.ts';
import { keepAnswers } from './http/kept-answers.ts';
import { registerLanding } from './http/landing-routes.ts';
import { registerLeaving } from './http/leaving-routes.ts';
import { registerLikes } from './http/likes-routes.ts';
import { registerMailbox } from './http/mailbox-routes.ts';
import { registerMetrics } from './http/metrics-routes.ts';
import { createPageSite } from './http/page-site.ts';
import { registerPaperApi } from './http/paper-api-routes.ts';
import { registerPapers } from './http/paper-routes.ts';
import { registerPause } from './http/pause-routes.ts';
import { registerPreferences } from './http/preferences-routes.ts';
import { registerPreview } from './http/preview-routes.ts';
import { registerReader } from './http/reader-routes.ts';
import { createRequestLimit } from './http/request-limit.ts';
import { registerSearch } from './http/search-routes.ts';
import { registerSitemap } from './http/sitemap-routes.ts';
import { registerTopics } from './http/topic-routes.ts';
import { answerUnreadable, HEADERS_WITHOUT_PLUGINS } from './http/unreadable-request.ts';
import { registerWebhooks } from './http/webhook-routes.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a POST must carry; other content gets a 415. */
    accepts?: keyof typeof CONTENT_TYPES;
  }
}

const CONTENT_TYPES = {
  form: ['application/x-www-form-urlencoded'],
  json: ['application/json'],
  upload: ['multipart/form-data'],
  formOrUpload: ['application/x-www-form-urlencoded', 'multipart/form-data'],
};

/** Many times the largest form; for forms with a file, `upload.ts` has limits of its own. */
const BODY_LIMIT_BYTES = 100 * 1024;
const SECONDS = 1000;
/**
 * Pages that the server keeps, and for how long: few addresses that many ask for, feed readers in step, and searches, which
 * cost the most and are paged to and fro, as long as browsers keep them too. Papers are many, and each is asked for once.
 */
const KEPT = new Map([
  ['/', 10 * SECONDS],
  ['/topics', 10 * SECONDS],
  ['/topics/:slug', 10 * SECONDS],
  ...FEED_FORMATS.flatMap((format) =>
    [`/feed.${format}`, `/topics/:slug/feed.${format}`].map((feed): [string, number] => [feed, 10 * SECONDS]),
  ),
  ['/search', 60 * SECONDS],
]);
/** Two a second for a minute: more than someone choosing topics asks for, and each costs a few milliseconds. */
const PREVIEWS_PER_MINUTE = 120;
/** Of files that are kept, or large: reading one may take a second or two. */
const UPLOADS_PER_MINUTE = 20;
/** As many as of previews, for what people type into the search field and programs ask. */
const SEARCHES_PER_MINUTE = 120;

export async function buildApp(ctx: Context): Promise<FastifyInstance> {
  const assets = loadAssets();
  const site = createPageSite(ctx, assets.version);
  const app = fastify({
    // By itself Fastify would quote the address, and with it a token.
    frameworkErrors: (error, request, reply) => {
      answerError(site, error, request, reply.headers(HEADERS_WITHOUT_PLUGINS));
    },
    clientErrorHandler: answerUnreadable,
    loggerInstance: ctx.log as FastifyBaseLogger,
    trustProxy: ctx.config.http.trustProxy,
    bodyLimit: BODY_LIMIT_BYTES,
    // Fastify's own two lines a request would hold tokens; ours names the route instead.
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: 300 },
    // Requests under way may end, idle connections don't keep the process.
    forceCloseConnections: 'idle',
  });
  // Schemas describe; zod checks, with messages for people.
  app.setValidatorCompiler(() => () => true);
  app.removeContentTypeParser('text/plain');

  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        // The preview beside the form.
        connectSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        formAction: ["'self'"],
        frameSrc: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    // The mail in the local mailbox is sandboxed and can't have it, and a site is all or nothing.
    originAgentCluster: false,
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: ctx.config.publicUrl.startsWith('https:'),
  });
  await app.register(formbody, { bodyLimit: BODY_LIMIT_BYTES });
  await app.register(rateLimit, { global: false });
  await app.register(swagger, {
    openapi: {
      info: {
        title: 'Paperboy',
        description: 'Trending papers in your inbox, ranked for you.',
        version: '0.1.0',
      },
      servers: [{ url: ctx.config.publicUrl }],
    },
  });

  app.addHook('preValidation', async (request) => {
    const { accepts } = request.routeOptions.config;
    if (!accepts || request.body === undefined) return;
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
    const wanted = CONTENT_TYPES[accepts];
    if (!wanted.includes(type ?? ''))
      throw new AppError('WRONG_CONTENT_TYPE', `This address takes ${wanted.join(' or ')}.`);
  });
  app.addHook('onResponse', async (request, reply) => {
    request.log.info({
      event: 'http.request',
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    });
  });

  keepAnswers(app, ctx.now, KEPT);
  compressAnswers(app);
  const limit = createRequestLimit(app, ctx.config.http.subscribeLimit, 'signUps');
  const previewLimit = createRequestLimit(app, PREVIEWS_PER_MINUTE, 'previews');
  const uploadLimit = createRequestLimit(app, UPLOADS_PER_MINUTE, 'uploads');
  const searchLimit = createRequestLimit(app, SEARCHES_PER_MINUTE, 'searches');
  setErrorHandlers(app, site);
  registerAssets(app, assets);
  registerHealth(app, ctx);
  registerMetrics(app, ctx);
  registerLanding(app, ctx, site, { signUps: limit, uploads: uploadLimit });
  registerTopics(app, ctx, site);
  registerSearch(app, ctx, site, searchLimit);
  registerPapers(app, ctx, site);
  registerFeeds(app, ctx, site);
  registerSitemap(app, ctx);
  registerPreview(app, ctx, site, { previews: previewLimit, uploads: uploadLimit });
  registerPreferences(app, ctx, site, previewLimit);
  registerLikes(app, ctx, site, uploadLimit);
  registerAccount(app, ctx, site);
  registerHistory(app, ctx, site);
  registerReader(app, ctx, site);
  registerPause(app, ctx, site);
  registerLeaving(app, ctx, site);
  registerFeedback(app, ctx, site);
  registerApi(app, ctx, { signUps: limit, previews: previewLimit });
  registerPaperApi(app, ctx, searchLimit);
  registerWebhooks(app, ctx);
  if (ctx.mailbox) registerMailbox(app, ctx.mailbox, site);
  return app;
}
