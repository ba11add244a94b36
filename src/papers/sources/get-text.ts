/** One careful way to ask a source: bounded in time and size, patient where it asks for patience, and no more often than it pays. */
import { AppError } from '../../errors.ts';
import type { SourceContext } from './source.ts';

export interface GetTextOptions {
  timeoutMs: number;
  maxBytes: number;
  /** The `Accept` header. */
  accept: string;
  /** More request headers. */
  headers?: Record<string, string>;
  /** Sent as JSON in a POST, where a source takes its question so; without it the request is a GET. */
  json?: unknown;
  /** How many tries in all, where a broken connection, a 429 or any 5xx is worth another; three where none is given. */
  tries?: number;
}

/** What a source calls one version of its answer; sent back, it lets the source say that nothing changed. */
export interface Validators {
  etag: string | null;
  lastModified: string | null;
}

export type TextIfChanged = ({ status: 'changed'; body: string } & Validators) | { status: 'unchanged' };

/** Before the second try; doubled before each further one. */
const BACKOFF_MS = 1_000;

const TRIES = 3;
/** How a connection ends that was there. Where there is no way to a source, a second later is as good as now. */
const BROKEN = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'Z_BUF_ERROR']);

/** A source that asks for more patience than this gets it from the next scheduled run. */
const LONGEST_WAIT_MS = 30_000;

/** Resolves after `ms` milliseconds, at once where the context says so (tests), or rejects when the run is called off. */
export async function pause(ctx: SourceContext, ms: number): Promise<void> {
  ctx.signal?.throwIfAborted();
  if (ctx.sleep) return ctx.sleep(ms);
  await new Promise<void>((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(ctx.signal?.reason);
    };
    const timer = setTimeout(() => {
      ctx.signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    ctx.signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * Asks `url`, by GET unless there is something to post, and returns the body as text. After a fault that may pass (see
 * `tries`) it waits as long as the source asks for, or for a random part of a growing second, and tries again.
 * Throws `SOURCE_HTTP_ERROR` (status other than 2xx), `SOURCE_TOO_LARGE` (more than `maxBytes`) or
 * `SOURCE_UNREACHABLE` (no answer within `timeoutMs`, or a broken connection).
 */
export async function getText(ctx: SourceContext, url: string, options: GetTextOptions): Promise<string> {
  const answer = await ask(ctx, url, options);
  if (isOk(answer)) return answer.body;
  throw httpError(url, answer.status, answer.body);
}

/**
 * As `getText`, but the source may answer that nothing changed since the version named by `etag` and `lastModified`.
 * Those of the new body are returned with it: keep them only once what the body says is kept.
 */
export async function getTextIfChanged(
  ctx: SourceContext,
  url: string,
  { etag, lastModified, ...options }: GetTextOptions & Partial<Validators>,
): Promise<TextIfChanged> {
  const headers: Record<string, string> = { ...options.headers };
  if (etag) headers['if-none-match'] = etag;
  if (lastModified) headers['if-modified-since'] = lastModified;
  const answer = await ask(ctx, url, { ...options, headers });
  if (isOk(answer)) {
    return {
      status: 'changed',
      body: answer.body,
      etag: answer.etag,
      lastModified: answer.lastModified,
    };
  }
  if (answer.status === 304 && (etag || lastModified)) return { status: 'unchanged' };
  throw httpError(url, answer.status, answer.body);
}

interface Answer extends Validators {
  status: number;
  body: string;
  /** Null where the source doesn't say. */
  retryAfterMs: number | null;
}

const isOk = ({ status }: Answer) => status >= 200 && status < 300;

async function ask(ctx: SourceContext, url: string, options: GetTextOptions): Promise<Answer> {
  for (let tried = 1; ; tried += 1) {
    const result = await request(ctx, url, options).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'SOURCE_UNREACHABLE') return error;
      throw error;
    });
    const waitMs =
      tried < (options.tries ?? TRIES) ? waitAfter(result, tried, ctx.random ?? Math.random) : null;
    if (waitMs !== null) await pause(ctx, waitMs);
    else if (result instanceof AppError) throw result;
    else return result;
  }
}

/** Milliseconds before the next try, or null where it would come to the same. */
function waitAfter(result: Answer | AppError, tried: number, random: () => number): number | null {
  if (result instanceof AppError) return isBroken(result) ? backoffMs(tried, random) : null;
  const { status, retryAfterMs } = result;
  if (status !== 429 && status < 500) return null;
  if (retryAfterMs === null) return backoffMs(tried, random);
  return retryAfterMs <= LONGEST_WAIT_MS ? retryAfterMs : null;
}

function isBroken({ cause }: AppError): boolean {
  // `fetch` wraps what happened below it.
  const below = cause instanceof Error ? (cause.cause ?? cause) : null;
  return below instanceof Error && 'code' in below && BROKEN.has(String(below.code));
}

/** Anywhere between nothing and the full wait, so that workers refused together don't come back together. */
const backoffMs = (tried: number, random: () => number) => random() * BACKOFF_MS * 2 ** (tried - 1);

async function request(ctx: SourceContext, url: string, options: GetTextOptions): Promise<Answer> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = ctx.signal ? AbortSignal.any([ctx.signal, timeout]) : timeout;
  const headers = { ...options.headers, accept: options.accept, 'user-agent': ctx.userAgent };
  const post =
    options.json === undefined
      ? { headers }
      : {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(options.json),
        };
  try {
    const response = await ctx.fetch(url, { ...post, signal, redirect: 'follow' });
    return {
      status: response.status,
      body: await readBody(response, url, options.maxBytes),
      etag: response.headers.get('etag'),
      lastModified: response.headers.get('last-modified'),
      retryAfterMs: retryAfterMs(response, ctx.now()),
    };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    // Called off by us, not failed by them.
    ctx.signal?.throwIfAborted();
    const why = timeout.aborted
      ? `did not answer within ${options.timeoutMs / 1000} s`
      : 'could not be reached';
    throw new AppError('SOURCE_UNREACHABLE', `${new URL(url).host} ${why}.`, { cause, retry: true });
  }
}

