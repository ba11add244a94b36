/** Commands that fill the database: migrate, seed, ingest. */
import { stat } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import {
  dayOf,
  type IngestCounts,
  ingestPages,
  LIVE_SOURCES,
  type LiveSource,
  readLiveSource,
} from '../papers/ingest.ts';
import { seedPapers } from '../papers/seed-papers.ts';
import { readJsonLines } from '../papers/sources/jsonl.ts';
import { seedTopics } from '../subscribers/seed-topics.ts';
import { countOf, showProgress, withContext } from './with-context.ts';

interface IngestOptions {
  source?: LiveSource;
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
    .addOption(new Option('--source <name>', 'only this source').choices(LIVE_SOURCES))
    .option('--from <date>', 'first day, YYYY-MM-DD (default: two days ago)')
    .option('--to <date>', 'last day, YYYY-MM-DD (default: today)')
    .option('--file <path>', 'a .jsonl or .jsonl.gz file instead of the live sources')
    .action((options: IngestOptions) => withContext((ctx) => ingest(ctx, options)));
}

async function ingest(ctx: Context, options: IngestOptions): Promise<void> {
  if (options.file) {
    await stat(options.file).catch(() => {
      throw new AppError('FILE_UNREADABLE', `There is no file ${options.file} that can be read.`);
    });
    report(options.file, await run(ctx, 'papers', readJsonLines(options.file, ctx.now())));
    return;
  }
  const range = readRange(ctx, options);
  const failures: string[] = [];
  for (const source of options.source ? [options.source] : LIVE_SOURCES) {
    try {
      report(source, await run(ctx, source, readLiveSource(ctx, source, range)));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      failures.push(`${source}: ${error.message}`);
    }
  }
  if (failures.length > 0) throw new AppError('INGEST_FAILED', failures.join('\n'));
}

async function run(
  ctx: Context,
  what: string,
  pages: Parameters<typeof ingestPages>[1],
): Promise<IngestCounts> {
  const progress = showProgress(what, 0);
  try {
    // No source says beforehand how much it has.
    return await ingestPages(ctx, pages, ({ seen }) => progress.update(seen, seen));
  } finally {
    progress.stop();
  }
}

function report(what: string, { seen, inserted, updated, skipped }: IngestCounts): void {
  console.log(
    `${what}: ${countOf(seen, 'record')} read, ${inserted} new, ${updated} updated, ${skipped} skipped.`,
  );
}

function readRange(ctx: Context, { from, to }: IngestOptions): { from: string; to: string } {
  const range = { from: from ?? dayOf(ctx.now(), -2), to: to ?? dayOf(ctx.now(), 0) };
  for (const [name, day] of Object.entries(range)) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(Date.parse(day))) {
      throw new AppError('INPUT_INVALID', `--${name} must be a day such as 2026-11-24; ${day} is none.`);
    }
  }
  if (range.from > range.to)
    throw new AppError('INPUT_INVALID', `--from ${range.from} is after --to ${range.to}.`);
  return range;
}
