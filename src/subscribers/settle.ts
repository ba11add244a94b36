/** Waits for mail that is on its way to someone who wants no more. */
import type { Context } from '../context.ts';
import { isBeingMailed } from './subscribers.repo.ts';

/** A mail that is being handed over right now is waited for, but not longer than a person would. */
const WITHIN_MS = 2000;
const POLL_MS = 25;

export async function awaitMailInHand(ctx: Context, subscriberId: number): Promise<void> {
  const waitUntil = performance.now() + WITHIN_MS;
  while (performance.now() < waitUntil && (await isBeingMailed(ctx.db, subscriberId, ctx.now()))) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
