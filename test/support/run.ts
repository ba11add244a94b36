/** Runs the project's own programs as an operator does: in a process of their own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { vi } from 'vitest';
import { projectRoot } from '../../src/project-root.ts';

export interface RunningProgram {
  child: ChildProcess;
  /** All it has printed so far, on both outputs. */
  output(): string;
  /** Resolves once the output matches; fails with the output if it doesn't in time. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<void>;
  exited: Promise<number | null>;
}

/** `program` is a path such as `src/cli.ts`; `input` is what it reads. The environment is bare but for PATH and `env`: no settings of the machine's leak in. */
export function runProgram(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
  input?: Uint8Array,
): RunningProgram {
  const child = spawn(process.execPath, ['--import', 'tsx', join(projectRoot, program), ...args], {
    cwd: projectRoot,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    // Its own group, so that a test can kill it with all it started.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(input);
  let printed = '';
  const listen = (chunk: Buffer) => {
    printed += chunk.toString();
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  return {
    child,
    output: () => printed,
    async waitFor(pattern, timeoutMs = 60_000) {
      await vi.waitFor(
        () => {
          if (!pattern.test(printed)) throw new Error(`no ${pattern} in what it printed:\n${printed}`);
        },
        { timeout: timeoutMs, interval: 50 },
      );
    },
    exited: once(child, 'close').then(([code]) => code as number | null),
  };
}

/** Kills a program with all that it started, and the Postgres of its data folder, as a loss of power would. */
export function killWithPostgres({ child }: RunningProgram, dataDir: string): void {
  try {
    process.kill(-(child.pid ?? 0), 'SIGKILL');
  } catch {
    // Gone already.
  }
  try {
    // Its processes have the folder's name in their command lines.
    execFileSync('pkill', ['-9', '-f', dataDir]);
  } catch {
    // None is left.
  }
}
