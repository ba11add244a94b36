/** From due subscribers to digests that wait to be sent: one page, one transaction. */
import type { Context } from '../context.ts';
import type { Sql } from '../db/client.ts';
import { enqueueCompose, enqueueSends } from '../hints.ts';
import { editionOf, lastDueAt, nextDueAt } from '../subscribers/schedule.ts';
import {
  type DueReader,
  insertDigests,
  listDueIds,
  listSentPapers,
  lockDueReaders,
  type NewDigest,
  updateDueTimes,
} from './digests.repo.ts';
import { type Edition, openEdition, openEditionFor } from './edition.ts';
import { selectPapers } from './select-papers.ts';

/** Large enough that a page's seven statements cost little each, small enough to lock rows for well under a second. */
const PAGE_SIZE = 250;

/** A first digest goes out whenever someone confirms; the next one leaves them time to read it. */
const GAP_AFTER_FIRST_MS: Record<DueReader['frequency'], number> = {
  daily: 12 * 3600_000,
  weekly: 48 * 3600_000,
};

export interface Composed {
  /** Subscribers whose turn it was. */
  due: number;
  /** Digests written; the rest had nothing worth a mail. */
  digests: number;
  deliveryIds: number[];
}

/** Splits all who are due at `at` into pages and hands each to `page` (a job, or `composePage` at once). */
export async function forEachDuePage(
  ctx: Context,
  at: Date,
  page: (subscriberIds: number[]) => Promise<unknown>,
): Promise<void> {
  let afterId = 0;
  for (;;) {
    const ids = await listDueIds(ctx.db, { at, afterId, limit: PAGE_SIZE });
    const last = ids.at(-1);
    if (last === undefined) return;
    await page(ids);
    afterId = last;
  }
}

/** Asks workers to compose for all who are due now, unless earlier pages still wait. */
export async function enqueueDuePages(ctx: Context): Promise<void> {
  const at = ctx.now();
  // This very job counts as one.
  if ((await ctx.queues.backlog('compose')) > 1) return;
  await forEachDuePage(ctx, at, (subscriberIds) =>
    enqueueCompose(ctx, { task: 'page', at: at.toISOString(), subscriberIds }, 'bulk'),
  );
}

/** How many digests those of `subscriberIds` that are due at `at` would get. Writes nothing. */
export async function planPage(
  ctx: Context,
  at: Date,
  subscriberIds: readonly number[],
): Promise<Omit<Composed, 'deliveryIds'>> {
  const edition = await openEdition(ctx, at);
  return ctx.db.transaction(async (tx) => {
    const readers = await lockDueReaders(tx, subscriberIds, at);
    return { due: readers.length, digests: (await writeDigests(tx, edition, readers, at)).length };
  });
}

/**
 * Composes for those of `subscriberIds` that are due at `at` and asks workers to send. Running it twice,
 * or in two processes at once, writes each edition once. Readers with nothing worth a mail only move on.
 */
export async function composePage(
  ctx: Context,
  at: Date,
  subscriberIds: readonly number[],
): Promise<Composed> {
  const [only, ...others] = subscriberIds;
  const isOne = only !== undefined && others.length === 0;
  const edition = isOne ? await openEditionFor(ctx, at, only) : await openEdition(ctx, at);
  const result = await ctx.db.transaction(async (tx) => {
    const readers = await lockDueReaders(tx, subscriberIds, at);
    const written = await writeDigests(tx, edition, readers, at);
    const deliveryIds = await insertDigests(tx, written, ctx.now());
    const gotOne = new Set(written.map(({ subscriberId }) => subscriberId));
    await updateDueTimes(
      tx,
      readers.map((reader) => ({
        id: reader.id,
        nextDueAt: dueAfterThis(reader, at),
        lastDigestAt: gotOne.has(reader.id) ? at : null,
      })),
    );
    return { due: readers.length, digests: deliveryIds.length, deliveryIds };
  });
  if (result.deliveryIds.length > 0) {
    await enqueueSends(ctx, result.deliveryIds, isOne ? 'waiting' : 'bulk');
  }
  return result;
}

/** The digests of these readers, without those that would be empty. */
async function writeDigests(
  tx: Sql,
  edition: Edition,
  readers: readonly DueReader[],
  at: Date,
): Promise<NewDigest[]> {
  if (readers.length === 0) return [];
  const ids = readers.map(({ id }) => id);
  const sent = await listSentPapers(tx, ids, edition.firstPaperId);
  return readers.flatMap((reader) => {
    const selection = selectPapers(edition, reader, sent.get(reader.id) ?? new Set(), at);
    if (selection.papers.length === 0) return [];
    return [{ subscriberId: reader.id, edition: editionName(reader, at), composedAt: at, ...selection }];
  });
}

/** The first digest belongs to no slot, so it must not use up the name of one. */
function editionName(reader: DueReader, at: Date): string {
  return reader.lastDigestAt === null ? 'first' : editionOf(reader, lastDueAt(reader, at));
}

function dueAfterThis(reader: DueReader, at: Date): Date {
  const gap = reader.lastDigestAt === null ? GAP_AFTER_FIRST_MS[reader.frequency] : 0;
  return nextDueAt(reader, new Date(at.getTime() + gap));
}
