/** Sends mail. Two jobs at once keep the connections busy while one of them ends. */
import type { Context } from '../src/context.ts';
import { deliver } from '../src/deliveries/deliver.ts';
import { runQueue } from './worker.ts';

/** `signal` ends the jobs under way after the mails in hand. */
export const runSend = (ctx: Context, signal: AbortSignal) =>
  runQueue(ctx, 'send', 2, ({ deliveryIds }) => deliver(ctx, deliveryIds, signal));
