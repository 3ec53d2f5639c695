import { breathe } from '../geometry/breathe';
import { centreRows, rowsPerTile, type Moments } from '../geometry/moments';
import { zeros64, type Matrix, type Matrix64 } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import { transposed } from '../linalg/singularValues';

/** One side: rows, shape [N, d], and their moments. */
export interface MeasuredRows {
  readonly matrix: Matrix;
  readonly moments: Pick<Moments, 'mean' | 'scatter'>;
}

/**
 * Two sets of N rows that belong together, each centred and scaled to Frobenius norm 1: what CKA and Procrustes need of them, whatever N is. K = XXᵀ and
 * L = YYᵀ, N × N, are never made.
 */
export interface CrossScatter {
  readonly count: number;
  /** XᵀY, shape [d1, d2] */
  readonly cross: Matrix64;
  /** ‖XᵀX‖² = ‖K‖², ‖YᵀY‖² = ‖L‖² and ‖XᵀY‖² = ⟨K, L⟩ (Frobenius) */
  readonly squares: PairSums;
  /** Σ K_ii², Σ L_ii², Σ K_ii·L_ii */
  readonly diagonals: PairSums;
}

export interface PairSums {
  readonly xx: number;
  readonly yy: number;
  readonly xy: number;
}

/** One pass over both, in tiles, float64. @returns `null` where one of them does not vary */
export async function crossScatter(
  x: MeasuredRows,
  y: MeasuredRows,
  products: Products,
  signal?: AbortSignal,
): Promise<CrossScatter | null> {
  const count = x.matrix.rows;
  const scaleX = inverseFrobenius(x);
  const scaleY = inverseFrobenius(y);
  if (scaleX === null || scaleY === null) return null;
  const cross = zeros64(x.matrix.columns, y.matrix.columns);
  const diagonals = { xx: 0, yy: 0, xy: 0 };
  const tileRows = rowsPerTile(Math.max(x.matrix.columns, y.matrix.columns));
  const memoryX = new Float64Array(Math.min(tileRows, count) * x.matrix.columns);
  const memoryY = new Float64Array(Math.min(tileRows, count) * y.matrix.columns);
  for (let start = 0; start < count; start += tileRows) {
    await breathe(signal);
    const end = Math.min(start + tileRows, count);
    const tileX = scaled(centreRows(x.matrix, x.moments.mean, start, end, memoryX), scaleX);
    const tileY = scaled(centreRows(y.matrix, y.moments.mean, start, end, memoryY), scaleY);
    addSquaredLengths(tileX, tileY, diagonals);
    const { data } = await products.multiply(transposed(tileX), tileY);
    for (let at = 0; at < data.length; at++) cross.data[at] += data[at];
  }
  const squares = {
    xx: sumOfSquares(x.moments.scatter.data, scaleX ** 2),
    yy: sumOfSquares(y.moments.scatter.data, scaleY ** 2),
    xy: sumOfSquares(cross.data, 1),
  };
  return { count, cross, squares, diagonals };
}

/** 1/‖X‖ of the centred rows; `null` where they are equal. */
function inverseFrobenius({ moments: { scatter } }: MeasuredRows): number | null {
  const { data, columns } = scatter;
  let trace = 0;
  for (let k = 0; k < columns; k++) trace += data[k * columns + k];
  return trace > 0 ? 1 / Math.sqrt(trace) : null;
}

function scaled(matrix: Matrix64, factor: number): Matrix64 {
  for (let at = 0; at < matrix.data.length; at++) matrix.data[at] *= factor;
  return matrix;
}

function addSquaredLengths(x: Matrix64, y: Matrix64, sums: { xx: number; yy: number; xy: number }): void {
  for (let row = 0; row < x.rows; row++) {
    const k = squaredLength(x, row);
    const l = squaredLength(y, row);
    sums.xx += k * k;
    sums.yy += l * l;
    sums.xy += k * l;
  }
}

function squaredLength({ data, columns }: Matrix64, row: number): number {
  let square = 0;
  for (let at = row * columns; at < (row + 1) * columns; at++) square += data[at] * data[at];
  return square;
}

/** Σ (value·factor)²: scaled first, because squares of scatters can leave float64. */
function sumOfSquares(values: Float64Array, factor: number): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += (values[at] * factor) ** 2;
  return sum;
}
