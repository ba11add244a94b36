/** When digests are due: in the reader's own zone, once a slot, through every trick that clocks and calendars play. */
import { describe, expect, it } from 'vitest';
import { editionOf, isTimezone, nextDueAt, type Schedule } from '../../../src/subscribers/schedule.ts';

const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
const daily = (timezone: string, hour: number, weekdays = EVERY_DAY): Schedule => ({
  frequency: 'daily',
  weekdays,
  hour,
  timezone,
});
const weekly = (timezone: string, hour: number, weekday: number): Schedule => ({
  ...daily(timezone, hour, [weekday]),
  frequency: 'weekly',
});

/** The next slots and their editions. */
function slots(schedule: Schedule, after: string, count: number): [string, string][] {
  let at = new Date(after);
  return Array.from({ length: count }, () => {
    at = nextDueAt(schedule, at);
    return [at.toISOString().replace(':00.000Z', 'Z'), editionOf(schedule, at)];
  });
}

describe('the next digest', () => {
  it('is strictly later than now, also when now is a slot', () => {
    const schedule = daily('UTC', 8);
    expect(nextDueAt(schedule, new Date('2026-11-24T07:59:59.999Z'))).toEqual(
      new Date('2026-11-24T08:00:00Z'),
    );
    expect(nextDueAt(schedule, new Date('2026-11-24T08:00:00.000Z'))).toEqual(
      new Date('2026-11-25T08:00:00Z'),
    );
  });

  const cases: [string, Schedule, string, [string, string][]][] = [
    [
      'an hour that Berlin skips moves to the hour after it',
      daily('Europe/Berlin', 2),
      '2026-03-28T00:00Z',
      [
        ['2026-03-28T01:00Z', '2026-03-28'],
        ['2026-03-29T01:00Z', '2026-03-29'],
        ['2026-03-30T00:00Z', '2026-03-30'],
      ],
    ],
    [
      'an hour that Berlin repeats counts once, the first time',
      daily('Europe/Berlin', 2),
      '2026-10-24T12:00Z',
      [
        ['2026-10-25T00:00Z', '2026-10-25'],
        ['2026-10-26T01:00Z', '2026-10-26'],
      ],
    ],
    [
      'the hour stays the same on both sides of a change',
      daily('America/St_Johns', 7),
      '2026-03-07T09:00Z',
      [
        ['2026-03-07T10:30Z', '2026-03-07'],
        ['2026-03-08T09:30Z', '2026-03-08'],
      ],
    ],
    [
      'a zone 45 minutes off the hour',
      daily('Asia/Kathmandu', 0),
      '2026-11-24T00:00Z',
      [
        ['2026-11-24T18:15Z', '2026-11-25'],
        ['2026-11-25T18:15Z', '2026-11-26'],
      ],
    ],
    [
      'an hour that Nuuk skips at the end of a day stays on that day',
      daily('America/Nuuk', 23),
      '2026-03-27T12:00Z',
      [
        ['2026-03-28T01:00Z', '2026-03-27'],
        ['2026-03-29T00:00Z', '2026-03-28'],
        ['2026-03-30T00:00Z', '2026-03-29'],
      ],
    ],
    [
      'a midnight that Cairo skips',
      daily('Africa/Cairo', 0),
      '2026-04-23T00:00Z',
      [
        ['2026-04-23T22:00Z', '2026-04-24'],
        ['2026-04-24T21:00Z', '2026-04-25'],
      ],
    ],
    [
      'the Friday that Apia never had has no digest',
      daily('Pacific/Apia', 8),
      '2011-12-29T00:00Z',
      [
        ['2011-12-29T18:00Z', '2011-12-29'],
        ['2011-12-30T18:00Z', '2011-12-31'],
      ],
    ],
    [
      'a day of its own, far ahead of UTC',
      weekly('Pacific/Kiritimati', 6, 1),
      '2026-11-22T00:00Z',
      [
        ['2026-11-22T16:00Z', '2026-W48'],
        ['2026-11-29T16:00Z', '2026-W49'],
      ],
    ],
    [
      'only the chosen days',
      daily('UTC', 8, [1, 3, 6]),
      '2026-11-24T00:00Z',
      [
        ['2026-11-25T08:00Z', '2026-11-25'],
        ['2026-11-28T08:00Z', '2026-11-28'],
        ['2026-11-30T08:00Z', '2026-11-30'],
      ],
    ],
    [
      'Sundays, the last days of their weeks, over the turn of a year with 53 weeks',
      weekly('UTC', 8, 0),
      '2026-12-26T00:00Z',
      [
        ['2026-12-27T08:00Z', '2026-W52'],
        ['2027-01-03T08:00Z', '2026-W53'],
        ['2027-01-10T08:00Z', '2027-W01'],
      ],
    ],
    [
      'a week that starts in the old year and belongs to the new one',
      weekly('UTC', 8, 1),
      '2024-12-25T00:00Z',
      [
        ['2024-12-30T08:00Z', '2025-W01'],
        ['2025-01-06T08:00Z', '2025-W02'],
      ],
    ],
    [
      'a leap day',
      daily('Asia/Tokyo', 0),
      '2028-02-28T00:00Z',
      [
        ['2028-02-28T15:00Z', '2028-02-29'],
        ['2028-02-29T15:00Z', '2028-03-01'],
      ],
    ],
  ];
  it.each(cases)('%s', (_name, schedule, after, expected) => {
    expect(slots(schedule, after, expected.length)).toEqual(expected);
  });

  it('does not exist for a schedule without days', () => {
    expect(() => nextDueAt(daily('UTC', 8, []), new Date())).toThrow(RangeError);
  });
});

describe('a time zone', () => {
  it.each([
    'UTC',
    'Europe/Berlin',
    'America/Argentina/Buenos_Aires',
    'Etc/GMT+2',
    'europe/berlin',
    'US/Pacific',
  ])('is known: %s', (name) => {
    expect(isTimezone(name)).toBe(true);
    expect(nextDueAt(daily(name, 8), new Date())).toBeInstanceOf(Date);
  });
  it.each([
    '',
    'Mars',
    '+02:00',
    'UTC+2',
    'GMT+02:00',
    'IST',
    'ACT',
    'Z',
    'Europe',
    '../zone',
    'Europe/Berlin\n',
    '5',
  ])('is not known: %j', (name) => expect(isTimezone(name)).toBe(false));
  it('that the page offers can be reckoned with, every one', () => {
    for (const name of Intl.supportedValuesOf('timeZone'))
      expect([name, isTimezone(name)]).toEqual([name, true]);
  });
});
