import { type Matrix64, zeros64 } from '../linalg/matrix';
import type { SymmetricEigen } from '../linalg/symmetricEigen';

/**
 * A whitening taken apart, for sliders: coordinates p = (x − shift) basisᵀ, of which the first `scales.length` are kept and
 * scaled. Moving γ, ε or k changes `scales` alone, so rows projected once stay good while `basis` is the same object.
 * zca, cholesky and zca-cor turn the result by a rotation: cosines, spectrum and principal plane are those of the factors.
 */
export interface SpectralFactors {
  /** βμ, shape [d] */
  readonly shift: Float64Array;
  /** component directions as rows, shape [d, d]; one object for all k, ε, γ of the same fit, β and shrinkage */
  readonly basis: Matrix64;
  /** one factor per component kept */
  readonly scales: Float64Array;
  /**
   * Variance (divisor N − 1) of each kept and scaled component over the rows of the fit, which are uncorrelated then;
   * `null` where `basis` does not diagonalise their covariance (β ≠ 1, or *-cor with shrinkage)
   */
  readonly variances: Float64Array | null;
}

/**
 * Rows after the whitening (up to its rotation), from rows projected on the whole basis.
 * @param projected (x − shift) basisᵀ, shape [n, d]
 * @returns shape [n, scales.length]
 */
export function scaleProjections(factors: SpectralFactors, projected: Matrix64): Matrix64 {
  const { scales } = factors;
  const scaled = zeros64(projected.rows, scales.length);
  for (let row = 0, at = 0; row < projected.rows; row++) {
    const start = row * projected.columns;
    for (let column = 0; column < scales.length; column++, at++) {
      scaled.data[at] = projected.data[start + column] * scales[column];
    }
  }
  return scaled;
}

/** Decomposition of the covariance of the fitted rows in the coordinates of `scaleProjections`; `null` as `variances` is. */
export function eigenOfFactors({ variances }: SpectralFactors): SymmetricEigen | null {
  if (variances === null) return null;
  const size = variances.length;
  const order = Array.from(variances.keys()).sort((a, b) => variances[b] - variances[a] || a - b);
  const vectors = zeros64(size, size);
  order.forEach((component, row) => (vectors.data[row * size + component] = 1));
  return { values: Float64Array.from(order, (component) => variances[component]), vectors };
}
