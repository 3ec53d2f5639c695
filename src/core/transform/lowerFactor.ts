import { type Matrix64, rowRange, zeros64 } from '../linalg/matrix';
import type { Products } from '../linalg/products';

/** Reflections gathered before they reach the rows below, as two matrix products instead of one pass over memory for each. */
const PANEL = 32;

/**
 * The lower-trapezoidal factor of A = L Qᵀ by Householder reflections from the right, in panels (Golub & Van Loan §5.2, transposed; compact WY of
 * Schreiber & Van Loan 1989). L Lᵀ = A Aᵀ, so of a root A of Σ⁻¹ it gives the Cholesky factor of Σ⁻¹ without ever forming the inverse, and of a root
 * of the pseudo-inverse a factor all the same: nothing is divided by a pivot.
 * @param a shape [d, r]
 * @returns shape [d, r], zero above the diagonal, diagonal ≥ 0
 */
export async function lowerFactor(a: Matrix64, products: Products): Promise<Matrix64> {
  const { rows, columns } = a;
  const lower: Matrix64 = { data: a.data.slice(), rows, columns };
  const pivots = Math.min(rows, columns);
  for (let start = 0; start < pivots; start += PANEL) {
    const end = Math.min(start + PANEL, pivots);
    const panel = reduceRows(lower, start, end);
    if (end < rows) await reflectRows(rowRange(lower, end, rows), panel, products);
  }
  makeDiagonalPositive(lower);
  return lower;
}

/** H₁H₂…H_b = I − Vᵀ T V: the reflections of one panel. */
interface Panel {
  /** reflectors as rows, shape [b, r] */
  readonly reflectors: Matrix64;
  /** upper triangular, shape [b, b] */
  readonly triangle: Matrix64;
}

/** Makes rows start … end − 1 lower-trapezoidal and returns the reflections that did it. */
function reduceRows({ data, columns }: Matrix64, start: number, end: number): Panel {
  const reflectors = zeros64(end - start, columns);
  const triangle = zeros64(end - start, end - start);
  for (let pivot = start; pivot < end; pivot++) {
    const index = pivot - start;
    const row = data.subarray(pivot * columns, (pivot + 1) * columns);
    const reflector = rowOf(reflectors, index);
    reflector.set(row.subarray(pivot), pivot);
    const length = Math.sqrt(dot(reflector, reflector));
    if (length === 0) continue;
    const head = row[pivot];
    const target = head > 0 ? -length : length;
    reflector[pivot] = head - target;
    // 2/‖v‖², with ‖v‖² = 2·length·(length + |head|)
    const factor = 1 / (length * (length + Math.abs(head)));
    row.fill(0, pivot);
    row[pivot] = target;
    for (let below = pivot + 1; below < end; below++) {
      const other = data.subarray(below * columns, (below + 1) * columns);
      addScaled(other, reflector, -factor * dot(other, reflector));
    }
    extendTriangle(triangle, reflectors, index, factor);
  }
  return { reflectors, triangle };
}

/** T gains the column −τ T (V vᵀ) and the diagonal τ, so that (I − VᵀTV)(I − τ vᵀv) is again of that form. */
function extendTriangle(triangle: Matrix64, reflectors: Matrix64, index: number, factor: number): void {
  const { data, columns } = triangle;
  const overlaps = Float64Array.from({ length: index }, (_, i) => dot(rowOf(reflectors, i), rowOf(reflectors, index)));
  for (let i = 0; i < index; i++) {
    let sum = 0;
    for (let j = i; j < index; j++) sum += data[i * columns + j] * overlaps[j];
    data[i * columns + index] = -factor * sum;
  }
  data[index * columns + index] = factor;
}

/** A ← A − ((A Vᵀ) T) V, in place. */
async function reflectRows(rows: Matrix64, { reflectors, triangle }: Panel, products: Products): Promise<void> {
  const coordinates = await products.multiply(await products.multiplyTransposed(rows, reflectors), triangle);
  const change = (await products.multiply(coordinates, reflectors)).data;
  for (let at = 0; at < change.length; at++) rows.data[at] -= change[at];
}

/** Signs of whole columns; and exact zeros above the diagonal, where the products left rounding. */
function makeDiagonalPositive({ data, rows, columns }: Matrix64): void {
  for (let row = 0; row < rows; row++) data.fill(0, row * columns + Math.min(row + 1, columns), (row + 1) * columns);
  for (let column = 0; column < Math.min(rows, columns); column++) {
    if (!(data[column * columns + column] < 0)) continue;
    for (let at = column * columns + column; at < data.length; at += columns) data[at] = -data[at];
  }
}

function rowOf({ data, columns }: Matrix64, row: number): Float64Array {
  return data.subarray(row * columns, (row + 1) * columns);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function addScaled(to: Float64Array, what: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i] += factor * what[i];
}
