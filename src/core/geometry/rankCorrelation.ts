import { coMomentsOf } from './coMoments';

/**
 * Pearson correlation of two samples; `null` for fewer than two pairs or where one does not vary.
 * @param rounding standard deviations up to it are rounding, for `a` and `b`
 * @returns −1 … 1
 */
export function pearsonCorrelation(
  a: Float64Array,
  b: Float64Array,
  rounding: readonly [number, number] = [0, 0],
): number | null {
  const { count, squaresA, squaresB, cross } = coMomentsOf(a, b, a.length);
  if (count < 2 || squaresA <= count * rounding[0] ** 2 || squaresB <= count * rounding[1] ** 2) return null;
  // Roots first: a product of sums of squares could leave float64.
  return Math.max(-1, Math.min(1, cross / Math.sqrt(squaresA) / Math.sqrt(squaresB)));
}

/**
 * Spearman's rank correlation, equal values at their average rank (as `scipy.stats.spearmanr`); `null` as for Pearson's.
 * @param rounding values of `a` and `b` that differ by no more are equal
 */
export function spearmanCorrelation(
  a: Float64Array,
  b: Float64Array,
  rounding: readonly [number, number] = [0, 0],
): number | null {
  return pearsonCorrelation(averageRanks(a, rounding[0]), averageRanks(b, rounding[1]));
}

/**
 * Ranks from 1, equal values at the average of theirs. A sort of the numbers and a search each: faster than sorting their places.
 * @param rounding neighbours in ascending order that differ by no more are equal
 */
export function averageRanks(values: Float64Array, rounding = 0): Float64Array {
  const sorted = values.slice().sort();
  const ranks = new Float64Array(sorted.length);
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    end = start + 1;
    while (end < sorted.length && sorted[end] - sorted[end - 1] <= rounding) end++;
    ranks.fill((start + end + 1) / 2, start, end);
  }
  return values.map((value) => ranks[countBelow(sorted, value)]);
}

/** How many of the ascending values are smaller. */
function countBelow(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
