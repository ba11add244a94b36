/**
 * `npm run bench:growth`: whether years of papers slow a day down. The same day's ingest and the queries behind an
 * edition, in one run with few papers in the tables and with many, and how Postgres goes about them.
 */
import { parseArgs } from 'node:util';
import { showProgress } from '../../src/commands/progress.ts';
import type { Sql } from '../../src/db/client.ts';
import { listSentPapers } from '../../src/digests/digests.repo.ts';
import { ingestPages } from '../../src/papers/ingest.ts';
import { listListedPapers, listNewestPapers } from '../../src/papers/papers.repo.ts';
import { readJsonLines } from '../../src/papers/sources/jsonl.ts';
import { storePapers } from '../../src/papers/store.ts';
import { fill, PAPERS_A_DAY, READERS } from './fill.ts';
import { arxivIdOf, paperLine } from './made-papers.ts';
import { explaining, type StatementPlan } from './plans.ts';
import { openScratch } from './scratch.ts';

const FEW = 10_000;
/** Days and queries measured at each size; the median counts. */
const DAYS = 5;

const { values } = parseArgs({
  options: { papers: { type: 'string', default: '1000000' }, help: { type: 'boolean', short: 'h' } },
});
const many = Number(values.papers);
if (values.help || !(Number.isInteger(many) && many > FEW)) {
  console.log(
    [
      `npm run bench:growth [-- --papers N]    N: how many papers are many, above ${FEW}; 1000000 if not said`,
      `Measures a day of ${PAPERS_A_DAY} papers, and an edition's queries, with ${FEW} papers stored and with N.`,
      'On the server of TEST_DATABASE_URL, in a database of its own, else on an embedded Postgres. Needs 3 kB of disk a paper.',
    ].join('\n'),
  );
  process.exit(values.help ? 0 : 1);
}

interface Measured {
  count: number;
  ms: Record<string, number>;
  plans: StatementPlan[];
}

const scratch = await openScratch();
const { ctx, sql } = scratch;
try {
  const few = await measureAt(FEW);
  const lots = await measureAt(many);
  console.table(
    Object.fromEntries(
      Object.entries(few.ms).map(([what, ms]) => [
        what,
        {
          [`ms with ${few.count}`]: ms.toFixed(0),
          [`ms with ${lots.count}`]: (lots.ms[what] ?? 0).toFixed(0),
          ratio: ((lots.ms[what] ?? 0) / ms).toFixed(2),
        },
      ]),
    ),
  );
  for (const measured of [few, lots]) showPlans(measured);
} finally {
  await scratch.remove();
}

async function measureAt(count: number): Promise<Measured> {
  const at = ctx.now();
  const progress = showProgress(`filling in ${count} papers`, count);
  await fill(sql, count, at, (done) => progress.update(done));
  progress.stop();
  const days: number[] = [];
  for (let day = 0; day < DAYS; day++) {
    days.push(await timeOf(() => ingestPages(ctx, readJsonLines(linesOfDay(count, day), ctx.now()))));
  }
  const ms: Measured['ms'] = { [`ingest of ${PAPERS_A_DAY} papers`]: median(days) };
  for (const [what, query] of Object.entries(queriesOf(count))) {
    const times: number[] = [];
    for (let time = 0; time < DAYS; time++) times.push(await timeOf(() => query(ctx.db)));
    ms[what] = median(times);
  }
  return { count, ms, plans: await plansOf(count) };
}

/** What composing asks before it ranks. */
function queriesOf(count: number): Record<string, (db: Sql) => Promise<unknown>> {
  const readers = Array.from({ length: READERS }, (_, at) => at + 1);
  return {
    'candidates: newest 5,000': (db) => listNewestPapers(db, { at: ctx.now(), limit: 5000 }),
    'listed in the last week': (db) =>
      listListedPapers(db, {
        at: ctx.now(),
        from: new Date(ctx.now().getTime() - 7 * 24 * 3600_000),
        limit: 1000,
      }),
    [`sent to ${READERS} readers`]: (db) => listSentPapers(db, readers, count - 5000),
  };
}

/** Mostly new papers; some new versions of known ones; some that turn out two known ones to be the same. */
function* linesOfDay(count: number, day: number): Generator<string> {
  const newest = count + 1 + day * PAPERS_A_DAY;
  for (let at = 0; at < PAPERS_A_DAY; at++) {
    const known = count - Math.floor((day * PAPERS_A_DAY + at) / 2);
    const tenth = known - (known % 10);
    if (at % 200 === 1) yield paperLine(tenth + 1, { doi: `10.1000/${tenth}`, title: 'A title of its own' });
    else if (at % 10 === 1)
      yield paperLine(known, { id: `${arxivIdOf(known)}v2`, title: 'Once more, better' });
    else yield paperLine(newest + at);
  }
}

async function plansOf(count: number): Promise<StatementPlan[]> {
  const plans: StatementPlan[] = [];
  for (const query of Object.values(queriesOf(count))) await query(explaining(ctx.db, plans));
  const rollBack = new Error('as if it had not been');
  for await (const page of readJsonLines(linesOfDay(count, DAYS), ctx.now())) {
    await ctx.db
      .transaction(async (tx) => {
        await storePapers(explaining(tx, plans), page.papers, ctx.now);
        throw rollBack;
      })
      .catch((error: unknown) => {
        if (error !== rollBack) throw error;
      });
    break;
  }
  return plans;
}

function showPlans({ count, plans }: Measured): void {
  console.log(`\nWith ${count} papers, for each statement of an edition and of one page of 500 papers:`);
  const shown = new Set<string>();
  for (const { statement, ms, buffers, ways, scanned } of plans) {
    // Joining two rows takes the same statements each time.
    const kind = [statement, ...ways].join().replace(/ \d+×.*?ms|\(\d+ rows\)/g, '');
    if (shown.has(kind)) continue;
    shown.add(kind);
    console.log(
      `  ${statement}: ${ms.toFixed(1)} ms, ${buffers} pages; ${ways.join(', ') || 'no table read'}`,
    );
    for (const table of scanned) console.log(`    reads the whole of ${table}`);
  }
}

async function timeOf(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
