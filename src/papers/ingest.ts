/** From sources to stored papers: page by page, each with the cursor behind it, so that whatever happens, what was read is kept. */
import type { Context } from '../context.ts';
import { AppError, describeFault, stackOf } from '../errors.ts';
import { listKnownPapers } from './known-papers.repo.ts';
import { createPoliteFetch } from './sources/polite-fetch.ts';
import { assertPublicAddress } from './sources/public-address.ts';
import type { SourceContext, SourcePage } from './sources/source.ts';
import {
  claimSource,
  findSourceState,
  type PageCounts,
  type RunEnd,
  recordPage,
  recordRunEnd,
  renewSourceLease,
  reserveHost,
  SOURCE_LEASE_MS,
  type SourceClaim,
  takeCutOffSources,
} from './sources.repo.ts';
import { type LiveSource, listLiveSources, type SourceRun } from './sources.ts';
import { storePapers } from './store.ts';

export interface IngestOptions extends Partial<Omit<SourceRun, 'cursor' | 'listKnown'>> {
  /**
   * Ends the run when it fires; pages stored before stay. A `TimeoutError` is the source's fault, any other reason is
   * ours and not held against it.
   */
  signal?: AbortSignal;
  /** Hears the counts so far, and how many records there will be, where the source tells. */
  onPage?: (counts: PageCounts, total: number | undefined) => void;
}

/** A source that is away for less is as usual as rain; its next run makes up for it. */
const TROUBLE_AFTER_MS = 3600_000;
/** arXiv asks for one request in three seconds from all that one operator runs. */
const ARXIV_INTERVAL_MS = 3000;
/** Semantic Scholar gives one request a second to a key; the rest is for the way there. */
const SEMANTIC_SCHOLAR_INTERVAL_MS = 1100;
const INTERVAL_MS = 200;
/** What a hostile feed can make up in reasons must not fill a row; the rest is counted as one. */
const MAX_REASONS = 30;
const OTHER_REASONS = 'other reasons';

/**
 * Reads one live source from where it stopped, or the days that are given, and records the run.
 * Throws what the source throws, after what it gave is stored; `SOURCE_IN_USE` where another process is reading it, and
 * `INTERRUPTED` where `signal` ended it for a reason of ours.
 */
export async function ingestSource(
  ctx: Context,
  source: LiveSource,
  { from, to, signal, onPage }: IngestOptions = {},
): Promise<PageCounts> {
  const claim = await claimSource(ctx.db, source.name, ctx.now());
  if (!claim) throw await inUse(ctx, source.name);
  // A request that waits for its turn, or a long page, must not look like a dead process.
  const renewal = setInterval(() => {
    renewSourceLease(ctx.db, claim, ctx.now()).catch((error) =>
      ctx.log.warn({ event: 'ingest.lease', source: source.name, error: describeFault(error) }),
    );
  }, SOURCE_LEASE_MS / 4);
  const sourceContext: SourceContext = {
    fetch: createPoliteFetch({
      fetch: ctx.fetch,
      reserve: (host) => reserveHost(ctx.db, host, intervalOf(host), ctx.now()),
      ...(source.isFeed ? { guard: assertPublicAddress } : {}),
    }),
    now: ctx.now,
    userAgent: ctx.config.sources.userAgent,
    signal,
  };
  // Days that were asked for are read beside the usual run, whose place they must not move.
  const asked = from !== undefined || to !== undefined;
  try {
    const pages = source.read(sourceContext, {
      cursor: asked ? null : claim.cursor,
      from,
      to,
      listKnown: (ask) => listKnownPapers(ctx.db, source.name, ask),
    });
    const counts = await ingestPages(ctx, pages, { onPage, signal, run: { claim, keepCursor: !asked } });
    await recordRunEnd(ctx.db, claim, ctx.now(), { kind: 'ok' });
    return counts;
  } catch (error) {
    const end = endOf(error, signal, !asked);
    // A database that can't take this note either is what `error` speaks of; the lease then runs out by itself.
    await recordRunEnd(ctx.db, claim, ctx.now(), end).catch(() => {});
    throw toThrow(source.name, error, end, signal);
  } finally {
    clearInterval(renewal);
  }
}

function endOf(error: unknown, signal: AbortSignal | undefined, resume: boolean): RunEnd {
  if (!signal?.aborted) return { kind: 'failed', error: describeFault(error) };
  const isLate = signal.reason instanceof Error && signal.reason.name === 'TimeoutError';
  return isLate ? { kind: 'failed', error: 'It did not answer in time.' } : { kind: 'cut_off', resume };
}

function toThrow(name: string, error: unknown, end: RunEnd, signal: AbortSignal | undefined): unknown {
  if (!signal?.aborted) return error;
  return end.kind === 'failed'
    ? new AppError('SOURCE_UNREACHABLE', end.error, { cause: error, retry: true })
    : new AppError('INTERRUPTED', `Reading ${name} was cut off; what came is kept.`, {
        cause: error,
        retry: true,
      });
}

