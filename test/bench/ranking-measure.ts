/** Runs each method over the readers of one set: how good its rankings are, and what a reader and an index cost. */
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { showProgress } from '../../src/commands/progress.ts';
import type { FilePaper, RankTask } from '../../src/commands/ranking-files.ts';
import { listMethods, type Method } from './ranking-methods.ts';
import { DEPTH, judge, meanQuality, type Quality } from './ranking-metrics.ts';

export interface BenchTask extends RankTask {
  relevant: string[];
}

export interface MethodResult {
  method: string;
  kind: Method['kind'];
  /** How many readers were asked; of a big set not all. */
  readers: number;
  quality: Quality;
  /** Processor time for the ten best papers, the index being there. */
  msPerReader: number;
  indexMs: number;
  /** What the index holds on to. */
  indexMb: number;
}

export interface SetResult {
  set: string;
  papers: number;
  readers: number;
  methods: MethodResult[];
}

/** Papers a digest has; what a reader costs is asked for so many. */
const DIGEST_PAPERS = 10;
/** Readers timed, evenly spread over the set. */
const TIMED = 100;

export async function measureSet(
  set: string,
  papers: readonly FilePaper[],
  tasks: readonly BenchTask[],
  readers: { many: number; few: number },
): Promise<SetResult> {
  const methods = listMethods(papers, tasks, readers);
  const progress = showProgress(
    set,
    methods.reduce((sum, method) => sum + method.readers, 0),
  );
  let done = 0;
  const results: MethodResult[] = [];
  for (const method of methods) {
    results.push(await measureMethod(method, tasks, () => progress.update(++done)));
  }
  progress.stop();
  return { set, papers: papers.length, readers: tasks.length, methods: results };
}

async function measureMethod(
  method: Method,
  tasks: readonly BenchTask[],
  onReader: () => void,
): Promise<MethodResult> {
  const before = await heldMb();
  const opened = timed(method.open);
  const indexMb = (await heldMb()) - before;
  const rank = opened.result;
  const asked = spread(tasks, method.readers);
  const qualities = asked.map((task) => {
    onReader();
    return judge(rank(task, DEPTH), task.relevant);
  });
  // The second time round: the code is warm and what is kept from one reader for the next is there.
  const again = spread(asked, TIMED);
  const { ms } = timed(() => {
    for (const task of again) rank(task, DIGEST_PAPERS);
  });
  return {
    method: method.name,
    kind: method.kind,
    readers: asked.length,
    quality: meanQuality(qualities),
    msPerReader: ms / Math.max(1, again.length),
    indexMs: opened.ms,
    indexMb,
  };
}

/** Processor time, which on a busy machine says more than the clock. */
export function timed<T>(run: () => T): { result: T; ms: number } {
  const start = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(start);
  return { result, ms: (user + system) / 1000 };
}

/** Memory in use once all that nobody needs is gone. Arrays outside the heap go a moment after their owners. */
export async function heldMb(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    collect();
    await setImmediate();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** At most `count` of the list, evenly spread, the first among them. */
export function spread<T>(list: readonly T[], count: number): T[] {
  const step = Math.max(1, Math.ceil(list.length / count));
  return list.filter((_, at) => at % step === 0);
}
