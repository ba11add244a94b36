/** How good a ranking is against what a reader really took. All figures are means over readers, each counting the same. */

export const DEPTH = 300;

/** `recall[k]` and the rest of one reader's ranking, or their means over readers; 0 to 1. */
export interface Quality {
  recall10: number;
  recall50: number;
  recall100: number;
  recall300: number;
  ndcg10: number;
  map: number;
  precision10: number;
}

export const QUALITIES = {
  recall10: 'R@10',
  recall50: 'R@50',
  recall100: 'R@100',
  recall300: 'R@300',
  ndcg10: 'NDCG@10',
  map: 'MAP',
  precision10: 'P@10',
} as const satisfies Record<keyof Quality, string>;

/**
 * Judges one ranking, best first. Whatever is relevant and not ranked counts as missed: the divisor is always the number
 * of relevant papers, with at most ten of them for the ideal of NDCG@10. Null where nothing is relevant.
 */
export function judge(ranked: readonly string[], relevant: readonly string[]): Quality | null {
  const wanted = new Set(relevant);
  if (wanted.size === 0) return null;
  const hits = { 10: 0, 50: 0, 100: 0, 300: 0 };
  let found = 0;
  let gain = 0;
  let precisions = 0;
  ranked.slice(0, DEPTH).forEach((id, at) => {
    if (!wanted.has(id)) return;
    found += 1;
    precisions += found / (at + 1);
    if (at < 10) gain += discount(at);
    for (const k of [10, 50, 100, 300] as const) if (at < k) hits[k] += 1;
  });
  let ideal = 0;
  for (let at = 0; at < Math.min(10, wanted.size); at += 1) ideal += discount(at);
  return {
    recall10: hits[10] / wanted.size,
    recall50: hits[50] / wanted.size,
    recall100: hits[100] / wanted.size,
    recall300: hits[300] / wanted.size,
    ndcg10: gain / ideal,
    map: precisions / wanted.size,
    precision10: hits[10] / 10,
  };
}

/** The mean of each figure over readers; readers for whom nothing was relevant (null) are left out. */
export function meanQuality(all: readonly (Quality | null)[]): Quality {
  const judged = all.filter((quality) => quality !== null);
  const mean = (name: keyof Quality) =>
    judged.reduce((sum, quality) => sum + quality[name], 0) / Math.max(1, judged.length);
  return {
    recall10: mean('recall10'),
    recall50: mean('recall50'),
    recall100: mean('recall100'),
    recall300: mean('recall300'),
    ndcg10: mean('ndcg10'),
    map: mean('map'),
    precision10: mean('precision10'),
  };
}

function discount(at: number): number {
  return 1 / Math.log2(at + 2);
}
