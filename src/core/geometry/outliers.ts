import type { CosineNeighbours } from './neighbours';

/** Added to a mean distance of 0, as scikit-learn has it: the density of duplicates is finite. */
const LEAST_DISTANCE = 1e-10;

/**
 * Local outlier factor (Breunig, Kriegel, Ng & Sander 2000) over the k exact nearest at the distance 1 − cosine, as scikit-learn's
 * `LocalOutlierFactor(n_neighbors=k, metric='cosine')` has it: local reachability density lrd = 1/(mean over the neighbours o of
 * max(k-distance(o), d(x, o)) + 1e-10), factor = mean of lrd(o)/lrd(x). About 1 within a cloud of any density, above 1.5 outside. Rows with more than k
 * copies make everything near them an outlier: leave repetitions out first.
 * @param neighbours each row has k, or none (length 0)
 * @returns length N; NaN for a row without neighbours
 */
export function localOutlierFactors({ k, rows, cosines }: CosineNeighbours, rowCount: number): Float64Array {
  const factors = new Float64Array(rowCount).fill(NaN);
  if (k === 0) return factors;
  const distanceTo = (slot: number): number => Math.max(0, 1 - cosines[slot]);
  const hasNeighbours = (row: number): boolean => rows[row * k] >= 0;

  const densities = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    if (!hasNeighbours(row)) continue;
    let reach = 0;
    for (let slot = row * k; slot < (row + 1) * k; slot++) {
      const kDistance = distanceTo((rows[slot] + 1) * k - 1);
      reach += Math.max(kDistance, distanceTo(slot));
    }
    densities[row] = 1 / (reach / k + LEAST_DISTANCE);
  }
  for (let row = 0; row < rowCount; row++) {
    if (!hasNeighbours(row)) continue;
    let sum = 0;
    for (let slot = row * k; slot < (row + 1) * k; slot++) sum += densities[rows[slot]];
    factors[row] = sum / k / densities[row];
  }
  return factors;
}
