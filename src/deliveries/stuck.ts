/** Tells when a job makes no headway, so that it can make way for the next one: a few silent servers would hold all. */
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 3000;
const LOOK_EVERY_MS = 300;

/**
 * Resolves when mails are in hand and none has ended for 3 s, though other mails could be sent; or once the job is
 * `over`, whatever came of it.
 */
export async function untilStuck(
  job: { ended(): number; inHand(): number; canOthersGo(): boolean },
  over: Promise<unknown>,
): Promise<null> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  over.then(end, end);
  let ended = job.ended();
  let sinceMs = performance.now();
  while (!isOver && performance.now() - sinceMs < PATIENCE_MS) {
    await sleep(LOOK_EVERY_MS, null, { ref: false });
    const nowEnded = job.ended();
    if (nowEnded !== ended || job.inHand() === 0 || !job.canOthersGo()) sinceMs = performance.now();
    ended = nowEnded;
  }
  return null;
}
