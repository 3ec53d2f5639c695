import type { LinearCka } from '../protocol/comparison';
import type { CrossScatter, PairSums } from './crossScatter';

/** An unbiased HSIC of a kernel with itself this small beside its parts is rounding. */
const ROUNDING = 1e-12;

/**
 * Linear centred kernel alignment of two spaces of the same N rows: invariant to rotation and scale, NOT to whitening.
 * - biased (Kornblith, Norouzi, Lee & Hinton 2019, eq. 3): ‖XᵀY‖²/(‖XᵀX‖·‖YᵀY‖), centred;
 * - debiased: HSIC₁(K, L)/√(HSIC₁(K, K)·HSIC₁(L, L)) with the unbiased estimator of Song et al. (2012, eq. 5), as Nguyen, Raghu & Kornblith (2021) use
 *   it. Of K̃ = K without its diagonal, tr K̃L̃ = ‖XᵀY‖² − Σ K_ii·L_ii; rows of the centred K sum to 0, so that K̃1 is −diag K; and the estimator does
 *   not change with the centring. Hence O(N·d²). Below 0 for unrelated spaces now and then: unbiased.
 */
export function linearCka({ count, squares, diagonals }: CrossScatter): LinearCka {
  return {
    biased: ratio(squares.xy, squares.xx, squares.yy, 0),
    debiased: count < 4 ? null : debiased(count, squares, diagonals),
  };
}

function debiased(count: number, squares: PairSums, diagonals: PairSums): number | null {
  // Without the common factor 1/(N(N − 3)). Traces are 1.
  const hsic = (square: number, diagonal: number): number =>
    square - diagonal + 1 / ((count - 1) * (count - 2)) - (2 / (count - 2)) * diagonal;
  const xx = hsic(squares.xx, diagonals.xx);
  const yy = hsic(squares.yy, diagonals.yy);
  if (xx <= ROUNDING * squares.xx || yy <= ROUNDING * squares.yy) return null;
  return ratio(hsic(squares.xy, diagonals.xy), xx, yy, -1);
}

function ratio(xy: number, xx: number, yy: number, least: number): number {
  return Math.max(least, Math.min(1, xy / Math.sqrt(xx) / Math.sqrt(yy)));
}
