import { EQUAL_COSINES } from './aimedPairs';
import { percentileOf, quantileOf } from './similarityDistribution';

/**
 * What a cosine means in this corpus: the share of random pairs below it, those equal but for rounding counted half, 0 … 1.
 * `null` when there is no pair.
 * @param sorted cosines of random pairs, ascending
 */
export function percentileOfCosine(sorted: Float64Array, cosine: number): number | null {
  const below = percentileOf(sorted, cosine - EQUAL_COSINES);
  const upTo = percentileOf(sorted, cosine + EQUAL_COSINES);
  return below === null || upTo === null ? null : (below + upTo) / 2;
}

/**
 * The other way round: the cosine that a share of random pairs lies below, with linear interpolation as `numpy.quantile`; `null` when there is no pair.
 * @param share 0 … 1
 * @throws RangeError for a share outside
 */
export function cosineAtPercentile(sorted: Float64Array, share: number): number | null {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`a share lies between 0 and 1, not at ${String(share)}`);
  return sorted.length === 0 ? null : quantileOf(sorted, share);
}
