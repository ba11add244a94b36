/** Guards the measures that the ranking is judged by: every expected number is worked out by hand. */
import { describe, expect, it } from 'vitest';
import { judge, meanQuality } from '../../bench/ranking-metrics.ts';

describe('the judgement of one ranking', () => {
  it('counts hits against all that was relevant, and gives early hits more', () => {
    const quality = judge(['a', 'x', 'b', 'y'], ['a', 'b', 'c']);
    expect(quality?.recall10).toBeCloseTo(2 / 3);
    expect(quality?.precision10).toBeCloseTo(0.2);
    // Precision 1 at the first hit and 2/3 at the second, over three relevant papers.
    expect(quality?.map).toBeCloseTo((1 + 2 / 3) / 3);
    // 1 + 1/log2(4) = 1.5 against 1 + 1/log2(3) + 1/2 = 2.1309.
    expect(quality?.ndcg10).toBeCloseTo(1.5 / 2.130929753571);
  });

  it('takes as the ideal of NDCG@10 ten hits where more are relevant', () => {
    const relevant = Array.from({ length: 25 }, (_, at) => `p${at}`);
    expect(judge(relevant, relevant)).toMatchObject({
      ndcg10: 1,
      precision10: 1,
      recall10: 0.4,
      recall50: 1,
      map: 1,
    });
  });

  it('counts a hit from its depth on', () => {
    const ranked = Array.from({ length: 400 }, (_, at) => `p${at}`);
    expect(judge(ranked, ['p60', 'p299', 'p300', 'not there'])).toMatchObject({
      recall10: 0,
      recall50: 0,
      recall100: 0.25,
      recall300: 0.5,
      ndcg10: 0,
    });
  });

  it('is 0 for an empty ranking, and nothing where nothing was relevant', () => {
    expect(judge([], ['a'])).toMatchObject({ recall300: 0, ndcg10: 0, map: 0 });
    expect(judge(['a'], [])).toBeNull();
  });
});

it('gives every reader the same weight and leaves out those for whom nothing was relevant', () => {
  const all = [judge(['a'], ['a']), judge(['x'], ['a', 'b', 'c']), judge(['a'], [])];
  expect(meanQuality(all)).toMatchObject({ recall10: 0.5, map: 0.5, precision10: 0.05 });
});
