/**
 * arXiv categories as vectors, so that how a paper is filed can be compared with how others are: papers of one narrow
 * interest are filed alike, and a rare category says more than one that half of the papers are in.
 */

/** Papers filed under the same categories share one filing, so that each is looked at once. */
export interface Filings {
  /** By ordinal, the number of the paper's filing. */
  readonly filingOf: Uint32Array;
  /** Entries `start[f]` to `start[f + 1]` belong to filing `f`: categories by number, with weights of unit length. */
  readonly start: Uint32Array;
  readonly categories: Uint32Array;
  readonly weights: Float64Array;
  /** How many distinct categories there are. */
  readonly count: number;
}

/** Indexes lists of categories given in ordinal order. */
export function indexCategories(lists: readonly (readonly string[])[]): Filings {
  const numbers = new Map<string, number>();
  const counts: number[] = [];
  const filings = new Map<string, { filing: number; list: number[] }>();
  const filingOf = Uint32Array.from(lists, (list) => {
    const distinct = [...new Set(list)].sort();
    const own = distinct.map((category) => {
      const number = numbers.get(category) ?? numbers.size;
      numbers.set(category, number);
      counts[number] = (counts[number] ?? 0) + 1;
      return number;
    });
    const key = own.join(' ');
    const known = filings.get(key) ?? { filing: filings.size, list: own };
    filings.set(key, known);
    return known.filing;
  });
  const distinct = Array.from(filings.values(), ({ list }) => list);
  const start = new Uint32Array(distinct.length + 1);
  distinct.forEach((list, filing) => {
    start[filing + 1] = (start[filing] ?? 0) + list.length;
  });
  const weights = distinct.flatMap((list) => {
    const rarities = list.map((number) => Math.log(1 + lists.length / (counts[number] ?? 1)));
    const length = Math.hypot(...rarities);
    return rarities.map((rarity) => rarity / length);
  });
  return {
    filingOf,
    start,
    categories: Uint32Array.from(distinct.flat()),
    weights: Float64Array.from(weights),
    count: numbers.size,
  };
}

/**
 * By filing, how alike papers filed so are to the weighted examples, 0 to 1. Where no category is known, what the
 * examples get among themselves: nothing speaks against it.
 */
export function fileAffinity(
  { filingOf, start, categories, weights, count }: Filings,
  examples: { papers: readonly number[]; shares: readonly number[] },
): Float64Array {
  const wish = new Float64Array(count);
  for (let at = 0; at < examples.papers.length; at += 1) {
    const filing = filingOf[examples.papers[at] ?? 0] ?? 0;
    for (let entry = start[filing] ?? 0; entry < (start[filing + 1] ?? 0); entry += 1) {
      const category = categories[entry] ?? 0;
      wish[category] = (wish[category] ?? 0) + (examples.shares[at] ?? 0) * (weights[entry] ?? 0);
    }
  }
  const affinities = new Float64Array(start.length - 1);
  for (let filing = 0; filing < affinities.length; filing += 1) {
    let sum = 0;
    for (let entry = start[filing] ?? 0; entry < (start[filing + 1] ?? 0); entry += 1) {
      sum += (wish[categories[entry] ?? 0] ?? 0) * (weights[entry] ?? 0);
    }
    affinities[filing] = sum;
  }
  const ordinary = examples.papers.reduce(
    (sum, paper, at) => sum + (examples.shares[at] ?? 0) * (affinities[filingOf[paper] ?? 0] ?? 0),
    0,
  );
  for (let filing = 0; filing < affinities.length; filing += 1) {
    if (start[filing] === start[filing + 1]) affinities[filing] = ordinary;
  }
  return affinities;
}
