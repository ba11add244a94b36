/** Guards the baselines on a few papers, where it is plain which has to come first. */
import { describe, expect, it } from 'vitest';
import {
  type Baseline,
  bm25Baseline,
  svmBaseline,
  tfidfBaseline,
  votesBaseline,
} from '../../bench/baselines.ts';

const papers = [
  { title: 'Robot grasping', abstract: 'A robot hand grasps cups with touch.', upvotes: 1 },
  { title: 'Robot walking', abstract: 'A robot walks on stairs with long legs.', upvotes: 9 },
  { title: 'Protein folding', abstract: 'A network folds proteins of yeast.', upvotes: 5 },
  { title: 'Protein design', abstract: 'A network designs proteins that bind.', upvotes: null },
];
const candidates = [0, 1, 2, 3];

function order(baseline: Baseline, reader: { keywords?: string[]; liked?: number[] }): number[] {
  const { keywords = [], liked = [] } = reader;
  const open = candidates.filter((paper) => !liked.includes(paper));
  const scores = baseline({ keywords, liked, candidates: open });
  return open.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
}

describe('baselines', () => {
  it('votes: the most voted for first, whoever reads', () => {
    expect(order(votesBaseline(papers), { keywords: ['protein'] })).toEqual([1, 2, 0, 3]);
  });

  it('BM25: weighs a rare word more than a common one, and a paper without any at 0', () => {
    const baseline = bm25Baseline(papers);
    expect(order(baseline, { keywords: ['robot', 'stairs'] }).slice(0, 2)).toEqual([1, 0]);
    expect([...baseline({ keywords: ['robot'], liked: [], candidates })].slice(2)).toEqual([0, 0]);
  });

  it('BM25: is what the formula says', () => {
    const [score = 0] = bm25Baseline([
      { title: 'a', abstract: 'b', upvotes: null },
      { title: 'c', abstract: 'd', upvotes: null },
    ])({ keywords: ['a'], liked: [], candidates: [0, 1] });
    // One of two papers has it, once, at the mean length: idf ln(1 + 1.5 / 1.5), times 2.2 / 2.2.
    expect(score).toBeCloseTo(Math.log(2));
  });

  it('tf-idf: finds the paper most like the liked ones and the keywords', () => {
    const baseline = tfidfBaseline(papers);
    expect(order(baseline, { liked: [2] })[0]).toBe(3);
    expect(
      order(baseline, { keywords: ['walking'], liked: [2] })
        .slice(0, 2)
        .sort(),
    ).toEqual([1, 3]);
  });

  it('SVM: separates what was liked from the rest, the same each time', () => {
    // Terms count from five papers on, so each has its double.
    const many = Array.from({ length: 24 }, (_, at) => ({
      title: `Number ${at}`,
      abstract: papers[at % 4]?.abstract ?? '',
      upvotes: null,
    }));
    const reader = { keywords: [], liked: [2, 3], candidates: many.map((_, at) => at).slice(4) };
    const scores = svmBaseline(many)(reader);
    expect(scores[6]).toBeGreaterThan(scores[4] ?? 0);
    expect(scores[7]).toBeGreaterThan(scores[5] ?? 0);
    expect(svmBaseline(many)(reader)).toEqual(scores);
  });
});
