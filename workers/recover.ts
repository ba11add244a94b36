/**
 * Puts back what a dead worker or a wiped queue left behind: mails to send, sources to read. Looks at how sending goes,
 * and erases readers whose time has come, too.
 */
import type { Context } from '../src/context.ts';
import { checkSending } from '../src/deliveries/guard.ts';
import { recover } from '../src/deliveries/recover.ts';
import { resumeSources } from '../src/papers/ingest.ts';
import { eraseDue } from '../src/subscribers/erase.ts';
import { runQueue } from './worker.ts';

export const runRecover = (ctx: Context) =>
  runQueue(ctx, 'recover', 1, async () => {
    await recover(ctx);
    await checkSending(ctx);
    await eraseDue(ctx);
    await resumeSources(ctx);
  });
