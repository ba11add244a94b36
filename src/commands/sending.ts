/** Commands for how sending goes: look, pause, resume, and send again what nobody knows the fate of. */
import type { Command } from 'commander';
import { getDeliveryFigures } from '../deliveries/delivery-figures.ts';
import {
  findPause,
  getSendingFigures,
  type Pause,
  pauseSending,
  resumeSending,
} from '../deliveries/guard.ts';
import { shareOf } from '../deliveries/guard-verdict.ts';
import { retryUnknown } from '../deliveries/recover.ts';
import { AppError } from '../errors.ts';
import { countOf, withContext } from './with-context.ts';

export function addSendingCommands(program: Command): void {
  const sending = program
    .command('sending')
    .description('Show whether digests are sent or held back, why, and what came back of the last ones.')
    .action(() => withContext(async (ctx) => console.log(await describeSending(ctx))));

  sending
    .command('pause')
    .description('Hold digests back; they are still composed, and mails to confirm still go.')
    .option('--reason <text>', 'why, for whoever asks later')
    .action(({ reason = '' }: { reason?: string }) =>
      withContext(async (ctx) => {
        const pause = await pauseSending(ctx, 'operator', reason);
        console.log(
          pause ? 'Paused. To let digests go again: paperboy sending resume.' : await describeSending(ctx),
        );
      }),
    );

  sending
    .command('resume')
    .description('Let digests go again; what came back so far is not held against the next ones.')
    .action(() =>
      withContext(async (ctx) => {
        const waiting = await resumeSending(ctx);
        console.log(
          waiting === null
            ? 'Sending was not paused.'
            : `Resumed. A running Paperboy or worker sends the mails that wait: ${waiting.toLocaleString('en')} now.`,
        );
      }),
    );

  sending
    .command('retry-unknown')
    .description('Send again the mails that UNKNOWN_DELIVERY=hold held; some readers may have them already.')
    .option('--since <time>', 'only those held in this time: 30m, 12h, 2d', '2d')
    .action(({ since }: { since: string }) => {
      const ms = readDuration(since);
      return withContext(async (ctx) => {
        const count = await retryUnknown(ctx, new Date(ctx.now().getTime() - ms));
        console.log(`${countOf(count, 'mail')} to send again. A running Paperboy or worker does so.`);
      });
    });
}

/** "Paused since 2026-11-24T08:00:00.000Z by the operator: moving servers." */
export function describePause({ at, reason, detail }: Pause): string {
  if (reason !== 'operator') return `paused since ${at.toISOString()}. ${detail}`;
  return `paused since ${at.toISOString()} by the operator${detail ? `: ${detail.replace(/\.$/, '')}` : ''}.`;
}

async function describeSending(ctx: Parameters<typeof getDeliveryFigures>[0]): Promise<string> {
  const pause = await findPause(ctx);
  const { mails, hardBounces, complaints } = await getSendingFigures(ctx);
  const { counts } = await getDeliveryFigures(ctx);
  const { hardBouncePercent, complaintPercent } = ctx.config.mail.guard;
  return [
    pause ? `Sending is ${describePause(pause)}` : 'Sending is on.',
    `Of the last ${countOf(mails, 'digest')} of 24 hours: ${hardBounces} hard bounces (${shareOf(hardBounces, mails)}, limit ${hardBouncePercent} %), ` +
      `${complaints} complaints (${shareOf(complaints, mails)}, limit ${complaintPercent} %).`,
    `${countOf(counts.pending, 'mail')} waiting, ${counts.sending.toLocaleString('en')} being sent.`,
  ].join('\n');
}

const UNIT_MS: Record<string, number> = { m: 60_000, h: 3600_000, d: 24 * 3600_000 };

function readDuration(text: string): number {
  const [, count, unit = ''] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  const ms = Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  if (Number.isNaN(ms))
    throw new AppError('INPUT_INVALID', `--since must be a time such as 2d; ${text} is none.`);
  return ms;
}
