/** What an error means to someone on the web: the only place that turns codes into HTTP statuses. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, describeFault, stackOf } from '../errors.ts';
import { type MessageKey, type Translate, translatorFor } from '../messages.ts';
import { sentenceOf } from '../reader-error.ts';
import type { ErrorPage } from '../template-views.ts';
import { translatorOf } from './page-language.ts';
import type { PageSite } from './page-site.ts';

/** Codes that callers may cause; every other one is a fault of ours. */
const STATUS: Record<string, number> = {
  INPUT_INVALID: 400,
  WRONG_CONTENT_TYPE: 415,
  NOT_FOUND: 404,
  FORBIDDEN: 403,
  SIGNATURE_INVALID: 403,
  CREDENTIALS_INVALID: 401,
  TOO_LARGE: 413,
  TOO_MANY_REQUESTS: 429,
  DATABASE_UNREACHABLE: 503,
  QUEUE_UNREACHABLE: 503,
  PROVIDER_UNREACHABLE: 503,
};

/** Fastify's own codes, in words for people. */
const SENTENCES: Record<number, MessageKey> = {
  400: 'error.400',
  404: 'error.404',
  405: 'error.405',
  413: 'error.413',
  414: 'error.414',
  415: 'error.415',
  429: 'error.429',
  503: 'error.503',
};

/** Answers any error of a request, also one that Fastify finds before there is a route: an address it can't read. */
export function answerError(
  site: PageSite,
  error: FastifyError | AppError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const status = statusOf(error);
  if (status >= 500) {
    request.log.error({
      event: 'http.error',
      code: error.code,
      error: describeFault(error),
      stack: stackOf(error),
    });
  }
  const t = languageOfAnswer(request);
  const message =
    error instanceof AppError && status < 500 ? sentenceOf(error, t) : t(SENTENCES[status] ?? 'error.500');
  return answer(site, request, reply, {
    status,
    code: status >= 500 ? 'INTERNAL' : error instanceof AppError ? error.code : codeOf(status),
    message,
    field: error instanceof AppError ? error.field : undefined,
  });
}

export function setErrorHandlers(app: FastifyInstance, site: PageSite): void {
  app.setErrorHandler((error: FastifyError | AppError, request, reply) =>
    answerError(site, error, request, reply),
  );
  app.setNotFoundHandler((request, reply) =>
    answer(site, request, reply, {
      status: 404,
      code: 'NOT_FOUND',
      message: languageOfAnswer(request)('error.404'),
      field: undefined,
    }),
  );
}

/** What the drivers say of a database that is away: for a moment, mostly. */
const AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  // Postgres: shutting down, starting up.
  '57P01',
  '57P03',
]);

function statusOf(error: FastifyError | AppError): number {
  if (error instanceof AppError) return STATUS[error.code] ?? 500;
  // drizzle wraps what the driver threw.
  const cause = error.cause as { code?: string } | undefined;
  if (AWAY.has(error.code) || AWAY.has(cause?.code ?? '')) return 503;
  const status = error.statusCode ?? 500;
  return status >= 400 && status < 600 ? status : 500;
}

function codeOf(status: number): string {
  return status === 429
    ? 'TOO_MANY_REQUESTS'
    : status === 413
      ? 'TOO_LARGE'
      : status === 415
        ? 'WRONG_CONTENT_TYPE'
        : 'BAD_REQUEST';
}

const HEADINGS: Record<number, MessageKey> = {
  403: 'error.heading403',
  404: 'error.heading404',
  413: 'error.heading413',
  429: 'error.heading429',
  500: 'error.title',
  503: 'error.heading503',
};

function answer(
  site: PageSite,
  request: FastifyRequest,
  reply: FastifyReply,
  {
    status,
    code,
    message,
    field,
  }: { status: number; code: string; message: string; field: string | undefined },
) {
  reply.code(status);
  if (isApi(request)) {
    return reply.send({ error: { code, message, ...(field ? { field } : {}) } });
  }
  const t = languageOfAnswer(request);
  const view: Omit<ErrorPage, 'site' | 'language'> = {
    status,
    heading: t(HEADINGS[status] ?? 'error.heading'),
    message,
    whatToDo: t(status === 404 ? 'error.wholeLink' : 'error.goBack'),
  };
  return site.send(reply, t, 'error', view);
}

/** Programs get JSON, people a page. */
function isApi(request: FastifyRequest): boolean {
  return isForPrograms(request) || (request.headers.accept ?? '').startsWith('application/json');
}

function isForPrograms({ url }: FastifyRequest): boolean {
  return /^\/(?:api|webhooks)\//.test(url);
}

/** The script of a page shows what it is told to the page's reader. */
function languageOfAnswer(request: FastifyRequest): Translate {
  return isForPrograms(request) ? translatorFor('en') : translatorOf(request);
}