/** Reads no further than `maxBytes`, packed or unpacked, whatever length the source announced. */
async function readBody(response: Response, url: string, maxBytes: number): Promise<string> {
  if (!response.body) return '';
  const tooLarge = () =>
    new AppError('SOURCE_TOO_LARGE', `${new URL(url).host} sent more than ${maxBytes} bytes.`);
  if (Number(response.headers.get('content-length')) > maxBytes) {
    await response.body.cancel();
    throw tooLarge();
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream and with it the connection.
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return decodeBody(Buffer.concat(chunks), response.headers.get('content-type') ?? '');
}

/** In the encoding that the header or the XML declaration names; old journals still send Latin-1. */
function decodeBody(bytes: Buffer, contentType: string): string {
  const declared =
    /charset="?([\w-]+)/i.exec(contentType) ??
    /^[^<]{0,4}<\?xml[^>]{0,100}encoding=["']([\w-]+)/.exec(bytes.toString('latin1', 0, 200));
  try {
    return new TextDecoder(declared?.[1]).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

/** `Retry-After` in seconds or as a date; null where a source doesn't say. */
function retryAfterMs(response: Response, now: Date): number | null {
  const value = response.headers.get('retry-after')?.trim();
  if (!value) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now.getTime());
}

/** The status and the start of the body behind a `SOURCE_HTTP_ERROR`, or null for any other error. */
export function answerOf(error: unknown): { status: number; body: string } | null {
  if (!(error instanceof AppError) || error.code !== 'SOURCE_HTTP_ERROR') return null;
  return error.cause as { status: number; body: string };
}

function httpError(url: string, status: number, body: string): AppError {
  const retry = status === 429 || status >= 500;
  return new AppError('SOURCE_HTTP_ERROR', `${new URL(url).host} answered ${status}.`, {
    retry,
    cause: { status, body: body.slice(0, 5000) } satisfies ReturnType<typeof answerOf>,
  });
}
