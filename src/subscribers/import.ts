/** Takes over a list whose people have agreed elsewhere: they are active at once and their first digest is their next scheduled one. */
import type { Context } from '../context.ts';
import { hashAddress } from '../mail/address.ts';
import { saveVerdicts } from './feedback.repo.ts';
import { findLikedPapers } from './feedback.ts';
import { nextDueAt } from './schedule.ts';
import {
  insertConsents,
  insertSubscribers,
  listSuppressed,
  type NewSubscriber,
  replaceProfiles,
} from './subscribers.repo.ts';
import { parseSubscription, type Subscription, scheduledWeekdays } from './subscription-input.ts';
import { listTopics } from './topics.repo.ts';

export interface ImportRow {
  /** As an editor counts it, for messages. */
  line: number;
  input: Record<string, unknown>;
}

export interface ImportCounts {
  imported: number;
  /** The address was a subscriber before, or stood in the file already; nothing of theirs is changed. */
  known: number;
  /** The address bounced or complained before. */
  suppressed: number;
  bad: number;
  /** Liked papers that are not known here. */
  notKnown: Set<string>;
}

const BATCH = 500;

/** Rows that can't be taken go to `onBad` with a sentence; all others go in, a batch in a transaction. */
export async function importSubscribers(
  ctx: Context,
  rows: AsyncIterable<ImportRow>,
  {
    onBad,
    onBatch,
  }: { onBad: (line: number, sentence: string) => void; onBatch: (counts: ImportCounts) => void },
): Promise<ImportCounts> {
  const topicIds = new Map((await listTopics(ctx.db)).map(({ slug, id }) => [slug, id]));
  const counts: ImportCounts = { imported: 0, known: 0, suppressed: 0, bad: 0, notKnown: new Set() };
  let batch: Subscription[] = [];
  const flush = async () => {
    await importBatch(ctx, batch, topicIds, counts);
    batch = [];
    onBatch(counts);
  };
  for await (const { line, input } of rows) {
    const parsed = parseSubscription(input, ctx.config.refusedDomains);
    const unknown = parsed.ok ? parsed.value.topics.filter((slug) => !topicIds.has(slug)) : [];
    if (parsed.ok && unknown.length === 0) {
      batch.push(parsed.value);
    } else {
      counts.bad++;
      const faults = parsed.ok
        ? [`topics holds no topic of ours: ${unknown.slice(0, 3).join(', ')}`]
        : parsed.faults.map(({ field, message }) => `${field} ${message}`);
      onBad(line, faults.join('; '));
    }
    if (batch.length >= BATCH) await flush();
  }
  await flush();
  ctx.log.info({ event: 'subscriber.imported', ...counts, notKnown: counts.notKnown.size });
  return counts;
}

async function importBatch(
  ctx: Context,
  batch: readonly Subscription[],
  topicIds: ReadonlyMap<string, number>,
  counts: ImportCounts,
): Promise<void> {
  const now = ctx.now();
  // Of an address that stands in the file twice, the first row counts.
  const byKey = new Map([...batch].reverse().map((input) => [input.email.key, input]));
  await ctx.db.transaction(async (tx) => {
    const suppressed = await listSuppressed(tx, [...byKey.keys()].map(hashAddress));
    const wanted = [...byKey.values()].filter(({ email }) => !suppressed.has(hashAddress(email.key)));
    const ids = await insertSubscribers(
      tx,
      wanted.map((input) => toRow(input, now)),
    );
    const added = wanted.flatMap((input) => {
      const subscriberId = ids.get(input.email.key);
      return subscriberId === undefined ? [] : [{ subscriberId, input }];
    });
    await replaceProfiles(
      tx,
      added.map(({ subscriberId, input }) => ({
        subscriberId,
        words: { keywords: input.keywords },
        topicIds: input.topics.flatMap((slug) => topicIds.get(slug) ?? []),
      })),
    );
    for (const { subscriberId, input } of added.filter((one) => one.input.liked.length > 0)) {
      const { paperIds, notKnown } = await findLikedPapers(tx, input.liked);
      await saveVerdicts(tx, { subscriberId, paperIds, verdict: 'liked', at: now });
      for (const id of notKnown) counts.notKnown.add(id);
    }
    await insertConsents(
      tx,
      added.map(({ subscriberId }) => ({
        subscriberId,
        action: 'imported' as const,
        via: 'cli' as const,
        createdAt: now,
      })),
    );
    counts.imported += added.length;
    counts.suppressed += byKey.size - wanted.length;
    counts.known += batch.length - (byKey.size - wanted.length) - added.length;
  });
}

function toRow(input: Subscription, now: Date): NewSubscriber {
  const schedule = {
    frequency: input.frequency,
    weekdays: scheduledWeekdays(input),
    hour: input.hour,
    timezone: input.timezone,
  };
  return {
    ...schedule,
    language: input.language,
    email: input.email.address,
    emailKey: input.email.key,
    emailHash: hashAddress(input.email.key),
    status: 'active',
    createdAt: now,
    confirmedAt: now,
    nextDueAt: nextDueAt(schedule, now),
  };
}
