import type { NearestPoints } from './nearestPoints';

/** Neighbours of the maximum-likelihood estimate. */
export const MLE_K = 20;
/** Share of the largest ratios that TwoNN drops. */
const DROPPED = 0.1;

/**
 * TwoNN (Facco et al. 2017): μ = r2/r1 of each point, ascending, F_i = i/N; slope through the origin of −log(1 − F) on log μ over all but the top 10 %.
 * @param nearest of DISTINCT points (a duplicate has r1 = 0), k ≥ 2
 * @returns `null` for fewer than three points, or where r2 = r1 everywhere
 */
export function estimateTwoNN(nearest: NearestPoints): number | null {
  const { k, distances } = nearest;
  if (k < 2) return null;
  const count = distances.length / k;
  const logRatios = new Float64Array(count).map((_, i) => Math.log(distances[i * k + 1] / distances[i * k]));
  logRatios.sort();
  const kept = Math.floor(count * (1 - DROPPED));
  if (kept < 2) return null;
  let products = 0;
  let squares = 0;
  for (let i = 0; i < kept; i++) {
    products -= logRatios[i] * Math.log1p(-(i + 1) / count);
    squares += logRatios[i] * logRatios[i];
  }
  return squares > 0 ? products / squares : null;
}

/**
 * Maximum likelihood (Levina & Bickel 2004): at each point (k − 1)/Σ_{j<k} log(r_k/r_j), the harmonic mean of these over the points (MacKay & Ghahramani
 * 2005): an average of inverses, to which points with equidistant neighbours add 0.
 * @param nearest of DISTINCT points
 * @returns `null` where there are not more than k points, or all neighbours are equally far
 */
export function estimateMaximumLikelihood(nearest: NearestPoints, k = MLE_K): number | null {
  const { distances } = nearest;
  if (nearest.k < k) return null;
  const count = distances.length / nearest.k;
  let logs = 0;
  for (let i = 0; i < count; i++) {
    const start = i * nearest.k;
    const farthest = distances[start + k - 1];
    for (let j = 0; j < k - 1; j++) logs += Math.log(farthest / distances[start + j]);
  }
  return logs > 0 ? (count * (k - 1)) / logs : null;
}
