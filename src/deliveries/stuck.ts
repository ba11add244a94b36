/** Tells when a job makes no headway, so that it can make way for the next one: a few silent servers would hold all. */
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 3000;
/** Where nothing more can be begun, there is less to wait for. */
const LAST_PATIENCE_MS = 1000;
const LOOK_EVERY_MS = 250;

export interface JobInHand {
  /** Mails that have ended. */
  ended(): number;
  /** Whether there are mails that could be begun, had the job a lane for them. */
  canBegin(): boolean;
  /** Whether all that is left of the job goes to domains that are silent: to wait for them is of no use. */
  isSilent(): boolean;
  /** Whether mails of another job could be sent meanwhile. */
  canOthersGo(): boolean;
}

/** Resolves when none of the job's mails has ended for a while, though others could be sent; or once it is `over`, whatever came of it. */
export async function untilStuck(job: JobInHand, over: Promise<unknown>): Promise<null> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  over.then(end, end);
  let ended = job.ended();
  let sinceMs = performance.now();
  const patienceMs = () => {
    if (job.canBegin()) return PATIENCE_MS;
    return job.isSilent() ? 0 : LAST_PATIENCE_MS;
  };
  while (!isOver && performance.now() - sinceMs < patienceMs()) {
    await sleep(LOOK_EVERY_MS, null, { ref: false });
    const nowEnded = job.ended();
    if (nowEnded !== ended || !job.canOthersGo()) sinceMs = performance.now();
    ended = nowEnded;
  }
  return null;
}