async function inUse(ctx: Context, name: string): Promise<AppError> {
  const state = await findSourceState(ctx.db, name);
  const words = (date: Date | null | undefined) =>
    date ? `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC` : 'a moment ago';
  return new AppError(
    'SOURCE_IN_USE',
    `Another process has been reading it since ${words(state?.lastRunAt)}. Try again once that is done; had it died, the source would be free ${SOURCE_LEASE_MS / 60_000} minutes later.`,
    { retry: true },
  );
}

/**
 * Stores page after page; while one is being stored, the next is read. `run`: whose run this is, for its record; a file
 * has none. Throws the reason of `signal` before a page or after it, never within.
 */
export async function ingestPages(
  ctx: Context,
  pages: AsyncIterable<SourcePage>,
  {
    onPage = () => {},
    signal,
    run,
  }: Pick<IngestOptions, 'onPage' | 'signal'> & { run?: { claim: SourceClaim; keepCursor: boolean } } = {},
): Promise<PageCounts> {
  const sum: PageCounts = { seen: 0, inserted: 0, updated: 0, merged: 0, skipped: 0 };
  const skippedReasons = new Map<string, number>();
  const iterator = pages[Symbol.asyncIterator]();
  let next = iterator.next();
  for (let item = await next; !item.done; item = await next) {
    const page = item.value;
    next = iterator.next();
    // Should storing fail, nobody would hear of what reading ahead throws.
    next.catch(() => {});
    signal?.throwIfAborted();
    for (const { reason, externalId } of page.skipped) {
      countReason(skippedReasons, reason.slice(0, 100));
      ctx.log.debug({ event: 'ingest.skipped', source: run?.claim.name, reason, externalId });
    }
    const now = ctx.now();
    const counts = await ctx.db.transaction(async (tx) => {
      const stored = await storePapers(tx, page.papers, () => now);
      const ofPage = {
        ...stored,
        seen: page.papers.length + page.skipped.length,
        skipped: page.skipped.length,
      };
      if (run) {
        const cursor = run.keepCursor ? page.cursor : undefined;
        const isOurs = await recordPage(tx, run.claim, ofPage, {
          cursor,
          skippedReasons: Object.fromEntries(skippedReasons),
        });
        // Thrown inside, so that the page goes with it.
        if (!isOurs) throw new AppError('SOURCE_IN_USE', "A later run has taken this one's place.");
      }
      return ofPage;
    });
    for (const key of Object.keys(sum) as (keyof PageCounts)[]) sum[key] += counts[key];
    onPage(sum, page.total);
  }
  return sum;
}

function countReason(reasons: Map<string, number>, reason: string): void {
  const kind = reasons.has(reason) || reasons.size < MAX_REASONS ? reason : OTHER_REASONS;
  reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
}

/**
 * A scheduled run of one source by name; one that is switched off since, or that another process is reading, is passed
 * over. Throws nothing that is the source's fault or a fault in reading it. One log line a run.
 */
export async function ingestByName(ctx: Context, name: string, signal?: AbortSignal): Promise<void> {
  const source = listLiveSources(ctx.config).find((one) => one.name === name);
  if (!source) return;
  const result = await readSource(ctx, source, signal);
  if ('passedOver' in result) {
    ctx.log.debug({ event: 'ingest.passed_over', source: name, code: result.passedOver });
    return;
  }
  const failingSince = (await findSourceState(ctx.db, name))?.failingSince ?? null;
  const isTrouble = failingSince !== null && ctx.now().getTime() - failingSince.getTime() > TROUBLE_AFTER_MS;
  ctx.log[isTrouble ? 'warn' : 'info']({ event: 'ingest.done', source: name, ...result });
}

/** All sources at once, without a word; one that fails stops no other. `signal` ends them all. */
export async function readAllSources(ctx: Context, signal?: AbortSignal): Promise<void> {
  await Promise.all(listLiveSources(ctx.config).map((source) => readSource(ctx, source, signal)));
}

/** Asks workers to go on at once with sources whose run was cut off; their next round may be a day away. */
export async function resumeSources(ctx: Context): Promise<void> {
  const names = listLiveSources(ctx.config).map(({ name }) => name);
  for (const source of await takeCutOffSources(ctx.db, names, ctx.now())) {
    ctx.log.info({ event: 'ingest.resumed', source });
    await ctx.queues.add('ingest', { source });
  }
}

async function readSource(
  ctx: Context,
  source: LiveSource,
  signal?: AbortSignal,
): Promise<PageCounts | { failed: string } | { passedOver: string }> {
  try {
    return await ingestSource(ctx, source, { signal });
  } catch (error) {
    if (error instanceof AppError) {
      const isOurs = error.code === 'SOURCE_IN_USE' || error.code === 'INTERRUPTED';
      return isOurs ? { passedOver: error.code } : { failed: error.message };
    }
    // A fault of one adapter's is for its author to hear of, and no reason to stop the others.
    ctx.log.error({
      event: 'ingest.crashed',
      source: source.name,
      error: describeFault(error),
      stack: error instanceof Error ? stackOf(error) : undefined,
    });
    return { failed: describeFault(error) };
  }
}

function intervalOf(host: string): number {
  if (/(?:^|\.)arxiv\.org$/.test(host)) return ARXIV_INTERVAL_MS;
  return /(?:^|\.)semanticscholar\.org$/.test(host) ? SEMANTIC_SCHOLAR_INTERVAL_MS : INTERVAL_MS;
}
