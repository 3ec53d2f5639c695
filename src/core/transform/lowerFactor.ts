import { type Matrix64, zeros64 } from '../linalg/matrix';

/**
 * The lower-trapezoidal factor of A = L Qᵀ by Householder reflections from the right (Golub & Van Loan §5.2, transposed).
 * L Lᵀ = A Aᵀ, so of a root A of Σ⁻¹ it gives the Cholesky factor of Σ⁻¹ without ever forming the inverse, and of a root
 * of the pseudo-inverse a factor all the same: nothing is divided by a pivot.
 * @param a shape [d, r]
 * @returns shape [d, r], zero above the diagonal, diagonal ≥ 0
 */
export function lowerFactor(a: Matrix64): Matrix64 {
  const { rows, columns } = a;
  const lower = a.data.slice();
  const reflector = new Float64Array(columns);
  for (let pivot = 0; pivot < Math.min(rows, columns); pivot++) {
    const start = pivot * columns;
    const norm = lengthOf(lower.subarray(start + pivot, start + columns));
    if (norm === 0) continue;
    const head = lower[start + pivot];
    const target = head > 0 ? -norm : norm;
    reflector.set(lower.subarray(start + pivot, start + columns), pivot);
    reflector[pivot] = head - target;
    // 2/‖v‖² with ‖v‖² = 2·norm·(norm + |head|)
    const factor = 1 / (norm * (norm + Math.abs(head)));
    lower.fill(0, start + pivot, start + columns);
    lower[start + pivot] = target;
    for (let row = pivot + 1; row < rows; row++) {
      const at = row * columns;
      let product = 0;
      for (let column = pivot; column < columns; column++) product += lower[at + column] * reflector[column];
      product *= factor;
      for (let column = pivot; column < columns; column++) lower[at + column] -= product * reflector[column];
    }
  }
  return withPositiveDiagonal({ data: lower, rows, columns });
}

function lengthOf(values: Float64Array): number {
  let squares = 0;
  for (const value of values) squares += value * value;
  return Math.sqrt(squares);
}

function withPositiveDiagonal(lower: Matrix64): Matrix64 {
  const { rows, columns } = lower;
  const signed = zeros64(rows, columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column <= Math.min(row, columns - 1); column++) {
      const isFlipped = column < rows && lower.data[column * columns + column] < 0;
      signed.data[row * columns + column] = isFlipped
        ? -lower.data[row * columns + column]
        : lower.data[row * columns + column];
    }
  }
  return signed;
}
