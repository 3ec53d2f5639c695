import type { Matrix } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import { coMomentsOf, mergeCoMoments, NO_PAIRS, squaredCorrelation, type CoMoments } from './coMoments';
import type { PairBatch } from './pairBatch';
import { clampCosine, visitPairProducts } from './pairProducts';
import type { PairSample } from './pairSample';
import { inverseNorms, rowNorms } from './rowNorms';

/** How many of the top dimensions `r2Without` goes without. */
const REMOVALS = [1, 3, 5] as const;
/** Cosines are good to about 1e-15: a sample of them whose standard deviation is smaller than this does not vary. */
const COSINE_ROUNDING = 1e-13;

export interface PairComparison {
  /** of the pairs whose rows have a direction; float64, in no order that means anything */
  readonly cosines: Float64Array;
  /** squared correlation of the cosine with the cosine without the first 1, 3, 5 of the dimensions; `null` where there is none */
  readonly r2Without: Readonly<Record<'1' | '3' | '5', number | null>>;
}

/**
 * Cosines of the pairs, and how much of them survives without the top dimensions: the cosines of the same rows without those dimensions, norms taken
 * anew. A pair with a row of length 0 is left out; one that has nothing left without the dimensions, of that correlation.
 * @param matrix shape [N, d]
 * @param top dimensions, the most rogue first; those beyond the fifth are ignored
 */
export async function comparePairs(
  matrix: Matrix,
  pairs: PairSample,
  top: readonly number[],
  products: Products,
  signal?: AbortSignal,
): Promise<PairComparison> {
  const apart = top.slice(0, Math.max(...REMOVALS));
  const rows = splitUnitRows(matrix, apart);
  const cosines = new Float64Array(pairs.pairCount);
  let length = 0;
  const correlations = new Map<number, CoMoments>(REMOVALS.map((removed) => [removed, NO_PAIRS]));

  const visit = (batch: PairBatch): void => {
    const { count } = batch;
    // Columns come back one by one, the least rogue first: nothing is ever subtracted, so nothing cancels.
    const sums = batch.products.slice(0, count);
    const rests = new Map<number, Float64Array>();
    for (let removed = apart.length; removed > 0; removed--) {
      if (correlations.has(removed)) rests.set(removed, sums.slice());
      addColumn(sums, batch, rows.values[removed - 1]);
    }
    for (let at = 0; at < count; at++) sums[at] = clampCosine(sums[at]);
    cosines.set(sums, length);
    length += count;
    for (const [removed, rest] of rests) {
      const found = correlate(batch, sums, rest, rows.lengths[removed]);
      correlations.set(removed, mergeCoMoments(correlations.get(removed)!, found));
    }
  };
  await visitPairProducts(matrix, pairs, apart, products, visit, signal);

  const r2 = (removed: (typeof REMOVALS)[number]): number | null =>
    squaredCorrelation(correlations.get(removed)!, COSINE_ROUNDING);
  return { cosines: cosines.subarray(0, length), r2Without: { '1': r2(1), '3': r2(3), '5': r2(5) } };
}

interface SplitRows {
  /** values[c][i]: unit row i in the c-th of the columns apart */
  readonly values: readonly Float64Array[];
  /** lengths[r][i]: length of unit row i without the first r of them */
  readonly lengths: readonly Float64Array[];
}

function splitUnitRows({ data, rows, columns }: Matrix, apart: readonly number[]): SplitRows {
  const inverse = inverseNorms(rowNorms({ data, rows, columns }));
  const isApart = new Uint8Array(columns);
  for (const k of apart) isApart[k] = 1;
  const values = apart.map((k) => inverse.map((factor, row) => data[row * columns + k] * factor));
  const squares = inverse.map((factor, row) => {
    let sum = 0;
    for (let k = 0; k < columns; k++) if (isApart[k] === 0) sum += (data[row * columns + k] * factor) ** 2;
    return sum;
  });
  const lengths: Float64Array[] = [];
  for (let removed = apart.length; removed >= 0; removed--) {
    lengths[removed] = squares.map(Math.sqrt);
    // Added back one by one: a difference of nearly equal squares would lose the small rest.
    if (removed > 0) values[removed - 1].forEach((value, row) => (squares[row] += value * value));
  }
  return { values, lengths };
}

function addColumn(sums: Float64Array, { first, second }: PairBatch, column: Float64Array): void {
  for (let at = 0; at < sums.length; at++) sums[at] += column[first[at]] * column[second[at]];
}

/** @param rest inner products of what is left of the unit rows, of the given lengths; becomes their cosines, without the pairs that have none */
function correlate(batch: PairBatch, whole: Float64Array, rest: Float64Array, lengths: Float64Array): CoMoments {
  const { count, first, second } = batch;
  let kept = 0;
  for (let at = 0; at < count; at++) {
    const length = lengths[first[at]] * lengths[second[at]];
    if (length > 0) rest[kept++] = clampCosine(rest[at] / length);
  }
  if (kept === count) return coMomentsOf(whole, rest, count);
  const matching = whole.filter((_, at) => lengths[first[at]] * lengths[second[at]] > 0);
  return coMomentsOf(matching, rest, kept);
}
