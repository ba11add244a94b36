/** From sources to stored papers: page by page, each with the cursor behind it, so that whatever happens, what was read is kept. */
import type { Context } from '../context.ts';
import { AppError, describeFault } from '../errors.ts';
import { createPoliteFetch } from './sources/polite-fetch.ts';
import { assertPublicAddress } from './sources/public-address.ts';
import type { SourceContext, SourcePage } from './sources/source.ts';
import {
  findSourceState,
  listSourceStates,
  type PageCounts,
  recordPage,
  recordRunEnd,
  recordRunStart,
  reserveHost,
} from './sources.repo.ts';
import { type LiveSource, listLiveSources, type SourceRun } from './sources.ts';
import { storePapers } from './store.ts';

export interface IngestOptions extends Partial<Omit<SourceRun, 'cursor'>> {
  /** Gives up on the source when it fires; pages stored before stay. */
  signal?: AbortSignal;
  /** Hears the counts so far, and how many records there will be, where the source tells. */
  onPage?: (counts: PageCounts, total: number | undefined) => void;
}

/** A source that is away for less is as usual as rain; its next run makes up for it. */
const TROUBLE_AFTER_MS = 3600_000;
/** arXiv asks for one request in three seconds from all that one operator runs. */
const ARXIV_INTERVAL_MS = 3000;
const INTERVAL_MS = 200;

/**
 * Reads one live source from where it stopped, or the days that are given, and records the run.
 * Throws what the source throws, after what it gave is stored.
 */
export async function ingestSource(
  ctx: Context,
  source: LiveSource,
  { from, to, signal, onPage }: IngestOptions = {},
): Promise<PageCounts> {
  const state = await findSourceState(ctx.db, source.name);
  await recordRunStart(ctx.db, source.name, ctx.now());
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
  const pages = source.read(sourceContext, { cursor: asked ? null : (state?.cursor ?? null), from, to });
  try {
    const counts = await ingestPages(ctx, pages, { onPage, source: source.name, keepCursor: !asked });
    await recordRunEnd(ctx.db, source.name, ctx.now(), null);
    return counts;
  } catch (error) {
    const sentence = signal?.aborted ? 'It did not answer in time.' : describeFault(error);
    await recordRunEnd(ctx.db, source.name, ctx.now(), sentence);
    throw signal?.aborted
      ? new AppError('SOURCE_UNREACHABLE', sentence, { cause: error, retry: true })
      : error;
  }
}

/**
 * Stores page after page; while one is being stored, the next is read. `source`: whose run this is, for its record;
 * a file has none.
 */
export async function ingestPages(
  ctx: Context,
  pages: AsyncIterable<SourcePage>,
  {
    onPage = () => {},
    source,
    keepCursor = false,
  }: Pick<IngestOptions, 'onPage'> & { source?: string; keepCursor?: boolean } = {},
): Promise<PageCounts> {
  const sum: PageCounts = { seen: 0, inserted: 0, updated: 0, merged: 0, skipped: 0 };
  const skippedReasons: Record<string, number> = {};
  const iterator = pages[Symbol.asyncIterator]();
  let next = iterator.next();
  for (let item = await next; !item.done; item = await next) {
    const page = item.value;
    next = iterator.next();
    // Should storing fail, nobody would hear of what reading ahead throws.
    next.catch(() => {});
    for (const { reason, externalId } of page.skipped) {
      const kind = reason.slice(0, 100);
      skippedReasons[kind] = (skippedReasons[kind] ?? 0) + 1;
      ctx.log.debug({ event: 'ingest.skipped', source, reason, externalId });
    }
    const now = ctx.now();
    const counts = await ctx.db.transaction(async (tx) => {
      const stored = await storePapers(tx, page.papers, () => now);
      const ofPage = {
        ...stored,
        seen: page.papers.length + page.skipped.length,
        skipped: page.skipped.length,
      };
      if (source) {
        await recordPage(tx, source, ofPage, {
          cursor: keepCursor ? page.cursor : undefined,
          skippedReasons,
        });
      }
      return ofPage;
    });
    for (const key of Object.keys(sum) as (keyof PageCounts)[]) sum[key] += counts[key];
    onPage(sum, page.total);
  }
  return sum;
}

/** A scheduled run of one source by name; one that is switched off since is passed over. One log line a run. */
export async function ingestByName(ctx: Context, name: string): Promise<void> {
  const source = listLiveSources(ctx.config).find((one) => one.name === name);
  if (!source) return;
  const result = await readSource(ctx, source);
  const failingSince = (await findSourceState(ctx.db, name))?.failingSince ?? null;
  const isTrouble = failingSince !== null && ctx.now().getTime() - failingSince.getTime() > TROUBLE_AFTER_MS;
  ctx.log[isTrouble ? 'warn' : 'info']({ event: 'ingest.done', source: name, ...result });
}

/** All sources at once, without a word; one that fails stops no other. `signal` ends them all. */
export async function readAllSources(ctx: Context, signal?: AbortSignal): Promise<void> {
  await Promise.all(listLiveSources(ctx.config).map((source) => readSource(ctx, source, signal)));
}

async function readSource(
  ctx: Context,
  source: LiveSource,
  signal?: AbortSignal,
): Promise<PageCounts | { failed: string }> {
  try {
    return await ingestSource(ctx, source, { signal });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { failed: error.message };
  }
}

/** Sources that have failed for a day or more, and since when: what an operator must hear of. */
export async function listFailingSources(ctx: Context): Promise<Record<string, string>> {
  const dayAgo = ctx.now().getTime() - 24 * 3600_000;
  const states = await listSourceStates(ctx.db);
  return Object.fromEntries(
    states.flatMap(({ name, failingSince }) =>
      failingSince && failingSince.getTime() <= dayAgo
        ? [[name, `failing since ${failingSince.toISOString()}`]]
        : [],
    ),
  );
}

function intervalOf(host: string): number {
  return /(?:^|\.)arxiv\.org$/.test(host) ? ARXIV_INTERVAL_MS : INTERVAL_MS;
}
