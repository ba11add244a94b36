/** Where each live source stands: what an operator looks at, on the command line, at /readyz and in the metrics. */
import type { Context } from '../context.ts';
import { listSourceStates, type SourceState } from './sources.repo.ts';
import { listLiveSources } from './sources.ts';

const FAILING_AFTER_MS = 24 * 3600_000;

export interface SourceStanding {
  name: string;
  everyMs: number;
  /** Null before its first run. */
  state: SourceState | null;
}

/** All that are switched on, in the order of the settings. What others left behind, from before, is not told. */
export async function listSourceStandings(ctx: Context): Promise<SourceStanding[]> {
  const states = new Map((await listSourceStates(ctx.db)).map((state) => [state.name, state]));
  return listLiveSources(ctx.config).map(({ name, everyMs }) => ({
    name,
    everyMs,
    state: states.get(name) ?? null,
  }));
}

/** Whether a run is under way at `now`, in any process. */
export function isRunning(state: SourceState | null, now: Date): boolean {
  return state !== null && state.leaseUntil !== null && state.leaseUntil > now;
}

/** Sources that have failed for a day or more, and since when: what an operator must hear of. */
export async function listFailingSources(ctx: Context): Promise<Record<string, string>> {
  const dayAgo = ctx.now().getTime() - FAILING_AFTER_MS;
  return Object.fromEntries(
    (await listSourceStandings(ctx)).flatMap(({ name, state }) =>
      state?.failingSince && state.failingSince.getTime() <= dayAgo
        ? [[name, `failing since ${state.failingSince.toISOString()}`]]
        : [],
    ),
  );
}
