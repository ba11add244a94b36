/**
 * `npm run bench:ranking -- --data DIR`: how good the ranking is on every `tasks-*.jsonl.gz` of a folder, beside itself
 * without each of its ingredients and beside simple methods, in one run. The same folder gives the same quality each time.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { showProgress } from '../../src/commands/progress.ts';
import { type FilePaper, readPaperFile, readTaskFile, taskSchema } from '../../src/commands/ranking-files.ts';
import { describeError } from '../../src/process.ts';
import { type CostResult, measureCost } from './ranking-cost.ts';
import { type BenchTask, measureSet, type SetResult } from './ranking-measure.ts';
import { describeCost, describeSet, drawCharts } from './ranking-report.ts';

const USAGE = `npm run bench:ranking -- --data DIR [--json FILE] [--plot DIR] [--quick] [--cost]

  --data DIR   folder with papers.jsonl.gz and tasks-*.jsonl.gz
  --json FILE  write the same numbers to a file
  --plot DIR   write charts (SVG) into a folder
  --quick      ask few readers of big sets
  --cost       measure cost by number of readers and of papers, and memory, as well
`;

/** Readers asked of a set: all, unless it has more than this; and those asked of slow methods. */
const FULL = { many: Number.POSITIVE_INFINITY, few: 600 };
const QUICK = { many: 300, few: 60 };

const benchTaskSchema = taskSchema.extend({ relevant: z.array(z.string()) });

try {
  await main();
} catch (error) {
  console.error(describeError(error));
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      json: { type: 'string' },
      plot: { type: 'string' },
      quick: { type: 'boolean', default: false },
      cost: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || values.data === undefined) {
    console.log(USAGE);
    if (!values.help) process.exitCode = 1;
    return;
  }
  const folder = resolve(values.data);
  const names = (await readdir(folder).catch(() => [])).sort();
  const taskFiles = names.filter((name) => /^tasks-.*\.jsonl(\.gz)?$/.test(name));
  const paperFile = names.find((name) => /^papers\.jsonl(\.gz)?$/.test(name));
  if (!paperFile || taskFiles.length === 0) {
    console.log(`skipped: no data. ${folder} has no papers.jsonl.gz with tasks-*.jsonl.gz.`);
    return;
  }
  const papers = await readPaperFile(join(folder, paperFile));
  const sets: SetResult[] = [];
  const allTasks: BenchTask[] = [];
  for (const name of taskFiles) {
    const tasks = await readTaskFile(join(folder, name), benchTaskSchema);
    allTasks.push(...tasks);
    const label = `${basename(folder)} ${name.replace(/^tasks-|\.jsonl(\.gz)?$/g, '')}`;
    const result = await measureSet(label, papers, tasks, values.quick ? QUICK : FULL);
    sets.push(result);
    console.log(describeSet(result));
  }
  const cost = values.cost ? await measureCosts(folder, papers, allTasks, values.quick) : undefined;
  if (cost) console.log(describeCost(cost));
  if (values.json !== undefined) {
    await writeFile(values.json, `${JSON.stringify({ sets, cost }, null, 2)}\n`);
  }
  if (values.plot !== undefined) {
    await mkdir(values.plot, { recursive: true });
    for (const { name, svg } of drawCharts(sets, cost)) await writeFile(join(values.plot, name), svg);
  }
}

async function measureCosts(
  folder: string,
  papers: readonly FilePaper[],
  tasks: readonly BenchTask[],
  quick: boolean,
): Promise<CostResult> {
  const progress = showProgress('cost', 1);
  return measureCost(folder, papers, tasks, { quick, onStep: progress.update }).finally(progress.stop);
}
