/**
 * What readers and papers cost: the time of one reader as readers and papers become more, and the memory of 100,000 readers.
 * There are not that many real ones, so papers are mixed from the sentences of real ones and readers from their words.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { openFileRanking } from '../../src/commands/rank-file.ts';
import type { FilePaper, RankTask } from '../../src/commands/ranking-files.ts';
import { projectRoot } from '../../src/project-root.ts';
import { heldMb, timed } from './ranking-measure.ts';

export interface CostPoint {
  readers: number;
  papers: number;
  /** Processor time of one reader in the fastest of ten parts of the run, and in the middle one. */
  minMs: number;
  medianMs: number;
  indexMs: number;
  indexMb: number;
}

export interface MemoryResult {
  readers: number;
  papers: number;
  /** The process's peak, everything included, and what its heap held at the end. */
  peakMb: number;
  heapMb: number;
}

export interface CostResult {
  byReaders: CostPoint[];
  byPapers: CostPoint[];
  memory: MemoryResult;
}

const EDITION_PAPERS = 1500;
const DIGEST_PAPERS = 10;
const LIKED = 5;

/** `quick` leaves out the largest of each. `folder` is where the papers came from. */
export async function measureCost(
  folder: string,
  papers: readonly FilePaper[],
  tasks: readonly RankTask[],
  { quick, onStep }: { quick: boolean; onStep: (done: number, total: number) => void },
): Promise<CostResult> {
  const readerCounts = quick ? [1000, 10_000] : [1000, 10_000, 100_000];
  const paperCounts = quick ? [1500, 15_000] : [1500, 15_000, 150_000];
  const total = readerCounts.length + paperCounts.length + 1;
  const points: CostPoint[] = [];
  const measure = async (readers: number, count: number) => {
    points.push(await measurePoint(makePapers(papers, count), tasks, readers));
    onStep(points.length, total);
  };
  for (const readers of readerCounts) await measure(readers, EDITION_PAPERS);
  // Fewer readers where each costs more: it is the time of one that is asked for.
  for (const count of paperCounts) await measure(Math.max(50, Math.round(750_000 / count)), count);
  const memory = measureMemory(folder);
  onStep(total, total);
  return {
    byReaders: points.slice(0, readerCounts.length),
    byPapers: points.slice(readerCounts.length),
    memory,
  };
}

async function measurePoint(
  papers: readonly FilePaper[],
  tasks: readonly RankTask[],
  readerCount: number,
): Promise<CostPoint> {
  const readers = makeReaders(papers, tasks, readerCount);
  const before = await heldMb();
  const opened = timed(() => openFileRanking(papers, { likes: readers.map(({ liked }) => liked) }));
  const indexMb = (await heldMb()) - before;
  const { rank } = opened.result;
  // Warm code, but readers that the index has not met: nothing is kept for them.
  for (const reader of makeReaders(papers, tasks, Math.min(200, readerCount), readerCount))
    rank(reader, DIGEST_PAPERS);
  const size = Math.ceil(readers.length / 10);
  const parts = Array.from({ length: 10 }, (_, at) => readers.slice(at * size, (at + 1) * size))
    .filter((part) => part.length > 0)
    .map((part) => {
      const { ms } = timed(() => {
        for (const reader of part) rank(reader, DIGEST_PAPERS);
      });
      return ms / part.length;
    })
    .sort((a, b) => a - b);
  return {
    readers: readers.length,
    papers: papers.length,
    minMs: parts[0] ?? 0,
    medianMs: parts[Math.floor(parts.length / 2)] ?? 0,
    indexMs: opened.ms,
    indexMb,
  };
}

/** In a process of its own, as a peak never goes down. */
function measureMemory(folder: string): MemoryResult {
  const printed = execFileSync(
    process.execPath,
    // With a small heap: V8 otherwise puts off collecting where cores are busy, and the figure would be its patience, not our need.
    [
      '--max-semi-space-size=8',
      '--max-old-space-size=300',
      '--import',
      'tsx',
      join(projectRoot, 'test/bench/ranking-memory.ts'),
      folder,
    ],
    { cwd: projectRoot, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return JSON.parse(printed) as MemoryResult;
}

/** The first `count` papers; when they run out, mixed ones: the sentences of three papers taken in turn. */
export function makePapers(papers: readonly FilePaper[], count: number): FilePaper[] {
  const sentences = papers.map(({ abstract }) => abstract.split(/(?<=[.!?])\s+/));
  return Array.from({ length: count }, (_, at): FilePaper => {
    const round = Math.floor(at / papers.length);
    const one = at % papers.length;
    const others = [one, (one + 17 * round) % papers.length, (one + 251 * round) % papers.length];
    const paper = papers[one] ?? {
      id: '',
      title: '',
      abstract: '',
      authors: [],
      categories: [],
      publishedAt: null,
      upvotes: null,
    };
    if (round === 0) return paper;
    const length = sentences[one]?.length ?? 0;
    const mixed = Array.from({ length }, (_, place) => sentences[others[place % 3] ?? one]?.[place] ?? '');
    const title = papers[others[1] ?? one]?.title ?? paper.title;
    return { ...paper, id: `${paper.id}-${round}`, title, abstract: mixed.join(' ') };
  });
}

/** Each with one keyword that many have, two of their own from a title, and five liked papers. */
export function makeReaders(
  papers: readonly FilePaper[],
  tasks: readonly RankTask[],
  count: number,
  first = 0,
): RankTask[] {
  const shared = [...new Set(tasks.flatMap(({ keywords }) => keywords))];
  return Array.from({ length: count }, (_, offset): RankTask => {
    const reader = first + offset;
    const titleWords = (papers[(reader * 31) % papers.length]?.title ?? '').split(/\s+/);
    const start = reader % Math.max(1, titleWords.length - 3);
    return {
      id: String(reader),
      keywords: [
        ...shared.slice(reader % Math.max(1, shared.length)).slice(0, 1),
        titleWords.slice(start, start + 2).join(' '),
        titleWords.slice(start + 2, start + 4).join(' '),
      ],
      liked: Array.from(
        { length: LIKED },
        (_, at) => papers[(reader * 7 + at * 97) % papers.length]?.id ?? '',
      ),
      from: null,
      to: null,
    };
  });
}
