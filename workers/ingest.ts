/** Reads the live sources, some at once: a long harvest must not keep the votes of the hour waiting. */
import type { Context } from '../src/context.ts';
import { ingestByName } from '../src/papers/ingest.ts';
import { runQueue } from './worker.ts';

/** `signal` ends the runs under way, each between two pages. */
export const runIngest = (ctx: Context, signal: AbortSignal) =>
  runQueue(ctx, 'ingest', 4, ({ source }) => ingestByName(ctx, source, signal));
