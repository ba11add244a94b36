/** When two clocks count as one. */
import { describe, expect, it } from 'vitest';
import { compareClocks } from '../../../src/doctor/clock.ts';
import { fault } from '../../../src/doctor/finding.ts';

describe('another clock', () => {
  it.each([
    [30, 'ok', 'agrees with this machine'],
    [-30, 'ok', 'agrees with this machine'],
    [31, 'fault', '31 s ahead of this machine'],
    [-31, 'fault', '31 s behind this machine'],
  ])('%i s away, where 30 are allowed, is %s', (seconds, state, found) => {
    expect(compareClocks('clock', seconds, { limit: 30, beyond: fault })).toMatchObject({ state, found });
  });
});
