/** When failures for now are enough: what ends a row of them, and what is not known yet. */
import { describe, expect, it } from 'vitest';
import { countSoft } from '../../../src/deliveries/record-bounce.ts';

const DAY_MS = 24 * 3600_000;
const now = new Date('2026-11-24T08:00:00Z');
/** Mails sent so many days ago; those with `true` came back. */
const sent = (...mails: [daysAgo: number, soft: boolean][]) =>
  mails.map(([daysAgo, soft]) => ({ sentAt: new Date(now.getTime() - daysAgo * DAY_MS), soft }));

describe('a row of soft bounces', () => {
  it('is as long as it reaches back without a mail that arrived', () => {
    const row = countSoft(sent([0, true], [1, true], [4, true], [6, false], [8, true]), now);
    expect(row).toEqual({ inRow: 3, overMs: 4 * DAY_MS });
  });

  it('is not ended by mails that went out a moment ago, of which nobody knows yet', () => {
    expect(countSoft(sent([1, false], [2, false], [3, true], [13, true]), now)).toEqual({
      inRow: 2,
      overMs: 10 * DAY_MS,
    });
  });

  it('is ended by a mail that did not come back within five days', () => {
    expect(countSoft(sent([6, false], [7, true], [17, true]), now)).toEqual({ inRow: 0, overMs: 0 });
  });

  it('is none where nothing was sent', () => {
    expect(countSoft([], now)).toEqual({ inRow: 0, overMs: 0 });
  });
});
