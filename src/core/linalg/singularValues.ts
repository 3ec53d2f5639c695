import { zeros64, type Matrix64 } from './matrix';
import type { Products } from './products';
import { decomposeSymmetric } from './symmetricEigenSolver';

/** Singular values of one round: down to this share of its largest. What eigenvectors of AᵀA do to smaller ones shows. */
const RESOLVED = 1e-3;
/** A rest that adds less than this to the sum is rounding. */
const NEGLIGIBLE = 1e-14;

/**
 * Singular values of a dense matrix: lengths of A·v for the eigenvectors v of AᵀA. Squaring loses the small ones, so that only those down to 1e-3 of the
 * largest are taken, and the columns A·v of the rest are a matrix that is decomposed anew. Good to about 1e-13 of the largest; no vectors.
 * @param a shape [m, n]
 * @returns descending, length min(m, n)
 */
export async function singularValues(a: Matrix64, products: Products): Promise<Float64Array> {
  const count = Math.min(a.rows, a.columns);
  const values: number[] = [];
  let rest = a.rows < a.columns ? transposed(a) : a;
  let sum = 0;
  while (rest.columns > 0) {
    const { vectors } = decomposeSymmetric(await products.gram(rest));
    const images = await products.multiplyTransposed(rest, vectors);
    const lengths = columnLengths(images);
    const total = lengths.reduce((all, length) => all + length, 0);
    // At least one is taken, so that this ends.
    let taken = Math.max(
      1,
      countWhile(lengths, (length) => length > RESOLVED * lengths[0]),
    );
    if (total <= NEGLIGIBLE * sum || total === 0) taken = lengths.length;
    for (const length of lengths.subarray(0, taken)) {
      values.push(length);
      sum += length;
    }
    rest = columnsFrom(images, taken);
  }
  return Float64Array.from(values).sort().reverse().subarray(0, count);
}

/** Rows as columns. */
export function transposed({ data, rows, columns }: Matrix64): Matrix64 {
  const turned = zeros64(columns, rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) turned.data[column * rows + row] = data[row * columns + column];
  }
  return turned;
}

function columnLengths({ data, columns }: Matrix64): Float64Array {
  const squares = new Float64Array(columns);
  for (let at = 0; at < data.length; at += columns) {
    for (let column = 0; column < columns; column++) squares[column] += data[at + column] ** 2;
  }
  return squares.map(Math.sqrt);
}

function columnsFrom({ data, rows, columns }: Matrix64, first: number): Matrix64 {
  const kept = zeros64(rows, columns - first);
  for (let row = 0; row < rows; row++) {
    kept.data.set(data.subarray(row * columns + first, (row + 1) * columns), row * kept.columns);
  }
  return kept;
}

function countWhile(values: Float64Array, holds: (value: number) => boolean): number {
  let count = 0;
  while (count < values.length && holds(values[count])) count++;
  return count;
}
