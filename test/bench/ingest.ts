/**
 * `npm run bench:ingest`: papers from a file into Postgres with cleaning and deduplication, beside COPY of the same rows
 * into a bare table in the same run, which is as fast as this Postgres takes them. Then the same file again.
 * The script runs it with a small heap: V8 otherwise puts off collecting, and the figure would be its patience, not our need.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import postgres from 'postgres';
import { loadConfig } from '../../src/config.ts';
import { openContext } from '../../src/context.ts';
import { openEmbeddedPostgres } from '../../src/db/embedded.ts';
import { createLogger } from '../../src/logger.ts';
import { ingestPages } from '../../src/papers/ingest.ts';
import { readJsonLines } from '../../src/papers/sources/jsonl.ts';

const PAPERS = Number(process.argv[2] ?? 100_000);
/** What the aims are. */
const AIM_PER_SECOND = 5000;
const AIM_MEMORY_MB = 300;

const folder = await mkdtemp(join(tmpdir(), 'paperboy-bench-'));
const embedded = process.env.TEST_DATABASE_URL
  ? null
  : await openEmbeddedPostgres({ dataDir: folder, mode: 'own', say: console.error });
const databaseUrl = embedded?.url ?? process.env.TEST_DATABASE_URL ?? '';
const config = loadConfig({ DATA_DIR: folder, DATABASE_URL: databaseUrl, SMTP_URL: 'smtp://127.0.0.1:1' });
const { ctx, close } = await openContext(config, { mode: 'attach', log: createLogger('silent') });
const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
const file = join(folder, 'papers.jsonl');
const dump = join(folder, 'rows.copy');
const results: Record<string, string>[] = [];
let peakMb = 0;
const watch = setInterval(() => {
  peakMb = Math.max(peakMb, process.memoryUsage().rss / 1e6);
}, 50);

try {
  await pipeline(Readable.from(lines()), createWriteStream(file));
  const first = await measure('ingest', () => ingestPages(ctx, readJsonLines(file, ctx.now())));
  const firstPeak = peakMb;
  const again = await measure('ingest the same file again', () =>
    ingestPages(ctx, readJsonLines(file, ctx.now())),
  );
  await dumpRows();
  const limit = await measure('limit: COPY of the same rows', copyRows);
  console.table(results);
  const [{ writes } = { writes: 0 }] =
    await sql`select count(*)::int as writes from papers where updated_at > first_seen_at`;
  console.log(
    [
      `${(PAPERS / first).toFixed(0)} papers/s (aim ${AIM_PER_SECOND}), ${((100 * limit) / first).toFixed(0)} % of COPY; ` +
        `again ${(first / again).toFixed(1)} times as fast (aim 2), ${writes} paper rows written;`,
      `peak memory ${firstPeak.toFixed(0)} MB, over both ${peakMb.toFixed(0)} MB (aim ${AIM_MEMORY_MB}).`,
    ].join('\n'),
  );
} finally {
  clearInterval(watch);
  await sql.end();
  await close();
  await embedded?.stop();
  await rm(folder, { recursive: true, force: true });
}

/** Returns the seconds it took. */
async function measure(what: string, run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  const seconds = (performance.now() - startedAt) / 1000;
  results.push({ what, seconds: seconds.toFixed(1), 'papers/s': (PAPERS / seconds).toFixed(0) });
  return seconds;
}

/** Papers of usual size with a usual share of LaTeX, every tenth a second telling of one before. */
function* lines(): Generator<string> {
  const latex =
    'We study how na\\"ive baselines compare with $\\alpha$-regularised models on ten benchmarks, and report gains of 4.2\\% at equal cost. ';
  const plain =
    'Larger models need less of what smaller ones are given, but only where the data that both have seen is of one kind. ';
  for (let at = 0; at < PAPERS; at++) {
    const number = at % 10 === 9 ? at - 5 : at;
    yield `${JSON.stringify({
      id: `${2000 + Math.floor(number / 90_000)}.${String(10_000 + (number % 90_000))}`,
      title: `On the ${number}th way to train a {\\bf model} of something`,
      abstract: latex + plain.repeat(8) + number,
      authors: ['Ada Lovelace', 'Alan Turing', `Reader ${number}`],
      categories: ['cs.LG', 'cs.CL'],
      published: new Date(1_700_000_000_000 + number * 1000).toISOString(),
      upvotes: number % 50,
    })}\n`;
  }
}

// The driver does not take up a connection again that a COPY has ended on, so each has its own.
async function dumpRows(): Promise<void> {
  await sql`create table copied (like papers)`;
  const copier = postgres(databaseUrl, { max: 1 });
  await pipeline(await copier`copy papers to stdout`.readable(), createWriteStream(dump));
  await copier.end({ timeout: 0 });
}

async function copyRows(): Promise<void> {
  const copier = postgres(databaseUrl, { max: 1 });
  await pipeline(createReadStream(dump), await copier`copy copied from stdin`.writable());
  await copier.end({ timeout: 0 });
}
