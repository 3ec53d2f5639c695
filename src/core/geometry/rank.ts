/**
 * The one rule for rank. An eigenvalue λ ≤ 1e-12·λ1 counts as 0; a dimension whose standard deviation is ≤ 1e-6 of the largest is dead.
 * Float64 products leave about d·1e-16·λ1 in null directions, float32 data that truly varies far more: 1e-12 lies between.
 */
export const RANK_TOLERANCE = 1e-12;

/** Eigenvalues that do not count as 0. @param values descending, ≥ 0 */
export function countRank(values: Float64Array): number {
  if (values.length === 0) return 0;
  const least = RANK_TOLERANCE * values[0];
  let rank = 0;
  while (rank < values.length && values[rank] > least) rank++;
  return rank;
}

/** Dimensions (from 0, ascending) that do not vary, by the rule above: (1e-6)² is 1e-12 for variances. All of them where nothing varies. */
export function deadDimensions(variances: Float64Array): number[] {
  let largest = 0;
  for (const variance of variances) largest = Math.max(largest, variance);
  const dead: number[] = [];
  variances.forEach((variance, dimension) => {
    if (variance <= RANK_TOLERANCE * largest) dead.push(dimension);
  });
  return dead;
}
