/** Composes digests, a page of subscribers at a time; ranking is CPU work, so one job is enough for a process. */
import type { Context } from '../src/context.ts';
import { composePage, enqueueDuePages } from '../src/digests/compose.ts';
import { runQueue } from './worker.ts';

export const runCompose = (ctx: Context) =>
  runQueue(ctx, 'compose', 1, (data) =>
    data.task === 'due' ? enqueueDuePages(ctx) : composePage(ctx, new Date(data.at), data.subscriberIds),
  );
