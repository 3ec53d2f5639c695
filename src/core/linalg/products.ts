import type { Matrix32, Matrix64 } from './matrix';

/**
 * Dense products with ONNX Runtime as the BLAS (plain loops are 60 times slower, see platform notes in ARCHITECTURE.md).
 * Each product keeps the precision of its operands.
 */
export interface Products {
  /** XᵀX in float64, shape [d, d], symmetric to the bit. `x` [n, d] */
  gram(x: Matrix64): Promise<Matrix64>;
  /** sum ← sum + X·Xᵀ in float64, on and below the diagonal only, in half the time of `gram`. `x` [d, n], its columns the samples; `sum` [d, d] */
  addSymmetricProduct(x: Matrix64, sum: Matrix64): Promise<void>;
  /** A·B. `a` [n, m], `b` [m, p] → [n, p], written into the numbers of `into` when given */
  multiply<M extends Matrix32 | Matrix64>(a: M, b: M, into?: M['data']): Promise<M>;
  /** A·Bᵀ. `a` [n, m], `b` [p, m] → [n, p], written into the numbers of `into` when given */
  multiplyTransposed<M extends Matrix32 | Matrix64>(a: M, b: M, into?: M['data']): Promise<M>;
  /**
   * For each row of `queries` [n, d] the k largest inner products with rows of `keys` [m, d], descending; ties by lower row number.
   * @param exclude for each query the row of `keys` to leave out (itself), or `null`
   */
  largestInnerProducts(
    queries: Matrix32,
    keys: Matrix32,
    k: number,
    exclude: Int32Array | null,
    signal?: AbortSignal,
  ): Promise<NeighbourTable>;
}

/** k neighbours of n rows, row-major [n, k]. */
export interface NeighbourTable {
  readonly k: number;
  readonly rows: Int32Array;
  readonly products: Float32Array;
}
