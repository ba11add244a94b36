/** Commands that fill the database: migrate, seed, ingest. */
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import { ingestPages, ingestSource } from '../papers/ingest.ts';
import { describeInterval } from '../papers/intervals.ts';
import { seedPapers } from '../papers/seed-papers.ts';
import { isRunning, listSourceStandings } from '../papers/source-standing.ts';
import { readBibtex } from '../papers/sources/bibtex.ts';
import { readJsonLines } from '../papers/sources/jsonl.ts';
import type { PageCounts } from '../papers/sources.repo.ts';
import { type LiveSource, listLiveSources, sourceScheduleId } from '../papers/sources.ts';
import { seedTopics } from '../subscribers/seed-topics.ts';
import { within } from '../within.ts';
import { showProgress } from './progress.ts';
import { countOf, withContext } from './with-context.ts';

interface IngestOptions {
  source?: string;
  from?: string;
  to?: string;
  file?: string;
}

/** As for workers: what takes longer is cut off, and picked up by the next run. */
const CLOSE_WITHIN_MS = 1500;

export function addPaperCommands(program: Command): void {
  program
    .command('migrate')
    .description('Bring the database up to date. Every start does this by itself.')
    // Opening the context is what migrates.
    .action(() => withContext(async () => console.log('The database is up to date.')));

  program
    .command('seed')
    .description('Store the topics and the papers that come with Paperboy.')
    .action(() =>
      withContext(async (ctx) => {
        const topics = await seedTopics(ctx);
        const papers = await seedPapers(ctx);
        console.log(`${countOf(topics, 'topic')} stored, ${countOf(papers, 'new paper')}.`);
      }),
    );

  program
    .command('ingest')
    .description('Read papers from the live sources or from a file.')
    .option('--source <name>', 'only this source, as `sources` lists them')
    .option('--from <date>', 'first day, YYYY-MM-DD (default: where the source stopped)')
    .option('--to <date>', 'last day, YYYY-MM-DD (default: today)')
    .option('--file <path>', 'a .jsonl, .jsonl.gz, .bib or .bib.gz file instead of the live sources')
    .action((options: IngestOptions) =>
      withContext((ctx, closers) => {
        const ending = new AbortController();
        const reading = ingest(ctx, options, ending.signal);
        // Ctrl-C: the page in hand is stored or not, and the source freed, before the database goes.
        closers.push(async () => {
          ending.abort(new AppError('INTERRUPTED', 'The command was ended.'));
          await within(CLOSE_WITHIN_MS, reading).catch(() => {});
        });
        return reading;
      }),
    );

  program
    .command('sources')
    .description('Show where each live source stands.')
    .action(() => withContext(showSources));
}

async function ingest(ctx: Context, options: IngestOptions, signal: AbortSignal): Promise<void> {
  if (options.file) {
    await stat(options.file).catch(() => {
      throw new AppError('FILE_UNREADABLE', `There is no file ${options.file} that can be read.`);
    });
    const read = /\.bib(\.gz)?$/i.test(options.file) ? readBibtex : readJsonLines;
    const progress = showProgress('papers', 0);
    const counts = await ingestPages(ctx, read(options.file, ctx.now()), {
      signal,
      // No file says beforehand how much it has.
      onPage: ({ seen }) => progress.update(seen, seen),
    }).finally(progress.stop);
    report(options.file, counts);
    return;
  }
  const range = readRange(options);
  const failures: string[] = [];
  for (const source of chooseSources(ctx, options.source)) {
    const progress = showProgress(source.name, 0);
    try {
      const counts = await ingestSource(ctx, source, {
        ...range,
        signal,
        onPage: ({ seen }, total) => progress.update(seen, Math.max(seen, total ?? 0)),
      }).finally(progress.stop);
      report(source.name, counts);
    } catch (error) {
      // Told already by who caught the signal.
      if (signal.aborted) return;
      if (!(error instanceof AppError)) throw error;
      failures.push(`${source.name}: ${error.message}`);
    }
  }
  if (failures.length > 0) throw new AppError('INGEST_FAILED', failures.join('\n'));
}

function chooseSources(ctx: Context, name: string | undefined): LiveSource[] {
  const sources = listLiveSources(ctx.config);
  if (name === undefined) return sources;
  const chosen = sources.filter((source) => source.name === name);
  if (chosen.length > 0) return chosen;
  const names = sources.map((source) => source.name).join(', ');
  throw new AppError(
    'INPUT_INVALID',
    `--source ${name} is not switched on; there are: ${names}. SOURCES and FEEDS set them.`,
  );
}

function report(what: string, { seen, inserted, updated, merged, skipped }: PageCounts): void {
  console.log(
    `${what}: ${countOf(seen, 'record')} read, ${inserted} new, ${updated} updated, ${merged} joined, ${skipped} skipped.`,
  );
}

/** Without days, a source goes on from where it stopped. */
function readRange({ from, to }: IngestOptions): { from?: string; to?: string } {
  for (const [name, day] of Object.entries({ from, to })) {
    if (day !== undefined && (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(Date.parse(day)))) {
      throw new AppError('INPUT_INVALID', `--${name} must be a day such as 2026-11-24; ${day} is none.`);
    }
  }
  if (from !== undefined && to !== undefined && from > to) {
    throw new AppError('INPUT_INVALID', `--from ${from} is after --to ${to}.`);
  }
  return { from, to };
}

async function showSources(ctx: Context): Promise<void> {
  const schedules = new Map((await ctx.queues.listSchedules('ingest')).map(({ id, nextAt }) => [id, nextAt]));
  const time = (date: Date | null | undefined) =>
    date ? `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC` : 'never';
  for (const { name, everyMs, state } of await listSourceStandings(ctx)) {
    const next = schedules.get(sourceScheduleId(name));
    const run = isRunning(state, ctx.now()) ? 'being read since' : 'last run';
    console.log(
      [
        name,
        `  every       ${describeInterval(everyMs)}; ${run} ${time(state?.lastRunAt)}, next ${next ? time(next) : 'when a worker runs'}`,
        `  cursor      ${state?.cursor ?? 'none yet'}`,
        `  so far      ${state?.runs ?? 0} runs: ${state?.seen ?? 0} seen, ${state?.inserted ?? 0} new, ${state?.updated ?? 0} updated, ${state?.merged ?? 0} joined, ${state?.skipped ?? 0} skipped`,
        ...Object.entries((state?.skippedReasons ?? {}) as Record<string, number>).map(
          ([reason, count]) => `  skipped     ${count} in the last run: ${reason}`,
        ),
        state?.failingSince
          ? `  failing     since ${time(state.failingSince)}: ${state.lastError}`
          : `  working     last good run ${time(state?.lastOkAt)}`,
      ].join('\n'),
    );
  }
}
