/** A domain that asks for patience gets it, and gets its speed back; what operators and servers write is read. */
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  LONGEST_INTERVAL_MS,
  LOOK_AGAIN_MS,
  nextLook,
  type Pace,
  slowDown,
  speedUp,
} from '../../../src/deliveries/pace.ts';
import { createDomainLanes } from '../../../src/deliveries/pace-lanes.ts';
import {
  nextOpening,
  parseRate,
  parseWarmup,
  parseWindow,
  warmupLimit,
} from '../../../src/deliveries/pace-settings.ts';
import { readAskedWaitMs } from '../../../src/deliveries/pace-wish.ts';
import { type JobInHand, untilStuck } from '../../../src/deliveries/stuck.ts';

const at = (ms: number) => new Date(1_800_000_000_000 + ms);
afterEach(() => void vi.useRealTimers());
/** A mail that began and ended at this time. */
const moment = (ms: number) => ({ startedAt: at(ms), now: at(ms) });

describe('the pace of a domain', () => {
  it('is half as fast with each fault, down to one mail in ten minutes', () => {
    let pace = slowDown(null, moment(0), 0);
    expect(pace).toEqual({ intervalMs: 1000, nextAt: at(1000), changedAt: at(0) });
    for (let fault = 1; fault < 20; fault++) pace = slowDown(pace, moment(fault * 1e6), 0);
    expect(pace.intervalMs).toBe(LONGEST_INTERVAL_MS);
  });

  it('waits as long as the server asks, and counts mails that failed together once', () => {
    const first = slowDown(null, moment(0), 300_000);
    expect(first.nextAt).toEqual(at(300_000));
    const together = slowDown(first, { startedAt: at(-5), now: at(10) }, 0);
    expect(together).toEqual({ ...first, nextAt: at(300_000) });
  });

  it('gets faster with each mail taken, and is slow no more in the end', () => {
    let pace: Pace | null = slowDown(null, moment(0), 0);
    let mails = 0;
    while (pace) {
      mails++;
      pace = speedUp(pace, moment(mails * 10));
    }
    expect(mails).toBeGreaterThan(5);
    expect(mails).toBeLessThan(30);
  });

  it('stays within its bounds, whatever happens', () => {
    const event = fc.record({
      afterMs: fc.nat(3_600_000),
      took: fc.boolean(),
      askedMs: fc.nat(14_400_000),
      startedBefore: fc.nat(10_000),
    });
    fc.assert(
      fc.property(fc.array(event), (events) => {
        let pace: Pace | null = null;
        let now = 0;
        for (const { afterMs, took, askedMs, startedBefore } of events) {
          now += afterMs;
          const met = { startedAt: at(now - startedBefore), now: at(now) };
          const before: Pace | null = pace;
          pace = took ? pace && speedUp(pace, met) : slowDown(pace, met, askedMs);
          if (!pace) continue;
          expect(pace.intervalMs).toBeGreaterThanOrEqual(50);
          expect(pace.intervalMs).toBeLessThanOrEqual(LONGEST_INTERVAL_MS);
          if (!took) expect(pace.nextAt.getTime()).toBeGreaterThanOrEqual(at(now + askedMs).getTime());
          if (took && before) expect(pace.intervalMs).toBeLessThanOrEqual(before.intervalMs);
          const look = nextLook(pace, null, at(now)).getTime();
          expect(look).toBeGreaterThan(at(now).getTime());
          expect(look).toBeLessThanOrEqual(
            Math.max(pace.nextAt.getTime(), at(now).getTime() + pace.intervalMs) + LOOK_AGAIN_MS,
          );
        }
      }),
    );
  });
});

describe('the connections of a process', () => {
  const TEN = 10;

  it('are nearly all for one domain while nobody else waits', () => {
    const lanes = createDomainLanes(TEN);
    lanes.wait('only.example', 20);
    expect(lanes.room('only.example')).toBe(8);
    for (let mail = 0; mail < TEN; mail++) {
      expect(lanes.isAnyFree()).toBe(true);
      lanes.begin('only.example');
    }
    expect(lanes.isAnyFree()).toBe(false);
  });

  it('are two for a domain that has not answered while others wait, and one more for each mail that ends, up to half', () => {
    const lanes = createDomainLanes(TEN);
    for (const domain of ['good.example', 'silent.example']) lanes.wait(domain, 20);
    for (let mail = 0; mail < 2; mail++) lanes.begin('silent.example');
    expect(lanes.room('silent.example')).toBe(0);
    const rooms: number[] = [];
    for (let mail = 0; mail < 5; mail++) {
      rooms.push(lanes.room('good.example'));
      lanes.begin('good.example');
      lanes.end('good.example');
    }
    expect(rooms).toEqual([2, 3, 4, 5, 5]);
    expect(lanes.room('silent.example')).toBe(0);
    // Once all is sent, it is as new.
    lanes.wait('good.example', -15);
    lanes.wait('good.example', 1);
    expect(lanes.room('good.example')).toBe(2);
  });

  it('tell that a domain is silent once none of its mails has ended for a second', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const lanes = createDomainLanes(TEN);
    lanes.wait('some.example', 3);
    for (let mail = 0; mail < 2; mail++) lanes.begin('some.example');
    vi.advanceTimersByTime(900);
    expect(lanes.isSilent('some.example')).toBe(false);
    lanes.end('some.example');
    vi.advanceTimersByTime(900);
    expect(lanes.isSilent('some.example')).toBe(false);
    vi.advanceTimersByTime(200);
    expect(lanes.isSilent('some.example')).toBe(true);
    lanes.end('some.example');
    expect(lanes.isSilent('some.example')).toBe(false);
    expect(lanes.isSilent('other.example')).toBe(false);
  });

  it('know the pace of a slow domain until it is slow no more', () => {
    const lanes = createDomainLanes(TEN);
    const pace = slowDown(null, moment(0), 60_000);
    lanes.setSlow('slow.example', true);
    expect(lanes.paceOf('slow.example')).toBeNull();
    lanes.setPace('slow.example', pace);
    lanes.setSlow('slow.example', true);
    expect(lanes.paceOf('slow.example')).toEqual(pace);
    // One after the other.
    const looks = [1, 2, 3].map(() => lanes.lookAgainAt('slow.example', pace, at(0)));
    expect(looks).toEqual([at(60_000), at(61_000), at(62_000)]);
    lanes.setPace('slow.example', null);
    expect(lanes.isSlow('slow.example')).toBe(false);
  });

  it('that another domain leaves when it is done go to who waits', () => {
    const lanes = createDomainLanes(TEN);
    lanes.wait('slow.example', 20);
    lanes.wait('other.example', 1);
    for (let mail = 0; mail < 2; mail++) lanes.begin('slow.example');
    lanes.begin('other.example');
    expect(lanes.room('slow.example')).toBe(6);
  });
});

