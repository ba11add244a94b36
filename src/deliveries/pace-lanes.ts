/**
 * What this process sends to each domain right now, over all jobs it runs: so one domain that stalls does not take all
 * connections, and what was just learnt of a domain is known to the next mail at once.
 */
import { nextLook, type Pace } from './pace.ts';

export interface DomainLanes {
  /** How many more mails may be sent to the domain now. */
  room(domain: string): number;
  /** Whether a connection is free. */
  isAnyFree(): boolean;
  /** Mails come to wait, or with a negative count leave without being sent. */
  wait(domain: string, count: number): void;
  /** A mail that waited is being sent. */
  begin(domain: string): void;
  end(domain: string): void;
  /** Resolves once a mail ends or leaves. */
  changed(): Promise<void>;
  /** Whether mails are on their way to the domain and none has ended for a while. */
  isSilent(domain: string): boolean;
  isSlow(domain: string): boolean;
  setSlow(domain: string, isSlow: boolean): void;
  /** What was last learnt of a slow domain's pace; others may have changed it since. */
  paceOf(domain: string): Pace | null;
  /** Null: the domain is slow no more. */
  setPace(domain: string, pace: Pace | null): void;
  /** When a mail that got no turn asks again: spread, so that mails don't come back all at once. */
  lookAgainAt(domain: string, pace: Pace, now: Date): Date;
}

/** Connections for a domain of which no mail has ended yet; each that ends, however it does, earns it one more. */
const FIRST = 2;
const SILENT_AFTER_MS = 1000;

/**
 * While others wait, a domain gets `FIRST` of the connections and soon half of them, so that one that stalls holds few; else
 * nearly all, so that one that is silent leaves some to whoever comes.
 */
export function createDomainLanes(connections: number): DomainLanes {
  const half = Math.ceil(connections / 2);
  const most = Math.max(1, connections - 2);
  const waiting = new Map<string, number>();
  const sending = new Map<string, number>();
  /** When a mail last ended, or the first of those on their way began. */
  const heardAt = new Map<string, number>();
  /** Mails that ended, of domains to which more are under way: who has nothing waiting begins anew. */
  const ended = new Map<string, number>();
  /** Slow domains; `lookAt` is the time that was last given to one of their mails. */
  const slow = new Map<string, { pace: Pace | null; lookAt: Date | null }>();
  let allWaiting = 0;
  let allSending = 0;
  let listeners: (() => void)[] = [];

  const add = (counts: Map<string, number>, domain: string, count: number) => {
    const sum = (counts.get(domain) ?? 0) + count;
    if (sum > 0) counts.set(domain, sum);
    else counts.delete(domain);
  };
  const tell = () => {
    const told = listeners;
    listeners = [];
    for (const listener of told) listener();
  };
  const forgetIdle = (domain: string) => {
    if (!waiting.has(domain) && !sending.has(domain)) ended.delete(domain);
  };
  const wait = (domain: string, count: number) => {
    add(waiting, domain, count);
    allWaiting += count;
    if (count < 0) {
      forgetIdle(domain);
      tell();
    }
  };

  return {
    room(domain) {
      const othersWait = allWaiting > (waiting.get(domain) ?? 0);
      const earned = Math.min(half, FIRST + (ended.get(domain) ?? 0));
      return (othersWait ? earned : most) - (sending.get(domain) ?? 0);
    },
    isAnyFree: () => allSending < connections,
    wait,
    begin(domain) {
      if (!sending.has(domain)) heardAt.set(domain, performance.now());
      add(sending, domain, 1);
      allSending++;
      wait(domain, -1);
    },
    end(domain) {
      add(sending, domain, -1);
      allSending--;
      add(ended, domain, 1);
      if (sending.has(domain)) heardAt.set(domain, performance.now());
      else heardAt.delete(domain);
      forgetIdle(domain);
      tell();
    },
    isSilent(domain) {
      const since = heardAt.get(domain);
      return since !== undefined && performance.now() - since > SILENT_AFTER_MS;
    },
    changed: () => new Promise((resolve) => void listeners.push(resolve)),
    isSlow: (domain) => slow.has(domain),
    setSlow(domain, isSlow) {
      if (!isSlow) slow.delete(domain);
      else if (!slow.has(domain)) slow.set(domain, { pace: null, lookAt: null });
    },
    paceOf: (domain) => slow.get(domain)?.pace ?? null,
    setPace(domain, pace) {
      if (pace === null) slow.delete(domain);
      else slow.set(domain, { pace, lookAt: slow.get(domain)?.lookAt ?? null });
    },
    lookAgainAt(domain, pace, now) {
      const before = slow.get(domain);
      const lookAt = nextLook(pace, before?.lookAt ?? null, now);
      slow.set(domain, { pace: before?.pace ?? null, lookAt });
      return lookAt;
    },
  };
}
