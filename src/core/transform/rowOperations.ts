import { type Matrix64, zeros64 } from '../linalg/matrix';
import type { Products } from '../linalg/products';

/** Each row minus `mean` [d], in place. */
export function subtractFromRows({ data, rows, columns }: Matrix64, mean: Float64Array): void {
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) data[at] -= mean[column];
  }
}

/** Column j times factors[j], in place. */
export function scaleColumns({ data, rows, columns }: Matrix64, factors: Float64Array): void {
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) data[at] *= factors[column];
  }
}

/** Each row minus its projections on orthonormal `directions` [D, d], in place. */
export async function removeDirections(rows: Matrix64, directions: Matrix64, products: Products): Promise<void> {
  const coordinates = await products.multiplyTransposed(rows, directions);
  const removed = (await products.multiply(coordinates, directions)).data;
  for (let i = 0; i < removed.length; i++) rows.data[i] -= removed[i];
}

/** The first `count` columns, a copy. */
export function firstColumns(matrix: Matrix64, count: number): Matrix64 {
  const kept = zeros64(matrix.rows, count);
  for (let row = 0; row < matrix.rows; row++) {
    const start = row * matrix.columns;
    kept.data.set(matrix.data.subarray(start, start + count), row * count);
  }
  return kept;
}
