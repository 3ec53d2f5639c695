import type { CosineNeighbours } from '../geometry/neighbours';
import type { NeighbourChange } from '../protocol/comparison';

/**
 * |A ∩ B|/|A ∪ B| of each row's sets of k nearest in two spaces of the same N rows.
 * @returns length N; NaN for a row that has no neighbours in one of them, and for all rows where one space has fewer than k
 */
export function neighbourJaccards(a: CosineNeighbours, b: CosineNeighbours, rowCount: number, k: number): Float64Array {
  const jaccards = new Float64Array(rowCount).fill(NaN);
  if (k < 1 || a.k < k || b.k < k) return jaccards;
  // The row that a row was last seen as a neighbour of.
  const neighbourOf = new Int32Array(rowCount).fill(-1);
  for (let row = 0; row < rowCount; row++) {
    if (a.rows[row * a.k] < 0 || b.rows[row * b.k] < 0) continue;
    for (let slot = row * a.k; slot < row * a.k + k; slot++) neighbourOf[a.rows[slot]] = row;
    let common = 0;
    for (let slot = row * b.k; slot < row * b.k + k; slot++) if (neighbourOf[b.rows[slot]] === row) common++;
    jaccards[row] = common / (2 * k - common);
  }
  return jaccards;
}

/** Their mean; `null` where there is none. */
export function neighbourChange(jaccards: Float64Array, k: number): NeighbourChange | null {
  let sum = 0;
  let count = 0;
  for (const jaccard of jaccards) {
    if (Number.isNaN(jaccard)) continue;
    sum += jaccard;
    count++;
  }
  return count === 0 ? null : { k, count, meanJaccard: sum / count };
}
