/** ENTRY: the operator's commands. Each works beside a running Paperboy, or alone. */
import { makeProgram } from './commands/program.ts';
import { describeError } from './process.ts';

try {
  await makeProgram().parseAsync();
} catch (error) {
  console.error(describeError(error));
  process.exitCode = 1;
}
