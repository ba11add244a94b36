/** The memory of 100,000 readers with their profiles at once against 5,000 papers: prints the process's peak as JSON. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openFileRanking } from '../../src/commands/rank-file.ts';
import { readPaperFile, readTaskFile, taskSchema } from '../../src/commands/ranking-files.ts';
import { makePapers, makeReaders } from './ranking-cost.ts';

const READERS = 100_000;
const PAPERS = 5000;
/** Each is ranked for; the memory is there long before the last. */
const RANKED = 5000;

const folder = process.argv[2] ?? '.';
const names = readdirSync(folder);
const paperFile = names.find((name) => /^papers\.jsonl/.test(name)) ?? 'papers.jsonl.gz';
const taskFile = names.find((name) => /^tasks-.*\.jsonl/.test(name)) ?? 'tasks.jsonl.gz';
const papers = makePapers((await readPaperFile(join(folder, paperFile))).slice(0, PAPERS), PAPERS);
const readers = makeReaders(papers, await readTaskFile(join(folder, taskFile), taskSchema), READERS);
const { rank } = openFileRanking(papers, { likes: readers.map(({ liked }) => liked) });
for (const reader of readers.slice(0, RANKED)) rank(reader, 10);
const { heapUsed, arrayBuffers } = process.memoryUsage();
console.log(
  JSON.stringify({
    readers: readers.length,
    papers: papers.length,
    peakMb: process.resourceUsage().maxRSS / 1000,
    heapMb: (heapUsed + arrayBuffers) / 1e6,
  }),
);
