/** Commands that fill the database: migrate, seed, ingest. */
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import { ingestPages, ingestSource } from '../papers/ingest.ts';
import { seedPapers } from '../papers/seed-papers.ts';
import { readBibtex } from '../papers/sources/bibtex.ts';
import { readJsonLines } from '../papers/sources/jsonl.ts';
import { listSourceStates, type PageCounts } from '../papers/sources.repo.ts';
import { type LiveSource, listLiveSources } from '../papers/sources.ts';
import { seedTopics } from '../subscribers/seed-topics.ts';
import { countOf, showProgress, withContext } from './with-context.ts';

interface IngestOptions {
  source?: string;
  from?: string;
  to?: string;
  file?: string;
}

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
    .action((options: IngestOptions) => withContext((ctx) => ingest(ctx, options)));

  program
    .command('sources')
    .description('Show where each live source stands.')
    .action(() => withContext(showSources));
}

async function ingest(ctx: Context, options: IngestOptions): Promise<void> {
  if (options.file) {
    await stat(options.file).catch(() => {
      throw new AppError('FILE_UNREADABLE', `There is no file ${options.file} that can be read.`);
    });
    const read = /\.bib(\.gz)?$/i.test(options.file) ? readBibtex : readJsonLines;
    const progress = showProgress('papers', 0);
    const counts = await ingestPages(ctx, read(options.file, ctx.now()), {
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
        onPage: ({ seen }, total) => progress.update(seen, Math.max(seen, total ?? 0)),
      }).finally(progress.stop);
      report(source.name, counts);
    } catch (error) {
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
  const states = new Map((await listSourceStates(ctx.db)).map((state) => [state.name, state]));
  const time = (date: Date | null | undefined) =>
    date ? `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC` : 'never';
  for (const { name, everyMs } of listLiveSources(ctx.config)) {
    const state = states.get(name);
    const next = state?.lastRunAt ? new Date(state.lastRunAt.getTime() + everyMs) : null;
    console.log(
      [
        name,
        `  every       ${everyMs / 60_000} minutes; last run ${time(state?.lastRunAt)}, next ${next ? `about ${time(next)}` : 'when a worker runs'}`,
        `  cursor      ${state?.cursor ?? 'none yet'}`,
        `  so far      ${state?.seen ?? 0} seen, ${state?.inserted ?? 0} new, ${state?.updated ?? 0} updated, ${state?.merged ?? 0} joined, ${state?.skipped ?? 0} skipped`,
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
