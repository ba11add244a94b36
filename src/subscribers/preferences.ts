/** What a reader changes by a link from a mail: topics, words, rhythm; pausing and coming back. */
import type { Context } from '../context.ts';
import { nextDueAt } from './schedule.ts';
import {
  findSubscriber,
  insertConsents,
  replaceProfiles,
  type Subscriber,
  updateSubscriber,
} from './subscribers.repo.ts';
import { type Preferences, scheduledWeekdays } from './subscription-input.ts';
import { getTopicIds } from './topics.ts';

/** Saves all of the form at once. Throws AppError `INPUT_INVALID` for an unknown topic. */
export async function savePreferences(
  ctx: Context,
  subscriber: Subscriber,
  input: Preferences,
): Promise<Subscriber> {
  const now = ctx.now();
  const topicIds = await getTopicIds(ctx.db, input.topics);
  const schedule = {
    frequency: input.frequency,
    weekdays: scheduledWeekdays(input),
    hour: input.hour,
    timezone: input.timezone,
  };
  return change(
    ctx,
    subscriber,
    'changed',
    {
      ...schedule,
      paperCount: input.paperCount,
      pickiness: input.pickiness,
      language: input.language,
      nextDueAt: dueAfter(schedule, subscriber, now),
    },
    async (tx) => {
      await replaceProfiles(tx, [
        {
          subscriberId: subscriber.id,
          words: { keywords: input.keywords, excluded: input.excludedWords, authors: input.authors },
          topicIds,
        },
      ]);
    },
  );
}

/** Further than any digest will be: a pause without an end. */
export const FOREVER = new Date('9999-12-31T00:00:00Z');

/** No digest is due before `until`; the schedule goes on by itself from there. */
export async function pause(ctx: Context, subscriber: Subscriber, until: Date): Promise<Subscriber> {
  const paused = { ...subscriber, pausedUntil: until };
  return change(ctx, subscriber, 'paused', {
    pausedUntil: until,
    nextDueAt: dueAfter(subscriber, paused, ctx.now()),
  });
}

export async function resume(ctx: Context, subscriber: Subscriber): Promise<Subscriber> {
  const resumed = { ...subscriber, pausedUntil: null };
  return change(ctx, subscriber, 'resumed', {
    pausedUntil: null,
    nextDueAt: dueAfter(subscriber, resumed, ctx.now()),
  });
}

/** Changes how often digests come and nothing else. */
export async function changeRhythm(
  ctx: Context,
  subscriber: Subscriber,
  rhythm: Pick<Subscriber, 'frequency' | 'weekdays'>,
): Promise<Subscriber> {
  const nextDueAt = dueAfter({ ...subscriber, ...rhythm }, subscriber, ctx.now());
  return change(ctx, subscriber, 'changed', { ...rhythm, nextDueAt });
}

/** When the next digest of someone in this state is due; null while none is. */
export function dueAfter(
  schedule: Parameters<typeof nextDueAt>[0],
  { status, pausedUntil }: Pick<Subscriber, 'status' | 'pausedUntil'>,
  now: Date,
): Date | null {
  if (status !== 'active' || pausedUntil?.getTime() === FOREVER.getTime()) return null;
  // A slot at the very end of a pause counts: a pause until a date ends at its midnight, when some want their digest.
  return nextDueAt(schedule, pausedUntil && pausedUntil > now ? new Date(pausedUntil.getTime() - 1) : now);
}

async function change(
  ctx: Context,
  { id }: Subscriber,
  action: 'changed' | 'paused' | 'resumed',
  columns: Parameters<typeof updateSubscriber>[2],
  andAlso: (tx: Parameters<Parameters<Context['db']['transaction']>[0]>[0]) => Promise<void> = async () => {},
): Promise<Subscriber> {
  const changed = await ctx.db.transaction(async (tx) => {
    await updateSubscriber(tx, id, columns);
    await andAlso(tx);
    await insertConsents(tx, [{ subscriberId: id, action, via: 'link', createdAt: ctx.now() }]);
    return findSubscriber(tx, id);
  });
  if (!changed) throw new Error('a subscriber vanished inside a transaction');
  ctx.log.info({ event: `subscriber.${action}`, subscriberId: id });
  return changed;
}
