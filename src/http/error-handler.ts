/** What an error means to someone on the web: the only place that turns codes into HTTP statuses. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, describeFault, stackOf } from '../errors.ts';
import type { ErrorPage } from '../template-views.ts';
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
const SENTENCES: Record<number, string> = {
  400: 'The request could not be read.',
  404: 'There is no page at this address.',
  405: 'This address does not take that kind of request.',
  413: 'That is more than this form takes.',
  414: 'The address is too long.',
  415: 'This address does not take that kind of content.',
  429: 'That was many requests in a short time. Please wait a minute and try again.',
  503: 'A part of this service is away for a moment. Nothing was changed; please try again.',
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
  const message =
    error instanceof AppError && status < 500
      ? error.message
      : (SENTENCES[status] ??
        'Something went wrong on our side. Nothing was changed; please try again later.');
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
      message: SENTENCES[404] ?? '',
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

const HEADINGS: Record<number, string> = {
  403: 'Not from here',
  404: 'Page not found',
  413: 'Too large',
  429: 'One moment, please',
  500: 'Something went wrong',
  503: 'Back in a moment',
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
  const view: Omit<ErrorPage, 'site'> = {
    status,
    heading: HEADINGS[status] ?? 'That did not work',
    message,
    whatToDo:
      status === 404
        ? 'Links in old mails work best when copied whole.'
        : 'Go back, or start from the front page.',
  };
  return site.send(reply, 'error', view);
}

/** Programs get JSON, people a page. */
function isApi(request: FastifyRequest): boolean {
  return (
    /^\/(?:api|webhooks)\//.test(request.url) || (request.headers.accept ?? '').startsWith('application/json')
  );
}
