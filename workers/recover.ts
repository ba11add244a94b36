/** Puts back what a dead worker or a wiped queue left behind: mails to send, sources to read. Looks at how sending goes, too. */
import type { Context } from '../src/context.ts';
import { checkSending } from '../src/deliveries/guard.ts';
import { recover } from '../src/deliveries/recover.ts';
import { resumeSources } from '../src/papers/ingest.ts';
import { runQueue } from './worker.ts';

export const runRecover = (ctx: Context) =>
  runQueue(ctx, 'recover', 1, async () => {
    await recover(ctx);
    await checkSending(ctx);
    await resumeSources(ctx);
  });
