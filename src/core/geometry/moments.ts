import type { Matrix, Matrix64 } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import type { SymmetricEigen } from '../linalg/symmetricEigen';
import { decomposeSymmetric } from '../linalg/symmetricEigenSolver';
import { sumRows, type RowSums } from './momentTiles';

/** Numbers of one float64 tile: 4 MB, enough rows for a fast product. */
const TILE_NUMBERS = 2 ** 19;

/**
 * What everything linear needs to know of a set of rows x_i, shape [N, d]; float64 throughout. Mergeable: the moments of two shards give those of their
 * union (`mergeMoments`).
 */
export interface Moments extends RowSums {
  /** N */
  readonly count: number;
  /** d */
  readonly dimension: number;
}

/** Rows of `columns` numbers that one tile of float64 work takes. */
export function rowsPerTile(columns: number): number {
  return Math.max(1, Math.floor(TILE_NUMBERS / Math.max(1, columns)));
}

/**
 * Moments of the rows, in one pass over tiles and float64 throughout; sums of uncentred products would lose the digits that decide the rank.
 * @param matrix shape [n, d], float32 or float64
 * @throws IsoscopeError `input` for NaN, infinite or absurdly large values, naming row and column
 */
export async function computeMoments(matrix: Matrix, products: Products, signal?: AbortSignal): Promise<Moments> {
  return { count: matrix.rows, dimension: matrix.columns, ...(await sumRows(matrix, products, signal)) };
}

/**
 * Moments of the union of two disjoint sets of rows (Chan, Golub & LeVeque 1983, eq. 2.1), exact but for rounding.
 * @throws RangeError when the dimensions differ
 */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.dimension !== b.dimension) {
    throw new RangeError(`moments of ${String(a.dimension)} and of ${String(b.dimension)} dimensions have no union`);
  }
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const between = (a.count * b.count) / count;
  const share = b.count / count;
  const difference = b.mean.map((value, k) => value - a.mean[k]);
  const scatter = { ...a.scatter, data: a.scatter.data.map((value, at) => value + b.scatter.data[at]) };
  addOuterProduct(scatter, difference, between);
  const normDifference = b.normMean - a.normMean;
  return {
    count,
    dimension: a.dimension,
    mean: a.mean.map((value, k) => value + difference[k] * share),
    scatter,
    unitCount: a.unitCount + b.unitCount,
    unitSum: a.unitSum.map((value, k) => value + b.unitSum[k]),
    unitSquareSum: a.unitSquareSum.map((value, k) => value + b.unitSquareSum[k]),
    normMean: a.normMean + normDifference * share,
    normScatter: a.normScatter + b.normScatter + normDifference ** 2 * between,
  };
}

/**
 * Covariance of the rows, divisor N − 1 (as `numpy.cov(x, rowvar=False)`).
 * @returns shape [d, d]
 * @throws RangeError if N < 2
 */
export function covarianceOf(moments: Pick<Moments, 'count' | 'scatter'>): Matrix64 {
  const { count, scatter } = moments;
  if (count < 2) throw new RangeError(`a covariance needs at least two rows, not ${String(count)}`);
  return { ...scatter, data: scatter.data.map((value) => value / (count - 1)) };
}

/** Variances of the dimensions, divisor N − 1: the diagonal of the covariance, length d. @throws RangeError if N < 2 */
export function variancesOf({ count, scatter }: Pick<Moments, 'count' | 'scatter'>): Float64Array {
  if (count < 2) throw new RangeError(`a variance needs at least two rows, not ${String(count)}`);
  const { data, columns } = scatter;
  return new Float64Array(columns).map((_, k) => data[k * columns + k] / (count - 1));
}

/**
 * Eigenvalues λ and eigenvectors of the covariance; a λ that rounding made negative is 0.
 * @throws RangeError if N < 2
 */
export function decomposeMoments(moments: Pick<Moments, 'count' | 'scatter'>): SymmetricEigen {
  const { values, vectors } = decomposeSymmetric(covarianceOf(moments));
  return { values: values.map((value) => Math.max(0, value)), vectors };
}

/** XᵀX about 0, NOT divided: scatter + N·μᵀμ, shape [d, d]. */
export function secondMomentAboutZero(moments: Moments): Matrix64 {
  const sum = { ...moments.scatter, data: moments.scatter.data.slice() };
  addOuterProduct(sum, moments.mean, moments.count);
  return sum;
}

/** Rows start … end − 1 of `matrix` less `mean`, float64, in the memory of `tile`. */
export function centreRows(
  matrix: Matrix,
  mean: Float64Array,
  start: number,
  end: number,
  tile: Float64Array,
): Matrix64 {
  const { data, columns } = matrix;
  const length = (end - start) * columns;
  const offset = start * columns;
  for (let at = 0; at < length; at += columns) {
    for (let k = 0; k < columns; k++) tile[at + k] = data[offset + at + k] - mean[k];
  }
  return { data: tile.subarray(0, length), rows: end - start, columns };
}

/** square += factor·vᵀv */
function addOuterProduct(square: Matrix64, v: Float64Array, factor: number): void {
  const { data, columns } = square;
  for (let i = 0; i < columns; i++) {
    for (let j = i; j < columns; j++) {
      const value = data[i * columns + j] + factor * (v[i] * v[j]);
      data[i * columns + j] = value;
      data[j * columns + i] = value;
    }
  }
}
