/**
 * arXiv categories as vectors, so that how a paper is filed can be compared with how others are: papers of one narrow
 * interest are filed alike, and a rare category says more than one that half of the papers are in.
 */

/** Entries `start[p]` to `start[p + 1]` belong to paper `p`: distinct categories by number, with weights of unit length. */
export interface CategoryVectors {
  readonly start: Uint32Array;
  readonly categories: Uint32Array;
  readonly weights: Float64Array;
  /** How many distinct categories there are. */
  readonly count: number;
}

/** Indexes lists of categories given in ordinal order. */
export function indexCategories(lists: readonly (readonly string[])[]): CategoryVectors {
  const numbers = new Map<string, number>();
  const counts: number[] = [];
  const distinct = lists.map((list) =>
    [...new Set(list)].map((category) => {
      const number = numbers.get(category) ?? numbers.size;
      numbers.set(category, number);
      counts[number] = (counts[number] ?? 0) + 1;
      return number;
    }),
  );
  const start = new Uint32Array(lists.length + 1);
  distinct.forEach((list, paper) => {
    start[paper + 1] = (start[paper] ?? 0) + list.length;
  });
  const weights = new Float64Array(start[lists.length] ?? 0);
  distinct.forEach((list, paper) => {
    const rarities = list.map((number) => Math.log(1 + lists.length / (counts[number] ?? 1)));
    const length = Math.hypot(...rarities);
    rarities.forEach((rarity, at) => {
      weights[(start[paper] ?? 0) + at] = rarity / length;
    });
  });
  return { start, categories: Uint32Array.from(distinct.flat()), weights, count: numbers.size };
}

/**
 * By ordinal, how alike each paper is filed to the weighted examples, 0 to 1. A paper of which no category is known
 * gets what the examples get among themselves: nothing speaks against it.
 */
export function fileAffinity(
  { start, categories, weights, count }: CategoryVectors,
  examples: { papers: readonly number[]; shares: readonly number[] },
): Float64Array {
  const wish = new Float64Array(count);
  for (let at = 0; at < examples.papers.length; at += 1) {
    const paper = examples.papers[at] ?? 0;
    for (let entry = start[paper] ?? 0; entry < (start[paper + 1] ?? 0); entry += 1) {
      const category = categories[entry] ?? 0;
      wish[category] = (wish[category] ?? 0) + (examples.shares[at] ?? 0) * (weights[entry] ?? 0);
    }
  }
  const affinities = new Float64Array(start.length - 1);
  for (let paper = 0; paper < affinities.length; paper += 1) {
    let sum = 0;
    for (let entry = start[paper] ?? 0; entry < (start[paper + 1] ?? 0); entry += 1) {
      sum += (wish[categories[entry] ?? 0] ?? 0) * (weights[entry] ?? 0);
    }
    affinities[paper] = sum;
  }
  const ordinary = examples.papers.reduce(
    (sum, paper, at) => sum + (examples.shares[at] ?? 0) * (affinities[paper] ?? 0),
    0,
  );
  for (let paper = 0; paper < affinities.length; paper += 1) {
    if (start[paper] === start[paper + 1]) affinities[paper] = ordinary;
  }
  return affinities;
}
