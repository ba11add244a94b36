/**
 * `npm run bench:ingest`: papers from a file into Postgres with cleaning and deduplication, beside COPY of the same rows
 * into a bare table in the same run, which is as fast as this Postgres takes them. Then the same file again.
 * The script runs it with a small heap: V8 otherwise puts off collecting, and the figure would be its patience, not our need.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { showProgress } from '../../src/commands/progress.ts';
import { ingestPages } from '../../src/papers/ingest.ts';
import { readJsonLines } from '../../src/papers/sources/jsonl.ts';
import { paperLine } from './made-papers.ts';
import { openScratch } from './scratch.ts';

const { values } = parseArgs({
  options: { papers: { type: 'string', default: '100000' }, help: { type: 'boolean', default: false } },
});
const PAPERS = Number(values.papers);
if (values.help || !(PAPERS > 0)) {
  console.log('npm run bench:ingest [-- --papers 100000]');
  process.exit(values.help ? 0 : 1);
}
/** What the aims are. */
const AIM_PER_SECOND = 5000;
const AIM_MEMORY_MB = 300;

const scratch = await openScratch();
const { ctx, sql, url } = scratch;
const file = join(scratch.folder, 'papers.jsonl');
const dump = join(scratch.folder, 'rows.copy');
const results: Record<string, string>[] = [];
let peakMb = 0;
const watch = setInterval(() => {
  peakMb = Math.max(peakMb, process.memoryUsage.rss() / 1e6);
}, 50);

try {
  await pipeline(Readable.from(lines()), createWriteStream(file));
  const first = await measure('ingest', () => ingestFile('ingest'));
  const firstPeak = peakMb;
  const again = await measure('ingest the same file again', () => ingestFile('again'));
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
  await scratch.remove();
}

async function ingestFile(what: string): Promise<void> {
  const progress = showProgress(what, PAPERS);
  await ingestPages(ctx, readJsonLines(file, ctx.now()), {
    onPage: ({ seen }) => progress.update(seen),
  }).finally(progress.stop);
}

/** Returns the seconds it took. Where others use the machine too, the seconds of processor say more than those of the clock. */
async function measure(what: string, run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  await run();
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(before);
  results.push({
    what,
    seconds: seconds.toFixed(1),
    'papers/s': (PAPERS / seconds).toFixed(0),
    'of them in Node, on a processor': ((user + system) / 1e6).toFixed(1),
  });
  return seconds;
}

/** Every tenth tells again of one before. */
function* lines(): Generator<string> {
  for (let at = 0; at < PAPERS; at++) yield `${paperLine(at % 10 === 9 ? at - 5 : at)}\n`;
}

// The driver does not take up a connection again that a COPY has ended on, so each has its own.
async function dumpRows(): Promise<void> {
  await sql`create table copied (like papers)`;
  const copier = postgres(url, { max: 1 });
  await pipeline(await copier`copy papers to stdout`.readable(), createWriteStream(dump));
  await copier.end({ timeout: 0 });
}

async function copyRows(): Promise<void> {
  const copier = postgres(url, { max: 1 });
  await pipeline(createReadStream(dump), await copier`copy copied from stdin`.writable());
  await copier.end({ timeout: 0 });
}
