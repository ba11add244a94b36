/** What every paper source has in common: the context it is given, the pages it yields, and one careful way to fetch. */
import type { z } from 'zod';
import { AppError } from '../../errors.ts';
import { type Paper, paperSchema } from '../paper.ts';
import { readableText } from '../text.ts';

export interface SourceContext {
  fetch: typeof globalThis.fetch;
  now: () => Date;
  /** Says who is asking and how to reach them; arXiv and Hugging Face ask for that. */
  userAgent: string;
  signal?: AbortSignal;
  /** Waits `ms` milliseconds, between requests and when a source asks for patience. */
  sleep?: (ms: number) => Promise<void>;
}

export interface SkippedRecord {
  reason: string;
  externalId?: string;
}

/** One answer's worth of papers. Records that could not be read are counted here, never dropped in silence. */
export interface SourcePage {
  papers: Paper[];
  skipped: SkippedRecord[];
}

export interface GetTextOptions {
  timeoutMs: number;
  maxBytes: number;
  /** The `Accept` header. */
  accept: string;
}

/** A source that asks for more patience than this gets it from the next scheduled run. */
const LONGEST_WAIT_MS = 30_000;

/** Longer than any real title or abstract, short enough that hostile text costs milliseconds. */
const MAX_RAW_TITLE = 4_000;
const MAX_RAW_ABSTRACT = 40_000;

/** What an adapter knows of a paper, with title and abstract still as the source wrote them. */
export type PaperDraft = z.input<typeof paperSchema>;

/** `cs.CL`, `astro-ph`. arXiv mixes in classes of other bodies (ACM, MSC), often several in one string. */
const CATEGORY = /^[a-z][a-z-]{1,15}(?:\.[A-Za-z-]{2,20})?$/;

/** Makes all text readable, checks the whole, and adds it to the page as a paper or as a skipped record. */
export function addPaper(page: SourcePage, draft: PaperDraft): void {
  const parsed = paperSchema.safeParse({
    ...draft,
    title: readableText(draft.title.slice(0, MAX_RAW_TITLE)).slice(0, 1000),
    abstract: readableText((draft.abstract ?? '').slice(0, MAX_RAW_ABSTRACT)).slice(0, 20_000),
    authors: (draft.authors ?? [])
      .slice(0, 5000)
      .map((name) => readableText(name.slice(0, 400)).slice(0, 200))
      .filter((name) => name !== ''),
    categories: (draft.categories ?? []).filter((category) => CATEGORY.test(category)).slice(0, 40),
  });
  if (parsed.success) page.papers.push(parsed.data);
  else page.skipped.push({ reason: firstIssue(parsed.error), externalId: draft.externalId });
}

/** The first thing zod disliked, as `paper.title: Invalid input`. */
export function firstIssue(error: { issues: readonly { path: PropertyKey[]; message: string }[] }): string {
  const [issue] = error.issues;
  return issue ? `${issue.path.map(String).join('.') || 'record'}: ${issue.message}` : 'record: unreadable';
}

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
 * GETs `url` and returns the body as text. A 429 or 503 is tried once more after the wait that the source asks for.
 * Throws `SOURCE_HTTP_ERROR` (status other than 2xx), `SOURCE_TOO_LARGE` (more than `maxBytes`) or
 * `SOURCE_UNREACHABLE` (no answer within `timeoutMs`, or a broken connection).
 */
export async function getText(ctx: SourceContext, url: string, options: GetTextOptions): Promise<string> {
  const first = await request(ctx, url, options);
  if (first.ok) return first.body;
  const wait = first.status === 429 || first.status === 503 ? first.retryAfterMs : null;
  if (wait === null || wait > LONGEST_WAIT_MS) throw httpError(url, first.status, first.body);
  await pause(ctx, wait);
  const second = await request(ctx, url, options);
  if (second.ok) return second.body;
  throw httpError(url, second.status, second.body);
}

type Answer =
  | { ok: true; body: string }
  | { ok: false; status: number; body: string; retryAfterMs: number | null };

async function request(ctx: SourceContext, url: string, options: GetTextOptions): Promise<Answer> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = ctx.signal ? AbortSignal.any([ctx.signal, timeout]) : timeout;
  const headers = { accept: options.accept, 'user-agent': ctx.userAgent };
  try {
    const response = await ctx.fetch(url, { headers, signal, redirect: 'follow' });
    const body = await readBody(response, url, options.maxBytes);
    if (response.ok) return { ok: true, body };
    return { ok: false, status: response.status, body, retryAfterMs: retryAfterMs(response, ctx.now()) };
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

/** Reads no further than `maxBytes`, whatever length the source announced. */
async function readBody(response: Response, url: string, maxBytes: number): Promise<string> {
  if (!response.body) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream and with it the connection.
    if (size > maxBytes) {
      throw new AppError('SOURCE_TOO_LARGE', `${new URL(url).host} sent more than ${maxBytes} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `Retry-After` in seconds or as a date; five seconds where a source doesn't say. */
function retryAfterMs(response: Response, now: Date): number {
  const value = response.headers.get('retry-after')?.trim();
  if (!value) return 5_000;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? 5_000 : Math.max(0, date - now.getTime());
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
