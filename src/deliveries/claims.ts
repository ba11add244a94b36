/** Claims mails for the lanes of one job: few at once and right before they are sent, as their domains and the rate have room. */
import type { Context } from '../context.ts';
import { describeFault } from '../errors.ts';
import {
  type ClaimedDelivery,
  claimDeliveries,
  LEASE_MS,
  type PendingDelivery,
  renewLeases,
} from './claims.repo.ts';
import { type Allowance, allowMails } from './pace-allowance.ts';

/** So many mails are taken before they are sent, and at worst looked at again after a lease. */
const CLAIM_AT_ONCE = 20;
/** A job that waits for the rate ends after this time, so that what a person waits for comes to its turn. */
const PATIENCE_MS = 2000;

/** What was left unclaimed, and until when nothing is gained by asking again; null for now. */
export interface Left {
  mails: PendingDelivery[];
  refusal: Extract<Allowance, { mails: 0; until: Date }> | null;
}

/** `prepare` runs before the first claim. `ending` ends the waiting for the rate. */
export function claimAsNeeded(
  ctx: Context,
  mails: readonly PendingDelivery[],
  prepare: () => Promise<void>,
  ending?: AbortSignal,
) {
  const { lanes } = ctx;
  const startedAt = performance.now();
  let waiting = [...mails];
  for (const { domain } of waiting) lanes.wait(domain, 1);
  const left: Left = { mails: [], refusal: null };
  const claimed: ClaimedDelivery[] = [];
  const held = new Set<ClaimedDelivery>();
  let claiming: Promise<void> | null = null;
  let prepared = false;
  let stopped = false;
  // Waiting for a free connection, or a server that takes its time, must not look like a dead worker.
  const renewal = setInterval(() => {
    renewLeases(ctx.db, [...held], ctx.now()).catch((error) =>
      ctx.log.warn({ event: 'delivery.lease', count: held.size, error: describeFault(error) }),
    );
  }, LEASE_MS / 3);

  /** The next for whose domains there is room: mails of one urgency, as only bulk is held by the rate. */
  function pickBatch(): PendingDelivery[] {
    const rooms = new Map<string, number>();
    const batch: PendingDelivery[] = [];
    const isBulk = waiting.every(({ kind }) => kind === 'digest');
    for (const mail of waiting) {
      if (batch.length === CLAIM_AT_ONCE) break;
      if (!isBulk && mail.kind === 'digest') continue;
      const room = rooms.get(mail.domain) ?? roomOf(mail.domain);
      rooms.set(mail.domain, room - 1);
      if (room > 0) batch.push(mail);
    }
    return batch;
  }

  const roomOf = (domain: string) =>
    lanes.room(domain) - claimed.filter((claim) => claim.domain === domain).length;

  function leave(mails: readonly { domain: string }[]): void {
    for (const { domain } of mails) lanes.wait(domain, -1);
  }

  function stop(): void {
    stopped = true;
    left.mails.push(...waiting);
    leave(waiting);
    waiting = [];
  }

  async function claimSome(batch: readonly PendingDelivery[]): Promise<void> {
    const patienceMs = PATIENCE_MS - (performance.now() - startedAt);
    const forPerson = batch.some(({ kind }) => kind !== 'digest');
    const isLate = ctx.config.mail.rateIntervalMs !== null && patienceMs < 0 && !forPerson;
    if (isLate) return stop();
    const allowance = await allowMails(ctx, { wanted: batch.length, forPerson, patienceMs }, ending);
    if (stopped) return;
    if ('until' in allowance) {
      left.refusal = allowance;
      return stop();
    }
    if (!prepared) await prepare();
    prepared = true;
    const chosen = new Set(batch.slice(0, allowance.mails));
    waiting = waiting.filter((mail) => !chosen.has(mail));
    const ids = [...chosen].map(({ id }) => id);
    const rows = await claimDeliveries(ctx.db, ids, ctx.now()).catch((error) => {
      leave([...chosen]);
      throw error;
    });
    for (const row of rows) {
      held.add(row);
      lanes.setSlow(row.domain, row.isDomainSlow);
    }
    claimed.push(...rows);
    const got = new Set(rows.map(({ id }) => id));
    leave([...chosen].filter(({ id }) => !got.has(id)));
  }

  return {
    /** Null when there is nothing left. */
    async next(): Promise<ClaimedDelivery | null> {
      for (;;) {
        const at = claimed.findIndex(({ domain }) => ending?.aborted || lanes.room(domain) > 0);
        const [claim] = at < 0 ? [] : claimed.splice(at, 1);
        if (claim) {
          lanes.begin(claim.domain);
          return claim;
        }
        if (claimed.length === 0 && waiting.length === 0 && !claiming) return null;
        const batch = claiming ? [] : pickBatch();
        if (batch.length > 0) {
          claiming = claimSome(batch).then(() => {
            claiming = null;
          });
        }
        // Its domain's connections are all busy, here or for another job.
        await (claiming ?? lanes.changed());
      }
    },
    done(claim: ClaimedDelivery): void {
      held.delete(claim);
      lanes.end(claim.domain);
    },
    /** Whether there are mails for whose domains there is room, or that are being claimed. */
    canBegin: () =>
      claiming !== null || [...claimed, ...waiting].some(({ domain }) => lanes.room(domain) > 0),
    /** Whether some are left, and all of these go to domains that are silent. */
    isSilent(): boolean {
      const open = [...held, ...waiting];
      return claiming === null && open.length > 0 && open.every(({ domain }) => lanes.isSilent(domain));
    },
    /** Leaves all that was not begun to whoever asks next; `begun` is how many were. */
    abandon(): { begun: number; claimed: ClaimedDelivery[]; left: PendingDelivery[] } {
      stop();
      const unbegun = claimed.splice(0);
      leave(unbegun);
      for (const claim of unbegun) held.delete(claim);
      return { begun: held.size, claimed: unbegun, left: left.mails.splice(0) };
    },
    /** Claims no more; what was claimed still comes from `next`. */
    stop,
    close(): Left {
      clearInterval(renewal);
      stop();
      leave(claimed);
      return left;
    },
  };
}
