/** What runs by itself, and how often. Any number of processes may ask for the same schedules. */
import type { Context } from '../src/context.ts';
import { describeFault } from '../src/errors.ts';
import { listLiveSources, sourceScheduleId } from '../src/papers/sources.ts';

const MINUTE_MS = 60_000;

/**
 * Sets all schedules now, and again whenever they are gone: with an emptied queue, nothing would ever happen again.
 * Looks each `everyMs` until `ending`.
 */
export async function keepSchedules(ctx: Context, ending: AbortSignal, everyMs = MINUTE_MS): Promise<void> {
  await setSchedules(ctx);
  const timer = setInterval(() => {
    setLostSchedules(ctx).catch((error) =>
      ctx.log.warn({ event: 'queue.schedules', error: describeFault(error) }),
    );
  }, everyMs);
  ending.addEventListener('abort', () => clearInterval(timer), { once: true });
}

async function setLostSchedules(ctx: Context): Promise<void> {
  // Every installation has this one.
  if ((await ctx.queues.listSchedules('recover')).length > 0) return;
  await setSchedules(ctx);
  ctx.log.warn({ event: 'queue.schedules_set_again' });
}

/** Sets all schedules, and ends those of what is switched off since: the queue keeps them over restarts. */
export async function setSchedules({ queues, config }: Context): Promise<void> {
  await queues.schedule('compose', 'due', MINUTE_MS, { task: 'due' });
  await queues.schedule('recover', 'recover', MINUTE_MS, {});
  if (config.mail.bounceMailbox) await queues.schedule('mailbox', 'bounces', MINUTE_MS, {});
  else await queues.unschedule('mailbox', 'bounces');
  const wanted = new Set<string>();
  for (const { name, everyMs } of listLiveSources(config)) {
    const id = sourceScheduleId(name);
    wanted.add(id);
    await queues.schedule('ingest', id, everyMs, { source: name });
  }
  for (const { id } of await queues.listSchedules('ingest')) {
    if (!wanted.has(id)) await queues.unschedule('ingest', id);
  }
}
