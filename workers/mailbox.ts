/** Reads the mailbox that bounces come to. */
import { readBounceMailbox } from '../src/bounce-mailbox.ts';
import type { Context } from '../src/context.ts';
import { runQueue } from './worker.ts';

/** `signal` ends the round under way, between two messages. */
export const runMailbox = (ctx: Context, signal: AbortSignal) =>
  runQueue(ctx, 'mailbox', 1, () => readBounceMailbox(ctx, signal));
