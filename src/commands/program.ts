/** All commands under one name, for the process that runs them and for whoever asks what they would do. */
import { Command } from 'commander';
import { addBounceCommand } from './bounce.ts';
import { addDigestCommand } from './digest.ts';
import { addDkimCommands } from './dkim.ts';
import { addDoctorCommand } from './doctor.ts';
import { addPaperCommands } from './papers.ts';
import { addPreviewCommand } from './preview.ts';
import { makeRankCommand } from './rank.ts';
import { addSendingCommands } from './sending.ts';
import { addSubscriberCommands } from './subscribers.ts';

export function makeProgram(): Command {
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
  return program;
}
