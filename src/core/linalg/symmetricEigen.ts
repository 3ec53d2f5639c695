import type { Matrix64 } from './matrix';

/** A = V Λ Vᵀ. */
export interface SymmetricEigen {
  /** descending, length n */
  readonly values: Float64Array;
  /** eigenvectors as ROWS, shape [n, n]: row i belongs to values[i]; signs and bases of equal eigenvalues are arbitrary */
  readonly vectors: Matrix64;
}
