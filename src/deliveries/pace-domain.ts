/** Sends to a domain that asked for patience only in its turn, and learns from each mail how it takes them. */
import type { Context } from '../context.ts';
import { describeFault } from '../errors.ts';
import { changePace, takeTurn } from './pace.repo.ts';
import { type Moment, type Pace, slowDown, speedUp } from './pace.ts';
import { readAskedWaitMs } from './pace-wish.ts';

/** Stands in for the pace while the database can't tell it. */
const UNTOLD_MS = 1000;

/** Null where a mail may go to the domain now; else when it asks again. What someone waits for stands in front. */
export async function awaitTurn(ctx: Context, domain: string, inFront: boolean): Promise<Date | null> {
  const now = ctx.now();
  // A turn comes no earlier than was told. Should the domain recover meanwhile, this one waits until then all the same.
  const told = ctx.lanes.paceOf(domain);
  const turn = told && told.nextAt > now ? told : await askForTurn(ctx, domain, now);
  if (turn === 'free' || turn === 'taken') return null;
  if (inFront && turn.nextAt > now) return turn.nextAt;
  return ctx.lanes.lookAgainAt(domain, turn, now);
}

async function askForTurn(ctx: Context, domain: string, now: Date): Promise<'taken' | 'free' | Pace> {
  try {
    const turn = await takeTurn(ctx.db, domain, now);
    if (turn === 'taken') ctx.lanes.setSlow(domain, true);
    else ctx.lanes.setPace(domain, turn === 'free' ? null : turn);
    return turn;
  } catch (error) {
    warn(ctx, domain, error);
    return { intervalMs: UNTOLD_MS, nextAt: now, changedAt: now };
  }
}

/** A mail failed in a way that speaks of its domain; `answer` is what the server said. Returns how long it asks to wait, in ms. */
export async function noteFault(
  ctx: Context,
  domain: string,
  startedAt: Date,
  answer: string,
): Promise<number> {
  const askedMs = readAskedWaitMs(answer);
  ctx.lanes.setSlow(domain, true);
  await change(ctx, domain, startedAt, (pace, moment) => slowDown(pace, moment, askedMs));
  return askedMs;
}

/** A domain that was slow took a mail. */
export async function noteSuccess(ctx: Context, domain: string, startedAt: Date): Promise<void> {
  await change(ctx, domain, startedAt, (pace, moment) => pace && speedUp(pace, moment));
}

/** A mail's fate is known, and must not be lost because this can't be written down. */
async function change(
  ctx: Context,
  domain: string,
  startedAt: Date,
  to: (pace: Pace | null, moment: Moment) => Pace | null,
): Promise<void> {
  const moment = { startedAt, now: ctx.now() };
  try {
    const pace = await changePace(ctx.db, domain, (before) => to(before, moment));
    ctx.lanes.setPace(domain, pace);
  } catch (error) {
    warn(ctx, domain, error);
  }
}

function warn(ctx: Context, domain: string, error: unknown): void {
  ctx.log.warn({ event: 'delivery.pace', domain, error: describeFault(error) });
}
