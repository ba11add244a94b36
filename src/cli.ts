/** ENTRY: the operator's commands. Each works beside a running Paperboy, or alone. */
import { Command } from 'commander';
import { addBounceCommand } from './commands/bounce.ts';
import { addDigestCommand } from './commands/digest.ts';
import { addDkimCommands } from './commands/dkim.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addPaperCommands } from './commands/papers.ts';
import { addPreviewCommand } from './commands/preview.ts';
import { makeRankCommand } from './commands/rank.ts';
import { addSendingCommands } from './commands/sending.ts';
import { addSubscriberCommands } from './commands/subscribers.ts';
import { describeError } from './process.ts';

const program = new Command('paperboy')
  .description('Trending papers in your inbox, ranked for you: commands for the operator.')
  .showHelpAfterError('Try --help after the command.')
  .helpCommand(false);

addPaperCommands(program);
addSubscriberCommands(program);
addDigestCommand(program);
addPreviewCommand(program);
addSendingCommands(program);
addBounceCommand(program);
addDkimCommands(program);
addDoctorCommand(program);
program.addCommand(makeRankCommand());

try {
  await program.parseAsync();
} catch (error) {
  console.error(describeError(error));
  process.exitCode = 1;
}
