/**
 * Stops digests when sending on would do harm, and says so. The pause is one row of the settings, so all processes have
 * it at once; mails that someone waits for still go, and composing goes on.
 */
import { z } from 'zod';
import type { Context } from '../context.ts';
import { deleteSetting, findSetting, insertSetting, upsertSetting } from '../db/settings.repo.ts';
import { countReturned, PAUSE_KEY } from './guard.repo.ts';
import { tellOperator } from './guard-notice.ts';
import { judgeSending, type SendingFigures, type Verdict } from './guard-verdict.ts';
import { requeueDue } from './recover.ts';

const pauseSchema = z.object({
  at: z.iso.datetime().transform((text) => new Date(text)),
  reason: z.enum(['hard_bounces', 'complaints', 'unreachable', 'operator']),
  detail: z.string(),
});

/** `detail` is a sentence, or what the operator wrote. */
export type Pause = z.infer<typeof pauseSchema>;

/** Nothing from before is counted again. */
const RESUMED_KEY = 'sending_resumed_at';
const DAY_MS = 24 * 3600_000;

export async function findPause({ db }: Pick<Context, 'db'>): Promise<Pause | null> {
  const text = await findSetting(db, PAUSE_KEY);
  return text === null ? null : pauseSchema.parse(JSON.parse(text));
}

/**
 * Pauses where the figures ask for it, and tells the operator. `around` is a delivery of which something came back.
 * Returns the verdict; null also while sending is paused already.
 */
export async function checkSending(ctx: Context, around: number | null = null): Promise<Verdict | null> {
  if (await findPause(ctx)) return null;
  const verdict = judgeSending(await getSendingFigures(ctx, around), ctx.config.mail.guard, ctx.now());
  if (!verdict) return null;
  const pause = await pauseSending(ctx, verdict.reason, verdict.detail);
  if (pause) await tellOperator(ctx, pause);
  return verdict;
}

/** What the guard goes by: digests of the last day, but none from before the last time that sending was resumed. */
export async function getSendingFigures(ctx: Context, around: number | null = null): Promise<SendingFigures> {
  const now = ctx.now();
  const resumedAt = new Date((await findSetting(ctx.db, RESUMED_KEY)) ?? 0);
  const dayAgo = new Date(now.getTime() - DAY_MS);
  const counts = await countReturned(ctx.db, resumedAt > dayAgo ? resumedAt : dayAgo, now, around);
  return { ...counts, outage: ctx.mailer.findOutage(resumedAt) };
}

/** Null where sending is paused already; what that says stays. */
export async function pauseSending(
  ctx: Context,
  reason: Pause['reason'],
  detail: string,
): Promise<Pause | null> {
  const pause = { at: ctx.now(), reason, detail };
  if (!(await insertSetting(ctx.db, PAUSE_KEY, JSON.stringify(pause)))) return null;
  ctx.log.error({ event: 'sending.paused', reason, detail });
  return pause;
}

/** Ends a pause and asks for what waits. Returns how many mails that is; null where there was no pause. */
export async function resumeSending(ctx: Context): Promise<number | null> {
  const resumed = await ctx.db.transaction(async (tx) => {
    if (!(await deleteSetting(tx, PAUSE_KEY))) return false;
    await upsertSetting(tx, RESUMED_KEY, ctx.now().toISOString());
    return true;
  });
  if (!resumed) return null;
  ctx.log.info({ event: 'sending.resumed' });
  return requeueDue(ctx, ctx.now());
}
