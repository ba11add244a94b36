/** Puts back what a dead worker or a wiped queue left behind. */
import type { Context } from '../src/context.ts';
import { recover } from '../src/deliveries/recover.ts';
import { runQueue } from './worker.ts';

export const runRecover = (ctx: Context) => runQueue(ctx, 'recover', 1, () => recover(ctx));
