/** Days and weeks by name: each moment has one, and a name that reads is that of its period. */
import { describe, expect, it } from 'vitest';
import { periodAt, readPeriod } from '../../../src/digests/period.ts';

describe('a day or week by its name', () => {
  it('spans its days in UTC', () => {
    expect(readPeriod('day', '2026-11-24')).toEqual({
      kind: 'day',
      name: '2026-11-24',
      from: new Date('2026-11-24T00:00:00Z'),
      before: new Date('2026-11-25T00:00:00Z'),
    });
    expect(readPeriod('week', '2026-W48')).toEqual({
      kind: 'week',
      name: '2026-W48',
      from: new Date('2026-11-23T00:00:00Z'),
      before: new Date('2026-11-30T00:00:00Z'),
    });
  });

  it('knows the weeks that reach into another year', () => {
    expect(periodAt('week', new Date('2027-01-03T12:00:00Z')).name).toBe('2026-W53');
    expect(periodAt('week', new Date('2027-01-04T00:00:00Z')).name).toBe('2027-W01');
    expect(readPeriod('week', '2026-W53')?.from).toEqual(new Date('2026-12-28T00:00:00Z'));
  });

  it.each([
    ['day', ''],
    ['day', '2026-02-30'],
    ['day', '2026-13-01'],
    ['day', '26-11-24'],
    ['day', '2026-11-24T00:00'],
    ['day', '2026-W48'],
    ['day', '9999-12-31'],
    ['week', '2026-W00'],
    ['week', '2025-W53'],
    ['week', '2026-W99'],
    ['week', '2026-48'],
    ['week', '2026-11-24'],
  ] as const)('refuses a %s that is none: %s', (kind, name) => {
    expect(readPeriod(kind, name)).toBeNull();
  });
});
