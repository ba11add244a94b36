/** Puts back what a dead worker or a wiped queue left behind: mails to send, sources to read. */
import type { Context } from '../src/context.ts';
import { recover } from '../src/deliveries/recover.ts';
import { resumeSources } from '../src/papers/ingest.ts';
import { runQueue } from './worker.ts';

export const runRecover = (ctx: Context) =>
  runQueue(ctx, 'recover', 1, async () => {
    await recover(ctx);
    await resumeSources(ctx);
  });
