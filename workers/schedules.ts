/** What runs by itself, and how often. Any number of processes may ask for the same schedules. */
import type { Context } from '../src/context.ts';
import { listLiveSources } from '../src/papers/sources.ts';

const MINUTE_MS = 60_000;

export async function setSchedules({ queues, config }: Context): Promise<void> {
  await queues.schedule('compose', 'due', MINUTE_MS, { task: 'due' });
  await queues.schedule('recover', 'recover', MINUTE_MS, {});
  for (const { name, everyMs } of listLiveSources(config)) {
    await queues.schedule('ingest', `ingest-${name}`, everyMs, { source: name });
  }
}
