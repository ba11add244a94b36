/** A linear support vector machine over sparse rows, for the baseline that learns a classifier for each reader. */

/** Documents as rows of terms and weights: row `r` has entries `rowStart[r]` to `rowStart[r + 1]`. */
export interface Matrix {
  rowStart: Uint32Array;
  terms: Uint32Array;
  weights: Float64Array;
  termCount: number;
}

/** A row of the matrix, what it is, and what it costs to be wrong about it. */
export interface Example {
  row: number;
  label: 1 | -1;
  cost: number;
}

const SVM_PASSES = 60;
const SVM_TOLERANCE = 0.1;

/**
 * Dual coordinate descent on the squared hinge (Hsieh et al. 2008, algorithm 1), until no step would be large. The order
 * is shuffled in every pass, as it must be to get there soon, by numbers that are the same each time.
 */
export function trainSvm(
  { rowStart, terms, weights, termCount }: Matrix,
  examples: readonly Example[],
): Float64Array {
  // The last weight is the bias.
  const w = new Float64Array(termCount + 1);
  const alphas = new Float64Array(examples.length);
  const order = examples.map((_, at) => at);
  const draw = makeDraws();
  for (let pass = 0; pass < SVM_PASSES; pass += 1) {
    let worst = 0;
    shuffle(order, draw);
    for (const place of order) {
      const { row, label, cost } = examples[place] ?? { row: 0, label: 1, cost: 1 };
      const diagonal = 1 / (2 * cost);
      const start = rowStart[row] ?? 0;
      const end = rowStart[row + 1] ?? 0;
      let product = w[termCount] ?? 0;
      let square = 1;
      for (let at = start; at < end; at += 1) {
        const weight = weights[at] ?? 0;
        product += weight * (w[terms[at] ?? 0] ?? 0);
        square += weight * weight;
      }
      const alpha = alphas[place] ?? 0;
      const gradient = label * product - 1 + diagonal * alpha;
      if (alpha === 0 && gradient >= 0) continue;
      worst = Math.max(worst, Math.abs(gradient));
      const next = Math.max(0, alpha - gradient / (square + diagonal));
      const step = (next - alpha) * label;
      if (step === 0) continue;
      alphas[place] = next;
      for (let at = start; at < end; at += 1) {
        const term = terms[at] ?? 0;
        w[term] = (w[term] ?? 0) + step * (weights[at] ?? 0);
      }
      w[termCount] = (w[termCount] ?? 0) + step;
    }
    if (worst < SVM_TOLERANCE) break;
  }
  return w;
}

/** Whole numbers below `limit` that look random and repeat (Park and Miller). */
function makeDraws(): (limit: number) => number {
  let state = 1;
  return (limit) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
}

function shuffle(list: number[], draw: (limit: number) => number): void {
  for (let at = list.length - 1; at > 0; at -= 1) {
    const other = draw(at + 1);
    [list[at], list[other]] = [list[other] ?? 0, list[at] ?? 0];
  }
}
