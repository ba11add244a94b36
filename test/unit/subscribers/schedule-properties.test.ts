/** What holds for any schedule in any zone at any time, held against the clock of Intl, which the code does not reckon with. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editionOf, lastDueAt, nextDueAt, type Schedule } from '../../../src/subscribers/schedule.ts';

describe('any schedule at any time', () => {
  const hard = [
    'Europe/Berlin',
    'America/St_Johns',
    'Pacific/Apia',
    'Asia/Kathmandu',
    'America/Nuuk',
    'Australia/Lord_Howe',
  ];
  const schedules = fc
    .record({
      zone: fc.oneof(fc.constantFrom(...hard), fc.constantFrom(...Intl.supportedValuesOf('timeZone'))),
      hour: fc.integer({ min: 0, max: 23 }),
      days: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }),
      isWeekly: fc.boolean(),
    })
    .map(
      ({ zone, hour, days, isWeekly }): Schedule => ({
        frequency: isWeekly ? 'weekly' : 'daily',
        weekdays: isWeekly ? days.slice(0, 1) : days,
        hour,
        timezone: zone,
      }),
    );
  const times = fc.date({ min: new Date('2010-01-01'), max: new Date('2035-01-01'), noInvalidDate: true });

  // Asked of Intl, which the code under test does not use for reckoning.
  const clocks = new Map<string, Intl.DateTimeFormat>();
  function local(zone: string, at: Date) {
    const clock =
      clocks.get(zone) ??
      new Intl.DateTimeFormat('en-GB', {
        timeZone: zone,
        weekday: 'short',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        hourCycle: 'h23',
      });
    clocks.set(zone, clock);
    const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]));
    const weekday = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(parts.weekday ?? '');
    return { weekday, day: parts.day, hour: Number(parts.hour), minute: Number(parts.minute) };
  }

  it('comes on a chosen day at the chosen hour, the first time it strikes, or beside it where a clock skips it', () => {
    fc.assert(
      fc.property(schedules, times, (schedule, after) => {
        const slot = nextDueAt(schedule, after);
        expect(slot.getTime()).toBeGreaterThan(after.getTime());
        const { weekday, day, hour } = local(schedule.timezone, slot);
        expect(schedule.weekdays).toContain(weekday);
        // Every quarter of an hour around: zones differ by no less.
        const strikes = Array.from(
          { length: 25 },
          (_, at) => new Date(slot.getTime() + (at - 12) * 900_000),
        ).filter((time) => {
          const there = local(schedule.timezone, time);
          return there.day === day && there.hour === schedule.hour && there.minute === 0;
        });
        if (strikes[0]) expect(slot).toEqual(strikes[0]);
        else expect(Math.abs(hour - schedule.hour)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives slots in a row that are found again from any moment between, each of its own edition', () => {
    fc.assert(
      fc.property(schedules, times, fc.double({ min: 0, max: 1, noNaN: true }), (schedule, after, share) => {
        const first = nextDueAt(schedule, after);
        const second = nextDueAt(schedule, first);
        const between = new Date(
          first.getTime() + Math.floor((second.getTime() - first.getTime() - 1) * share),
        );
        expect(nextDueAt(schedule, between)).toEqual(second);
        expect(lastDueAt(schedule, between)).toEqual(first);
        expect(lastDueAt(schedule, second)).toEqual(second);
        expect(editionOf(schedule, first)).not.toBe(editionOf(schedule, second));
      }),
      { numRuns: 1000 },
    );
  });
});
