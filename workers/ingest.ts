/** Reads the live sources. One at a time: they ask for patience. */
import type { Context } from '../src/context.ts';
import { ingestRecent } from '../src/papers/ingest.ts';
import { runQueue } from './worker.ts';

export const runIngest = (ctx: Context) => runQueue(ctx, 'ingest', 1, () => ingestRecent(ctx));
