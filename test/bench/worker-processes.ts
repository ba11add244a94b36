/** Workers as they run on a machine of their own, watched for what they take. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../src/project-root.ts';
import { ONE_OF_SEVERAL, WORKER_FLAGS } from '../../workers/processes.ts';

export interface WorkerProcesses {
  /** The most memory that one of them has held, in MB; null where the system does not tell. */
  peakMb(): number | null;
  close(): Promise<void>;
}

/** Resolves when all of them wait for jobs. `env` is all they get besides PATH. */
export async function startWorkerProcesses(
  count: number,
  env: Record<string, string>,
): Promise<WorkerProcesses> {
  const children = await Promise.all(Array.from({ length: count }, () => startOne(env)));
  return {
    peakMb: () => {
      const peaks = children.flatMap(({ pid }) => peakOf(pid) ?? []);
      return peaks.length === 0 ? null : Math.max(...peaks);
    },
    async close() {
      const ends = children.map((child) => once(child, 'exit'));
      for (const child of children) child.kill('SIGTERM');
      await Promise.all(ends);
    },
  };
}

async function startOne(env: Record<string, string>): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [...WORKER_FLAGS, '--import', 'tsx', join(projectRoot, 'workers', 'main.ts'), ONE_OF_SEVERAL],
    { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('a worker did not start')));
    child.stdout.on('data', (chunk) => {
      if (String(chunk).includes('workers run')) resolve();
    });
  });
  return child;
}

function peakOf(pid: number | undefined): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1000);
  } catch {
    return null;
  }
}
