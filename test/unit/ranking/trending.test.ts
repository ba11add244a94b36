/** Guards the order of trending papers. */
import { describe, expect, it } from 'vitest';
import { rankTrending, trendStrength } from '../../../src/ranking/trending.ts';
import { makePaper, makeTrend, NOW } from './make-paper.ts';

const order = (papers: ReturnType<typeof makePaper>[], k = 10) =>
  rankTrending(papers, { now: NOW, k }).map(({ paperId }) => paperId);

describe('trending', () => {
  it('puts more votes in the same time first, and papers nobody counts last, the newer first', () => {
    const papers = [
      makePaper({ id: 1 }),
      makePaper({ id: 2, trend: makeTrend(3) }),
      makePaper({ id: 3, trend: makeTrend(58) }),
      makePaper({ id: 4 }),
    ];
    expect(order(papers)).toEqual([3, 2, 4, 1]);
    expect(order(papers.toReversed(), 2)).toEqual([3, 2]);
  });

  it('prefers the same votes won in less time', () => {
    expect(
      order([makePaper({ id: 1, trend: makeTrend(20, 6) }), makePaper({ id: 2, trend: makeTrend(20, 40) })]),
    ).toEqual([1, 2]);
  });

  it('is not fooled by two votes in the first hour', () => {
    expect(
      order([makePaper({ id: 1, trend: makeTrend(40, 12) }), makePaper({ id: 2, trend: makeTrend(2, 1) })]),
    ).toEqual([1, 2]);
  });

  describe('of papers with the same votes in the same time', () => {
    /** Sixty votes in a day, `late` of them in the last six hours. */
    const paper = (id: number, late: number) => {
      const trend = makeTrend(60, 24);
      const observedAt = new Date(NOW.getTime() - 6 * 3_600_000);
      return makePaper({ id, trend: { ...trend, earlier: { ...trend, upvotes: 60 - late, observedAt } } });
    };
    const unknown = makePaper({ id: 2, trend: makeTrend(60, 24) });

    it('puts one that takes off first, and one that has stopped last', () => {
      expect(order([paper(3, 0), unknown, paper(1, 50)])).toEqual([1, 2, 3]);
    });

    it('takes one that keeps its pace like one that was counted once', () => {
      // Votes dry up: of the sixty in a day, a steady paper wins about twelve in its last six hours.
      const [steady, once] = [paper(1, 12), unknown].map(({ trend }) => trendStrength(trend, 0.5, NOW));
      expect(steady).toBeCloseTo(once ?? 0, 1);
    });

    it('does not take for a rise what the source only began to count', () => {
      const { trend } = paper(1, 0);
      if (!trend?.earlier) throw new Error('it was counted before');
      const starred = { ...trend, githubStars: 5000 };
      const rise = trendStrength({ ...starred, earlier: { ...trend.earlier, githubStars: 0 } }, 0.5, NOW);
      expect(trendStrength(starred, 0.5, NOW)).toBeLessThan(rise);
    });
  });

  it('lets old fame fade', () => {
    const monthAgo = makePaper({ id: 1, trend: makeTrend(200, 24 * 30) });
    expect(order([monthAgo, makePaper({ id: 2, trend: makeTrend(15, 9) })])).toEqual([2, 1]);
  });

  it('stays finite and within 0 to 1 for clocks that run backwards and counts that are missing', () => {
    const odd = { ...makeTrend(5), listedAt: new Date(NOW.getTime() + 86_400_000) };
    const none = { ...makeTrend(0), upvotes: null };
    const scores = rankTrending([makePaper({ id: 1, trend: odd }), makePaper({ id: 2, trend: none })], {
      now: NOW,
      k: 2,
    });
    // Counted before it was listed, and more than now.
    const backwards = { ...odd, earlier: { ...odd, upvotes: 9, observedAt: new Date(NOW.getTime() + 9e8) } };
    scores.push({ paperId: 3, score: trendStrength(backwards, 0.5, NOW) });
    for (const { score } of scores) {
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1);
    }
  });
});
