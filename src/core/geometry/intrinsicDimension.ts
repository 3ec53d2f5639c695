/** Neighbours of the maximum-likelihood estimate. */
export const MLE_K = 20;
/** Share of the largest ratios that TwoNN drops. */
const DROPPED = 0.1;

/** ln(r2/r1) of a point. @param squares squared distances of its nearest others, ascending, at least two, none 0 (duplicates have to be left out) */
export function logRatio(squares: Float64Array): number {
  return Math.log(squares[1] / squares[0]) / 2;
}

/**
 * TwoNN (Facco et al. 2017): μ = r2/r1 of each point, ascending, F_i = i/N; slope through the origin of −ln(1 − F) on ln μ over all but the top 10 %.
 * @param logRatios ln μ of N distinct points, in any order
 * @returns `null` for fewer than three points, or where r2 = r1 everywhere
 */
export function estimateTwoNN(logRatios: Float64Array): number | null {
  // Distinct rows can be so near that the square of their distance is 0.
  const ascending = logRatios.filter(Number.isFinite).sort();
  const count = ascending.length;
  const kept = Math.floor(count * (1 - DROPPED));
  if (kept < 2) return null;
  let products = 0;
  let squares = 0;
  for (let i = 0; i < kept; i++) {
    products -= ascending[i] * Math.log1p(-(i + 1) / count);
    squares += ascending[i] * ascending[i];
  }
  return squares > 0 ? products / squares : null;
}

/** 1/m of a point, m = (k − 1)/Σ_{j<k} ln(r_k/r_j) (Levina & Bickel 2004, eq. 8). @param squares as for `logRatio`, k ≥ 2 of them */
export function inverseLocalDimension(squares: Float64Array): number {
  const last = squares.length - 1;
  let logs = 0;
  for (let j = 0; j < last; j++) logs += Math.log(squares[last] / squares[j]) / 2;
  return logs / last;
}

/**
 * Harmonic mean of the local estimates (MacKay & Ghahramani 2005): a point whose neighbours are equally far adds 0 to the mean of the inverses.
 * @param inverses 1/m of N distinct points
 * @returns `null` for no points, or where all neighbours are equally far
 */
export function estimateMaximumLikelihood(inverses: Float64Array): number | null {
  const known = inverses.filter(Number.isFinite);
  const sum = known.reduce((total, inverse) => total + inverse, 0);
  return sum > 0 ? known.length / sum : null;
}
