/** The command that composes and sends what is due: digest. */
import type { Command } from 'commander';
import { startSenders } from '../../workers/workers.ts';
import { forEachDuePage, planPage } from '../digests/compose.ts';
import { runDigest } from '../digests/run-digest.ts';
import { AppError } from '../errors.ts';
import { type Progress, showProgress } from './progress.ts';
import { describePause } from './sending.ts';
import { countOf, withContext } from './with-context.ts';

export function addDigestCommand(program: Command): void {
  program
    .command('digest')
    .description('Compose and send all that is due, and wait until it is sent.')
    .option('--at <time>', 'as if it were this moment, ISO 8601: 2026-11-24T08:00:00Z (default: now)')
    .option('--dry-run', 'only say what would be sent')
    .action((options: { at?: string; dryRun?: boolean }) =>
      withContext(async (ctx, closers) => {
        const at = options.at === undefined ? ctx.now() : readTime(options.at);
        if (options.dryRun) {
          let due = 0;
          let digests = 0;
          await forEachDuePage(ctx, at, async (ids) => {
            const plan = await planPage(ctx, at, ids);
            due += plan.due;
            digests += plan.digests;
          });
          console.log(
            `${countOf(due, 'subscriber')} due, ${countOf(digests, 'digest')} would be sent. Nothing was changed.`,
          );
          return;
        }
        closers.push(startSenders(ctx).close);
        const bars = new Map<string, Progress>();
        const run = await runDigest(ctx, at, (stage, done, total) => {
          const bar = bars.get(stage) ?? showProgress(stage, total);
          bars.set(stage, bar);
          bar.update(done, total);
        });
        for (const bar of bars.values()) bar.stop();
        console.log(
          [
            `${countOf(run.due, 'subscriber')} due: ${run.sent} sent, ${run.failed} failed, ${run.deferred} deferred, ` +
              `${run.skipped} skipped, ${run.quiet} with nothing worth a mail.`,
            ...(run.leftOver > 0 ? [`${countOf(run.leftOver, 'mail')} of an earlier run came along.`] : []),
            ...(run.paused
              ? [
                  `${countOf(run.held, 'mail')} held back: ${describePause(run.paused)} To let them go: paperboy sending resume.`,
                ]
              : []),
            ...(run.deferred > 0 ? ['A running Paperboy or worker tries the deferred ones again.'] : []),
          ].join('\n'),
        );
      }),
    );
}

function readTime(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()) || !/^\d{4}-\d{2}-\d{2}/.test(text)) {
    throw new AppError('INPUT_INVALID', `--at must be a time such as 2026-11-24T08:00:00Z; ${text} is none.`);
  }
  return time;
}
