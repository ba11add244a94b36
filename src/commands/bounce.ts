/** The command for mail that came back: act on one message, or only tell what messages are. */
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { classifyBounce } from '../deliveries/bounce.ts';
import { AppError } from '../errors.ts';
import { describeError } from '../process.ts';
import { type ReturnedMailOutcome, takeReturnedMail } from '../returned-mail.ts';
import { withContext } from './with-context.ts';

/** EX_TEMPFAIL: a mail server that pipes into the command keeps the message and tries again. */
const TRY_AGAIN = 75;

export function addBounceCommand(program: Command): void {
  program
    .command('bounce')
    .description(
      'Read a mail that came back, from standard input, and do what follows from it: ' +
        'paperboy bounce < message.eml. It must be addressed to, or send back, a mail of this Paperboy.',
    )
    .option(
      '--classify <files...>',
      'only tell what these messages are, one line of JSON each: file, kind, hard, status, reason; needs no database and changes nothing',
    )
    .action(async ({ classify }: { classify?: string[] }) => {
      if (classify) return classifyFiles(classify);
      if (process.stdin.isTTY) {
        throw new AppError(
          'INPUT_INVALID',
          'Give the message on standard input: paperboy bounce < message.eml',
        );
      }
      const raw = await buffer(process.stdin);
      if (raw.length === 0) throw new AppError('INPUT_INVALID', 'There was nothing on standard input.');
      try {
        await withContext(async (ctx) => console.log(tell(await takeReturnedMail(ctx, raw))));
      } catch (error) {
        console.error(describeError(error));
        process.exitCode = TRY_AGAIN;
      }
    });
}

async function classifyFiles(files: readonly string[]): Promise<void> {
  let unreadable = 0;
  for (const file of files) {
    const raw = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      console.error(`${file} can't be read (${error.code ?? error.message}).`);
      unreadable += 1;
      return null;
    });
    if (!raw) continue;
    const { kind, hard, status, reason } = classifyBounce(raw);
    console.log(JSON.stringify({ file, kind, hard, status, reason }));
  }
  if (unreadable > 0) process.exitCode = 1;
}

function tell(outcome: ReturnedMailOutcome): string {
  if (outcome.result === 'unsubscribed') return 'A mail to leave: the reader is unsubscribed.';
  if (outcome.result === 'not_ours')
    return 'This message names no mail of this Paperboy. Nothing was changed.';
  const { bounce, deliveryId } = outcome;
  const what = [
    bounce.kind,
    bounce.kind === 'bounce' ? (bounce.hard ? 'hard' : 'soft') : '',
    bounce.status,
    bounce.reason,
  ]
    .filter(Boolean)
    .join(', ');
  return `Delivery ${deliveryId}: ${what}. ${consequence(outcome)}`;
}

function consequence(outcome: Exclude<ReturnedMailOutcome, { result: 'unsubscribed' | 'not_ours' }>): string {
  switch (outcome.result) {
    case 'suppressed':
      return outcome.because === 'complaint'
        ? 'The reader is unsubscribed, and the address gets no more mail.'
        : 'The address gets no more mail.';
    case 'counted':
      return `Counted: ${outcome.inRow} in a row.`;
    case 'ignored':
      return `Nothing was changed: ${IGNORED[outcome.because]}.`;
  }
}

const IGNORED = {
  unknown_delivery: 'there is no such delivery any more',
  former_address: 'its reader has another address by now',
  never_sent: 'that mail was never sent',
  too_old: 'that mail was sent more than 30 days ago',
  already_recorded: 'this is recorded already',
  needs_nothing: 'such a message asks for nothing',
} as const;
