/** The latest honest counts of a paper, and how fast votes come in. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recentRate, summarizeTrend, type TrendObservation } from '../../../src/papers/trend.ts';

const NOW = new Date('2026-03-02T12:00:00Z');
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);
const seen = (over: Partial<TrendObservation>): TrendObservation => ({
  source: 'hf',
  listedAt: hoursAgo(24),
  observedAt: hoursAgo(1),
  upvotes: 10,
  comments: null,
  githubStars: null,
  ...over,
});

describe('summarizeTrend', () => {
  it('gives the latest counts, without the name of the source', () => {
    const series = [seen({ observedAt: hoursAgo(5), upvotes: 4 }), seen({ comments: 2 })];
    expect(summarizeTrend(series, NOW)).toEqual({
      upvotes: 10,
      comments: 2,
      githubStars: null,
      listedAt: hoursAgo(24),
      observedAt: hoursAgo(1),
    });
  });

  it('takes a count that went down as it is', () => {
    const series = [seen({ observedAt: hoursAgo(5), upvotes: 40 }), seen({ upvotes: 3 })];
    expect(summarizeTrend(series, NOW)?.upvotes).toBe(3);
  });

  it('takes the more active source whole, and adds nothing up', () => {
    const slow = seen({ source: 'old', upvotes: 100, listedAt: hoursAgo(1000) });
    const fast = seen({ source: 'hf', upvotes: 60 });
    expect(summarizeTrend([slow, fast], NOW)).toMatchObject({ upvotes: 60, listedAt: fast.listedAt });
  });

  it('is not carried away by the first minutes', () => {
    const early = seen({ source: 'new', upvotes: 3, listedAt: hoursAgo(0.1), observedAt: hoursAgo(0) });
    expect(summarizeTrend([early, seen({ upvotes: 60 })], NOW)?.upvotes).toBe(60);
  });

  it('prefers votes to comments and comments to nothing', () => {
    const silent = seen({ source: 'a', upvotes: null });
    const talked = seen({ source: 'b', upvotes: null, comments: 0 });
    expect(summarizeTrend([silent], NOW)).toBeNull();
    expect(summarizeTrend([silent, talked], NOW)?.comments).toBe(0);
    expect(summarizeTrend([silent, talked, seen({ upvotes: 0 })], NOW)?.upvotes).toBe(0);
    expect(summarizeTrend([], NOW)).toBeNull();
  });
});

describe('recentRate', () => {
  it('goes by the latest interval', () => {
    const series = [
      seen({ observedAt: hoursAgo(20), upvotes: 2 }),
      seen({ observedAt: hoursAgo(3), upvotes: 40 }),
      seen({ observedAt: hoursAgo(1), upvotes: 50 }),
    ];
    expect(recentRate(series, NOW)).toBe(5);
  });

  it('looks past counts less than half an hour apart', () => {
    const series = [
      seen({ observedAt: hoursAgo(3), upvotes: 40 }),
      seen({ observedAt: hoursAgo(1.2), upvotes: 41 }),
      seen({ observedAt: hoursAgo(1), upvotes: 50 }),
    ];
    expect(recentRate(series, NOW)).toBe(5);
  });

  it('falls back to all votes since the listing, of one hour at least', () => {
    expect(recentRate([seen({ upvotes: 46 })], NOW)).toBe(2);
    expect(recentRate([seen({ upvotes: 4, listedAt: hoursAgo(1.1) })], NOW)).toBe(4);
  });

  it('is fair to a paper of two hours against one of yesterday', () => {
    const young = [seen({ upvotes: 12, listedAt: hoursAgo(2), observedAt: hoursAgo(0) })];
    const old = [seen({ upvotes: 60, observedAt: hoursAgo(0) })];
    expect(recentRate(young, NOW)).toBeGreaterThan(recentRate(old, NOW));
  });

  it('is 0 where votes were taken back or none are known', () => {
    const series = [seen({ observedAt: hoursAgo(3), upvotes: 40 }), seen({ upvotes: 3 })];
    expect(recentRate(series, NOW)).toBe(0);
    expect(recentRate([seen({ upvotes: null, comments: 9 })], NOW)).toBe(0);
    expect(recentRate([], NOW)).toBe(0);
  });
});

describe('whatever the series', () => {
  const count = fc.option(fc.nat(5000));
  const observation: fc.Arbitrary<TrendObservation> = fc.record({
    source: fc.constantFrom('hf', 'arxiv', 'other'),
    listedAt: fc.integer({ min: -10, max: 2000 }).map(hoursAgo),
    observedAt: fc.integer({ min: -100, max: 2000 }).map((tenths) => hoursAgo(tenths / 10)),
    upvotes: count,
    comments: count,
    githubStars: count,
  });
  // The table holds one line a source and time.
  const series = fc.uniqueArray(observation, {
    maxLength: 12,
    selector: ({ source, observedAt }) => `${source} ${observedAt.getTime()}`,
  });
  /** The sources are compared by this, so this is what more votes must not lower. */
  const strength = (of: readonly TrendObservation[]) => {
    const trend = summarizeTrend(of, NOW);
    const hours = trend ? Math.max(0, trend.observedAt.getTime() - trend.listedAt.getTime()) / 3_600_000 : 0;
    return (trend?.upvotes ?? -1) / (hours + 12);
  };
  const both = (of: readonly TrendObservation[]) => [summarizeTrend(of, NOW), recentRate(of, NOW)];

  it('does not depend on its order, even with two lines of one time', () => {
    fc.assert(
      fc.property(
        fc
          .array(observation, { maxLength: 12 })
          .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          expect(both(shuffled)).toEqual(both(all));
        },
      ),
    );
  });

  it('is not changed by an older line of a source that has a newer one', () => {
    fc.assert(
      fc.property(series, observation, fc.integer({ min: 1, max: 99 }), (all, extra, hours) => {
        const known = all.filter(({ source, observedAt }) => source === extra.source && observedAt <= NOW);
        fc.pre(known.length > 0);
        const latest = Math.max(...known.map(({ observedAt }) => observedAt.getTime()));
        const older = { ...extra, observedAt: new Date(latest - hours * 3_600_000) };
        expect(summarizeTrend([...all, older], NOW)).toEqual(summarizeTrend(all, NOW));
      }),
    );
  });

  it('knows nothing from after now', () => {
    fc.assert(
      fc.property(series, (all) => {
        expect(both(all)).toEqual(both(all.filter(({ observedAt }) => observedAt <= NOW)));
      }),
    );
  });

  it('gives finite rates, never below 0, whatever the dates', () => {
    const wild = fc.record({
      source: fc.constantFrom('hf', 'other'),
      listedAt: fc.date({ noInvalidDate: false }),
      observedAt: fc.date({ noInvalidDate: false }),
      upvotes: fc.option(fc.oneof(fc.integer(), fc.double())),
      comments: count,
      githubStars: count,
    });
    fc.assert(
      fc.property(fc.array(wild, { maxLength: 8 }), (all) => {
        const rate = recentRate(all, NOW);
        expect(Number.isFinite(rate) && rate >= 0).toBe(true);
        summarizeTrend(all, NOW);
      }),
    );
  });

  it('never falls with more upvotes in the latest counts', () => {
    fc.assert(
      fc.property(series, fc.constantFrom('hf', 'arxiv', 'other'), fc.nat(1000), (all, source, more) => {
        const latest = all
          .filter((one) => one.source === source && one.observedAt <= NOW)
          .sort((a, b) => b.observedAt.getTime() - a.observedAt.getTime())[0];
        const raised = all.map((one) =>
          one === latest && one.upvotes !== null ? { ...one, upvotes: one.upvotes + more } : one,
        );
        expect(strength(raised)).toBeGreaterThanOrEqual(strength(all));
        expect(recentRate(raised, NOW)).toBeGreaterThanOrEqual(recentRate(all, NOW));
      }),
    );
  });
});
