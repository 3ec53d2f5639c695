import type { Matrix } from '../linalg/matrix';

/** Some pairs of rows of length > 0 and what their unit rows have in common. */
export interface PairBatch {
  readonly count: number;
  /** rows, length ≥ count */
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** Σ_k x̂_ik·x̂_jk over the columns not kept apart; float64 */
  readonly products: Float64Array;
}

/** Room for `length` pairs. */
export function newBatch(length: number): Omit<PairBatch, 'count'> {
  return { first: new Int32Array(length), second: new Int32Array(length), products: new Float64Array(length) };
}

/** Writes x·factor into `target` (length d), 0 in the columns `apart`. @param start where the row x begins in `data` */
export function loadUnitRow(
  data: Matrix['data'],
  start: number,
  factor: number,
  apart: readonly number[],
  target: Float64Array,
): void {
  for (let k = 0; k < target.length; k++) target[k] = data[start + k] * factor;
  for (const k of apart) target[k] = 0;
}