describe('a job whose mails do not end', () => {
  const job = { ended: () => 0, canBegin: () => false, isSilent: () => false, canOthersGo: () => true };
  const never = new Promise(() => {});
  const isStuckAtOnce = (what: Partial<JobInHand>) => {
    const later = new Promise((resolve) => setTimeout(resolve, 50, 'waits'));
    return Promise.race([untilStuck({ ...job, ...what }, never), later]);
  };

  it('makes way at once where all that is left goes to silent domains, and otherwise waits', async () => {
    expect(await isStuckAtOnce({ isSilent: () => true })).toBeNull();
    expect(await isStuckAtOnce({})).toBe('waits');
    expect(await isStuckAtOnce({ isSilent: () => true, canBegin: () => true })).toBe('waits');
  });
});

describe('a server’s wish for patience', () => {
  it.each<[string, number]>([
    ['450 4.2.0 <a@b.example>: Greylisted for 300 seconds', 300],
    ['451 4.7.1 Try again in 5 minutes', 300],
    ['451 4.7.1 Please try again in an hour', 3600],
    ['421 4.7.0 Too many messages, retry after 60 seconds', 60],
    ['451 Greylisting in action, please come back in 00:04:53', 293],
    ['452 Retry-After: 90', 90],
    ['450 4.2.2 Mailbox full', 0],
    ['451 Message of 5 minutes ago was refused', 0],
    ['451 try again in 900 hours', 4 * 3600],
  ])('%s', (answer, seconds) => {
    expect(readAskedWaitMs(answer)).toBe(seconds * 1000);
  });

  it('is a time within bounds, whatever a server writes, and read in no time', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), (answer) => {
        const ms = readAskedWaitMs(answer);
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThanOrEqual(4 * 3600_000);
      }),
    );
  });
});

describe('what the operator sets', () => {
  it('is a rate', () => {
    expect(['14/s', '500/h', '20000/d', '60/m'].map(parseRate)).toEqual([1000 / 14, 7200, 4320, 1000]);
    expect(['', '14', '0/s', '-1/s', '1.5/s', '14/w', '14 /s'].map(parseRate)).toEqual(Array(7).fill(null));
  });

  it.each([
    ['07:00-21:30', '2026-12-01T06:59:59Z', '2026-12-01T07:00:00Z'],
    ['07:00-21:30', '2026-12-01T07:00:00Z', null],
    ['07:00-21:30', '2026-12-01T21:29:59Z', null],
    ['07:00-21:30', '2026-12-01T21:30:00Z', '2026-12-02T07:00:00Z'],
    ['22:00-06:00', '2026-12-01T23:59:00Z', null],
    ['22:00-06:00', '2026-12-02T05:59:59Z', null],
    ['22:00-06:00', '2026-12-02T06:00:00Z', '2026-12-02T22:00:00Z'],
    ['22:00-00:00', '2026-12-02T00:00:00Z', '2026-12-02T22:00:00Z'],
  ])('is the hours %s, which at %s open at %s', (text, now, opening) => {
    const window = parseWindow(text);
    if (!window) throw new Error('not read');
    expect(nextOpening(window, new Date(now))).toEqual(opening && new Date(opening));
  });

  it('is no hours where it says none', () => {
    const none = ['', '7:00-21:00', '07:00', '24:00-06:00', '07:60-08:00', '07:00-07:00', '07:00-21:00 '];
    expect(none.map(parseWindow)).toEqual(none.map(() => null));
  });

  it('is a warm-up that doubles each day and ends', () => {
    const warmup = parseWarmup('2026-12-01:500');
    if (!warmup) throw new Error('not read');
    const limit = (day: string) => warmupLimit(warmup, new Date(day));
    expect(limit('2026-11-30T23:59:59Z')).toBeNull();
    expect(limit('2026-12-01T00:00:00Z')).toBe(500);
    expect(limit('2026-12-03T12:00:00Z')).toBe(2000);
    expect(limit('2026-12-31T00:00:00Z')).toBeNull();
    expect(['2026-02-31:5', '2026-12-01', '2026-12-01:0', 'x'].map(parseWarmup)).toEqual(Array(4).fill(null));
  });
});
