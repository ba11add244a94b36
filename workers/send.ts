/** Sends mail. Two jobs at once keep the connections busy while one of them ends. */
import type { Context } from '../src/context.ts';
import { deliver } from '../src/deliveries/deliver.ts';
import { runQueue } from './worker.ts';

export const runSend = (ctx: Context) =>
  runQueue(ctx, 'send', 2, ({ deliveryIds }) => deliver(ctx, deliveryIds));
