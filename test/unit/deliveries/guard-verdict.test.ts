/** When sending stops by itself: at shares that ruin a sender's name, not at a few mails or a mail server that restarts. */
import { expect, it } from 'vitest';
import { judgeSending, shareOf } from '../../../src/deliveries/guard-verdict.ts';

const NOW = new Date('2026-11-24T08:00:00Z');
const LIMITS = { hardBouncePercent: 5, complaintPercent: 0.3 };
const well = { mails: 1000, hardBounces: 0, complaints: 0, outage: null };
const reason = (figures: Partial<Parameters<typeof judgeSending>[0]>, limits = LIMITS) =>
  judgeSending({ ...well, ...figures }, limits, NOW)?.reason ?? null;
const outage = (inRow: number, minutes: number) => ({
  inRow,
  since: new Date(NOW.getTime() - minutes * 60_000),
});

it.each([
  [{ hardBounces: 50 }, null],
  [{ hardBounces: 51 }, 'hard_bounces'],
  [{ mails: 199, hardBounces: 199 }, null],
  [{ mails: 200, hardBounces: 11 }, 'hard_bounces'],
  [{ complaints: 3 }, null],
  [{ complaints: 4 }, 'complaints'],
  [{ mails: 200, complaints: 2 }, null],
  [{ mails: 200, complaints: 3 }, 'complaints'],
  [{ mails: 199, complaints: 9 }, null],
  [{ mails: 0, outage: outage(50, 5) }, 'unreachable'],
  [{ outage: outage(49, 60) }, null],
  [{ outage: outage(5000, 4.9) }, null],
])('of %j says %s', (figures, expected) => {
  expect(reason(figures)).toBe(expected);
});

it('goes by the operator’s limits, of which 100 is never', () => {
  expect(reason({ hardBounces: 1 }, { hardBouncePercent: 0, complaintPercent: 100 })).toBe('hard_bounces');
  const never = { hardBouncePercent: 100, complaintPercent: 100 };
  expect(reason({ hardBounces: 1000, complaints: 1000 }, never)).toBeNull();
});

it('tells the figures and the setting', () => {
  expect(judgeSending({ ...well, mails: 800, hardBounces: 81 }, LIMITS, NOW)?.detail).toBe(
    'Of the last 800 digests 81 came back as hard bounces (10.13 %), more than PAUSE_AT_HARD_BOUNCES allows (5 %).',
  );
  expect(shareOf(0, 0)).toBe('0 %');
});
