/** The latest honest counts of a paper, and those before them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latestCitations, summarizeTrend, type TrendObservation } from '../../../src/papers/trend.ts';

const NOW = new Date('2026-03-02T12:00:00Z');
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);
const seen = (over: Partial<TrendObservation>): TrendObservation => ({
  source: 'hf',
  listedAt: hoursAgo(24),
  observedAt: hoursAgo(1),
  upvotes: 10,
  comments: null,
  githubStars: null,
  citations: null,
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
      earlier: null,
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

describe('latestCitations', () => {
  const cited = (citations: number | null, over: Partial<TrendObservation> = {}) =>
    seen({ source: 'semantic-scholar', upvotes: null, citations, ...over });

  it('takes the last count of each source, and of several sources the larger', () => {
    const series = [
      cited(40, { observedAt: hoursAgo(30) }),
      cited(12, { observedAt: hoursAgo(3) }),
      cited(9, { source: 'other', observedAt: hoursAgo(1) }),
    ];
    expect(latestCitations(series, NOW)).toBe(12);
    expect(latestCitations(series, hoursAgo(10))).toBe(40);
    expect(latestCitations([cited(0)], NOW)).toBe(0);
  });

  it('is unknown where nobody counts them, which is not the same as none', () => {
    expect(latestCitations([seen({})], NOW)).toBeNull();
    expect(latestCitations([], NOW)).toBeNull();
  });

  it('makes no trend, however many there are', () => {
    const votes = seen({ upvotes: 1, listedAt: hoursAgo(300) });
    expect(summarizeTrend([cited(90_000)], NOW)).toBeNull();
    expect(summarizeTrend([cited(90_000), votes], NOW)).toEqual(summarizeTrend([votes], NOW));
  });
});

describe('the counts before the latest', () => {
  it('are the last of the same source that are six hours old', () => {
    const series = [
      seen({ observedAt: hoursAgo(20), upvotes: 2 }),
      seen({ observedAt: hoursAgo(6), upvotes: 40, comments: 3 }),
      seen({ observedAt: hoursAgo(5.5), upvotes: 45 }),
      seen({ source: 'quiet', observedAt: hoursAgo(6), upvotes: 1 }),
      seen({ observedAt: hoursAgo(0.5), upvotes: 50 }),
    ];
    expect(summarizeTrend(series, NOW)).toMatchObject({
      upvotes: 50,
      earlier: { upvotes: 40, comments: 3, githubStars: null, observedAt: hoursAgo(6) },
    });
  });

  it('are none for a paper that is new, and where the source has stopped counting', () => {
    expect(summarizeTrend([seen({ observedAt: hoursAgo(5) }), seen({})], NOW)?.earlier).toBeNull();
    const stopped = [seen({ observedAt: hoursAgo(30) }), seen({ observedAt: hoursAgo(20) })];
    expect(summarizeTrend(stopped, NOW)).toMatchObject({ observedAt: hoursAgo(20), earlier: null });
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
    citations: count,
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
  const both = (of: readonly TrendObservation[]) => [summarizeTrend(of, NOW), latestCitations(of, NOW)];

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
        const latestOf = (of: TrendObservation[]) => {
          const trend = summarizeTrend(of, NOW);
          return trend && { ...trend, earlier: null };
        };
        expect(latestOf([...all, older])).toEqual(latestOf(all));
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

  it('has nothing before the latest that is not before it, whatever the dates', () => {
    const wild = fc.record({
      source: fc.constantFrom('hf', 'other'),
      listedAt: fc.date({ noInvalidDate: false }),
      observedAt: fc.date({ noInvalidDate: false }),
      upvotes: fc.option(fc.oneof(fc.integer(), fc.double())),
      comments: count,
      githubStars: count,
      citations: count,
    });
    fc.assert(
      fc.property(fc.array(wild, { maxLength: 8 }), (all) => {
        const trend = summarizeTrend(all, NOW);
        if (trend?.earlier) expect(trend.earlier.observedAt < trend.observedAt).toBe(true);
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
      }),
    );
  });
});
