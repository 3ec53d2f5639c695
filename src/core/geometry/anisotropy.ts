import type { Moments } from './moments';
import { lengthOf } from './rowNorms';

/**
 * What each dimension adds to the average cosine: ((Σ_a x̂_ak)² − Σ_a x̂_ak²)/(M² − M) over the M rows of length > 0. Their sum is the exact mean over all
 * pairs i ≠ j, (M²·‖mean x̂‖² − M)/(M² − M), in O(Nd).
 * @returns length d, or `null` for M < 2
 */
export function cosineContributions(moments: Moments): Float64Array | null {
  const { unitCount, unitSum, unitSquareSum } = moments;
  if (unitCount < 2) return null;
  const pairs = unitCount * (unitCount - 1);
  return unitSum.map((sum, k) => (sum * sum - unitSquareSum[k]) / pairs);
}

/** Exact mean cosine over all pairs i ≠ j of rows of length > 0; `null` when there is no such pair. */
export function averageCosine(moments: Moments): number | null {
  return cosineContributions(moments)?.reduce((sum, value) => sum + value, 0) ?? null;
}

/** Mean of ‖x_i‖; `null` for N = 0. */
export function meanNorm(moments: Moments): number | null {
  return moments.count > 0 ? moments.normMean : null;
}

/** Standard deviation of ‖x_i‖, divisor N − 1; `null` for N < 2. */
export function normDeviation(moments: Moments): number | null {
  return moments.count > 1 ? Math.sqrt(moments.normScatter / (moments.count - 1)) : null;
}

/** ‖μ‖; `null` for N = 0. */
export function meanVectorNorm(moments: Moments): number | null {
  return moments.count > 0 ? lengthOf(moments.mean, 0, moments.dimension) : null;
}
