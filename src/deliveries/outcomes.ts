/** Writes down what came of mails, some at a time: a statement for each would cost the database more than the sending. */
import type { Context } from '../context.ts';
import { AppError, describeFault } from '../errors.ts';
import { LEASE_MS, type Outcome, recordOutcomes } from './claims.repo.ts';

export interface OutcomeLog {
  /** Resolves when another mail may be sent: so no more than `MOST_UNWRITTEN` are at risk, however slow the database is. */
  add(outcome: Outcome): Promise<void>;
  /** Throws AppError `OUTCOME_LOST` (retry) where the database stayed away: those mails look unsent. */
  close(): Promise<void>;
}

/** What is not written yet when a worker dies is sent again, so it is little and not for long. */
export const MOST_UNWRITTEN = 20;
/** Half of them, so that the others are sent meanwhile. */
const AT_ONCE = MOST_UNWRITTEN / 2;
const WITHIN_MS = 15;
/** A database that restarts is waited for: longer than that takes, and shorter than a lease lasts. */
const PATIENCE_MS = LEASE_MS / 2;
const RETRY_MS = 500;

export function openOutcomeLog({ db, log }: Context): OutcomeLog {
  let waiting: Outcome[] = [];
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();
  let fault: unknown = null;
  let unwritten = 0;

  function write(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    const outcomes = waiting;
    waiting = [];
    if (outcomes.length === 0) return;
    writing = writing
      .then(() => writeDown(outcomes))
      .catch((error) => {
        fault ??= error;
      })
      .finally(() => {
        unwritten -= outcomes.length;
      });
  }

  async function writeDown(outcomes: readonly Outcome[]): Promise<void> {
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await recordOutcomes(db, outcomes);
      } catch (error) {
        if (performance.now() > giveUpAt) throw error;
        log.warn({ event: 'delivery.record', count: outcomes.length, error: describeFault(error) });
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  return {
    async add(outcome) {
      waiting.push(outcome);
      unwritten++;
      if (waiting.length >= AT_ONCE) write();
      else timer ??= setTimeout(write, WITHIN_MS);
      while (unwritten >= MOST_UNWRITTEN) await writing;
    },
    async close() {
      write();
      await writing;
      if (fault) {
        throw new AppError('OUTCOME_LOST', 'What came of some mails could not be written down.', {
          cause: fault,
          retry: true,
        });
      }
    },
  };
}
