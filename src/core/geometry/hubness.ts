import type { Hubness } from '../protocol/snapshot';
import type { CosineNeighbours } from './neighbours';

/** Neighbours that hubness is counted over (Radovanović, Nanopoulos & Ivanović 2010). */
export const HUBNESS_K = 10;

/**
 * N_k: how often each row is among the k nearest of another.
 * @param rowCount N
 * @returns length N; 0 for rows left out
 */
export function countOccurrences(neighbours: CosineNeighbours, rowCount: number): Int32Array {
  const counts = new Int32Array(rowCount);
  for (const row of neighbours.rows) if (row >= 0) counts[row]++;
  return counts;
}

/**
 * How unevenly the rows are neighbours of others, over the M rows that have neighbours: skewness of N_k (population, as `scipy.stats.skew`; `null` where
 * all N_k are equal), share of rows with N_k = 0, share of the M·k slots held by rows with N_k ≥ 2k, Robin Hood index Σ|N_k − k|/(2·M·k) (Feldbauer et
 * al. 2018).
 * @returns `null` for M ≤ k
 */
export function hubness(neighbours: CosineNeighbours, k = HUBNESS_K): Hubness | null {
  if (neighbours.k < k) return null;
  if (neighbours.k > k) throw new RangeError(`hubness over ${String(k)} neighbours needs a table of as many`);
  const rowCount = neighbours.rows.length / k;
  const all = countOccurrences(neighbours, rowCount);
  const counts = all.filter((_, row) => neighbours.rows[row * k] >= 0);
  const slots = counts.length * k;
  let squares = 0;
  let cubes = 0;
  let antiHubs = 0;
  let heldByHubs = 0;
  let unevenness = 0;
  for (const count of counts) {
    // The mean of N_k is k exactly.
    const off = count - k;
    squares += off * off;
    cubes += off ** 3;
    unevenness += Math.abs(off);
    if (count === 0) antiHubs++;
    if (count >= 2 * k) heldByHubs += count;
  }
  const variance = squares / counts.length;
  return {
    k,
    skewness: variance === 0 ? null : cubes / counts.length / variance ** 1.5,
    antiHubRate: antiHubs / counts.length,
    hubShare: heldByHubs / slots,
    robinHood: unevenness / (2 * slots),
  };
}
