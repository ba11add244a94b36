/** Guards the order of trending papers. */
import { describe, expect, it } from 'vitest';
import { rankTrending } from '../../../src/ranking/trending.ts';
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
    for (const { score } of scores) {
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1);
    }
  });
});
