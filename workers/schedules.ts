/** What runs by itself, and how often. Any number of processes may ask for the same schedules. */
import type { Context } from '../src/context.ts';

const MINUTE_MS = 60_000;

export async function setSchedules({ queues }: Context): Promise<void> {
  await queues.schedule('compose', 'due', MINUTE_MS, { task: 'due' });
  await queues.schedule('recover', 'recover', MINUTE_MS, {});
  await queues.schedule('ingest', 'ingest', 30 * MINUTE_MS, {});
}
