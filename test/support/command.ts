/** Runs an operator's command inside the test. A process of its own takes seconds to start, which only what is about processes must spend. */
import { format } from 'node:util';
import { type Command, CommanderError } from 'commander';
import { vi } from 'vitest';
import { makeProgram } from '../../src/commands/program.ts';
import { describeError } from '../../src/process.ts';
import type { TestContext } from './context.ts';

/** `paperboy` on the database, the data and the mail server of a test. */
export function runCommandOn({ ctx, sink }: TestContext, ...args: string[]) {
  const { databaseUrl, dataDir } = ctx.config;
  return runCommand(args, { DATABASE_URL: databaseUrl ?? '', SMTP_URL: sink.url, DATA_DIR: dataDir });
}

/** What the command prints on both outputs, and what its process would exit with. No setting leaks in beside `env`. */
export async function runCommand(
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number; output: string }> {
  let output = '';
  const print = (text: string) => {
    output += text;
  };
  const printLine = (...parts: unknown[]) => print(`${format(...parts)}\n`);
  const spies = [
    vi.spyOn(console, 'log').mockImplementation(printLine),
    vi.spyOn(console, 'error').mockImplementation(printLine),
  ];
  const ownEnv = process.env;
  process.env = { PATH: ownEnv.PATH, HOME: ownEnv.HOME, ...env };
  const program = makeProgram();
  for (const command of withNested(program)) {
    command.exitOverride().configureOutput({ writeOut: print, writeErr: print });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return { code: Number(process.exitCode ?? 0), output };
  } catch (error) {
    if (error instanceof CommanderError) return { code: error.exitCode, output };
    printLine(describeError(error));
    return { code: 1, output };
  } finally {
    process.exitCode = undefined;
    process.env = ownEnv;
    for (const spy of spies) spy.mockRestore();
  }
}

function withNested(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withNested)];
}
