import type { FloatArray, Matrix } from '../linalg/matrix';

/** Outside this range a sum of squares has lost digits to overflow or to subnormal numbers, and is taken again on scaled values. */
const SAFE_SQUARES = { least: 1e-280, most: 1e280 } as const;
/** The smallest normal float64: the inverse of anything shorter overflows. */
const SHORTEST = 2.2250738585072014e-308;

/**
 * Euclidean lengths of the rows, float64. A row of 0 has length 0 and so no direction; one shorter than the smallest normal float64 counts as such.
 * @param matrix shape [n, d]
 * @returns length n
 */
export function rowNorms(matrix: Matrix): Float64Array {
  const { data, rows, columns } = matrix;
  const norms = new Float64Array(rows);
  for (let row = 0; row < rows; row++) norms[row] = lengthOf(data, row * columns, (row + 1) * columns);
  return norms;
}

/** ‖data[start … end − 1]‖, without overflow or underflow of the squares. NaN where the values hold a NaN. */
export function lengthOf(data: FloatArray, start: number, end: number): number {
  let squares = 0;
  for (let at = start; at < end; at++) squares += data[at] * data[at];
  const length =
    squares > SAFE_SQUARES.least && squares < SAFE_SQUARES.most ? Math.sqrt(squares) : scaledLength(data, start, end);
  return length < SHORTEST ? 0 : length;
}

function scaledLength(data: FloatArray, start: number, end: number): number {
  let largest = 0;
  for (let at = start; at < end; at++) {
    const size = Math.abs(data[at]);
    // Written so that a NaN is not passed over.
    if (!(size <= largest)) largest = size;
  }
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let squares = 0;
  for (let at = start; at < end; at++) squares += (data[at] / largest) ** 2;
  return largest * Math.sqrt(squares);
}

/** 1/‖x_i‖, and 0 for a row of length 0: x_i times it is the unit row, or a row of zeros. */
export function inverseNorms(norms: Float64Array): Float64Array {
  return norms.map((norm) => (norm > 0 ? 1 / norm : 0));
}
