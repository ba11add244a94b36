/** Makes sure that there is something to show: topics always, papers from the live sources, or the seeds where none answers. */
import type { Context } from './context.ts';
import { readAllSources } from './papers/ingest.ts';
import { hasPapers } from './papers/papers.repo.ts';
import { seedPapers } from './papers/seed-papers.ts';
import { seedTopics } from './subscribers/seed-topics.ts';

/** Someone waits in front of a terminal; what the sources have not told by now comes with the next scheduled run. */
const PATIENCE_MS = 6000;

/**
 * `say` hears one sentence where the sources could not be reached. Papers are only looked for where there are none.
 * Throws the reason of `ending` once that fires.
 */
export async function prepareFirstRun(
  ctx: Context,
  say: (sentence: string) => void,
  ending: AbortSignal,
): Promise<void> {
  await seedTopics(ctx);
  if (await hasPapers(ctx.db)) return;
  await readAllSources(ctx, AbortSignal.any([ending, AbortSignal.timeout(PATIENCE_MS)]));
  ending.throwIfAborted();
  if (await hasPapers(ctx.db)) return;
  const inserted = await seedPapers(ctx);
  say(
    `No paper source could be reached, so ${inserted} papers that come with Paperboy are used until one can.`,
  );
}
