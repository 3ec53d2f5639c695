import type { QuantileKey } from '../protocol/snapshot';

const QUANTILES: readonly QuantileKey[] = ['0.01', '0.05', '0.25', '0.5', '0.75', '0.95', '0.99'];

/**
 * Quantile with linear interpolation between order statistics, as `numpy.quantile`.
 * @param sorted ascending, not empty
 * @param share 0 … 1
 */
export function quantileOf(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

/** The quantiles of the snapshot; `null` when there is no cosine. @param sorted cosines of random pairs, ascending */
export function cosineQuantiles(sorted: Float64Array): Record<QuantileKey, number> | null {
  if (sorted.length === 0) return null;
  const entries = QUANTILES.map((key) => [key, quantileOf(sorted, Number(key))] as const);
  return Object.fromEntries(entries) as Record<QuantileKey, number>;
}

/** log mean exp(−2‖x̂_i − x̂_j‖²), with ‖x̂_i − x̂_j‖² = 2 − 2cos (Wang & Isola 2020); `null` when there is no pair. */
export function uniformity(cosines: Float64Array): number | null {
  if (cosines.length === 0) return null;
  let sum = 0;
  for (const cosine of cosines) sum += Math.exp(-4 * (1 - cosine));
  return Math.log(sum / cosines.length);
}

/**
 * What a cosine means in this corpus: the share of random pairs below it, equal ones counted half, 0 … 1; `null` when there is no pair.
 * @param sorted cosines of random pairs, ascending
 */
export function percentileOf(sorted: Float64Array, cosine: number): number | null {
  if (sorted.length === 0) return null;
  const below = countBefore(sorted, (value) => value < cosine);
  const upTo = countBefore(sorted, (value) => value <= cosine);
  return (below + upTo) / 2 / sorted.length;
}

/**
 * Counts in equal bins over [−1, 1]; 1 belongs to the last bin; NaN (no cosine) to none.
 * @returns length binCount
 */
export function countInBins(cosines: ArrayLike<number>, binCount: number): Uint32Array {
  const counts = new Uint32Array(binCount);
  for (let at = 0; at < cosines.length; at++) {
    const bin = Math.floor(((cosines[at] + 1) / 2) * binCount);
    if (!Number.isNaN(bin)) counts[Math.max(0, Math.min(binCount - 1, bin))]++;
  }
  return counts;
}

/** Length of the leading run for which `holds`: binary search. */
function countBefore(sorted: Float64Array, holds: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(sorted[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}
