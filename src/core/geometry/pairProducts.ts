import { rowRange, zeros64, type Matrix, type Matrix64 } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import { breathe } from './breathe';
import type { PairSample } from './pairSample';
import { inverseNorms, rowNorms } from './rowNorms';

/** Pairs of one batch, about: its arrays take a few megabytes. */
const BATCH_PAIRS = 2 ** 18;

/** Some pairs of rows of length > 0 and what their unit rows have in common. */
export interface PairBatch {
  readonly count: number;
  /** rows, length ≥ count */
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** Σ_k x̂_ik·x̂_jk over the columns not kept apart; float64 */
  readonly products: Float64Array;
}

/**
 * Visits the inner products of the unit rows of each pair, in float64 whatever the precision of the matrix. Pairs with a row of length 0 are left out.
 * All pairs go through tiles of a matrix product, drawn ones are gathered.
 * @param matrix shape [N, d] with N = pairs.rowCount
 * @param apart columns left out of the sums (the rows are still of unit length with them), so that a caller adds them singly without cancellation
 * @param visit gets a batch whose arrays are reused afterwards
 */
export async function visitPairProducts(
  matrix: Matrix,
  pairs: PairSample,
  apart: readonly number[],
  products: Products,
  visit: (batch: PairBatch) => void,
  signal?: AbortSignal,
): Promise<void> {
  if (matrix.rows !== pairs.rowCount) {
    throw new RangeError(`pairs of ${String(pairs.rowCount)} rows do not fit a matrix of ${String(matrix.rows)}`);
  }
  const inverse = inverseNorms(rowNorms(matrix));
  if (pairs.kind === 'all') await visitAll(matrix, inverse, apart, products, visit, signal);
  else await visitDrawn(matrix, inverse, pairs.first, pairs.second, apart, visit, signal);
}

/**
 * Cosines of the pairs, float64, those with a row of length 0 left out.
 * @returns length ≤ pairs.pairCount, in no order that means anything
 */
export async function pairCosines(
  matrix: Matrix,
  pairs: PairSample,
  products: Products,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const cosines = new Float64Array(pairs.pairCount);
  let length = 0;
  const keep = (batch: PairBatch): void => {
    for (let at = 0; at < batch.count; at++) cosines[length++] = clampCosine(batch.products[at]);
  };
  await visitPairProducts(matrix, pairs, [], products, keep, signal);
  return cosines.subarray(0, length);
}

/** Rounding can carry a cosine past ±1. */
export function clampCosine(value: number): number {
  return Math.max(-1, Math.min(1, value));
}

async function visitAll(
  matrix: Matrix,
  inverse: Float64Array,
  apart: readonly number[],
  products: Products,
  visit: (batch: PairBatch) => void,
  signal?: AbortSignal,
): Promise<void> {
  const units = unitRows(matrix, inverse, apart);
  const rows = Int32Array.from(inverse.keys()).filter((row) => inverse[row] > 0);
  const tileRows = Math.max(1, Math.floor(BATCH_PAIRS / Math.max(1, rows.length)));
  const batch = newBatch(tileRows * rows.length);
  for (let start = 0; start < rows.length - 1; start += tileRows) {
    await breathe(signal);
    const end = Math.min(start + tileRows, rows.length);
    const others = rowRange(units, start, rows.length);
    const tile = await products.multiplyTransposed(rowRange(units, start, end), others);
    let count = 0;
    for (let i = start; i < end; i++) {
      const offset = (i - start) * others.rows - start;
      for (let j = i + 1; j < rows.length; j++) {
        batch.first[count] = rows[i];
        batch.second[count] = rows[j];
        batch.products[count++] = tile.data[offset + j];
      }
    }
    visit({ ...batch, count });
  }
}

/** The unit rows of rows of length > 0, with the columns `apart` at 0. Only for the few thousand rows whose pairs are all taken. */
function unitRows(matrix: Matrix, inverse: Float64Array, apart: readonly number[]): Matrix64 {
  const { data, columns } = matrix;
  const kept = inverse.reduce((count, factor) => (factor > 0 ? count + 1 : count), 0);
  const units = zeros64(kept, columns);
  let unit = 0;
  inverse.forEach((factor, row) => {
    if (factor === 0) return;
    loadUnitRow(data, row * columns, factor, apart, rowRange(units, unit, unit + 1).data);
    unit++;
  });
  return units;
}

async function visitDrawn(
  matrix: Matrix,
  inverse: Float64Array,
  first: Int32Array,
  second: Int32Array,
  apart: readonly number[],
  visit: (batch: PairBatch) => void,
  signal?: AbortSignal,
): Promise<void> {
  const { data, columns } = matrix;
  const batch = newBatch(Math.min(BATCH_PAIRS, first.length));
  const unit = new Float64Array(columns);
  let loaded = -1;
  for (let start = 0; start < first.length; start += BATCH_PAIRS) {
    await breathe(signal);
    const end = Math.min(start + BATCH_PAIRS, first.length);
    let count = 0;
    for (let at = start; at < end; at++) {
      const i = first[at];
      const j = second[at];
      if (inverse[i] === 0 || inverse[j] === 0) continue;
      if (i !== loaded) {
        loadUnitRow(data, i * columns, inverse[i], apart, unit);
        loaded = i;
      }
      batch.first[count] = i;
      batch.second[count] = j;
      batch.products[count++] = innerProduct(unit, data, j * columns) * inverse[j];
    }
    visit({ ...batch, count });
  }
}

function loadUnitRow(
  data: Matrix['data'],
  start: number,
  factor: number,
  apart: readonly number[],
  target: Float64Array,
): void {
  for (let k = 0; k < target.length; k++) target[k] = data[start + k] * factor;
  for (const k of apart) target[k] = 0;
}

function innerProduct(unit: Float64Array, data: Matrix['data'], start: number): number {
  const { length } = unit;
  const even = length - (length % 4);
  // Four sums: one alone would wait for each addition to finish.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let k = 0;
  for (; k < even; k += 4) {
    a += unit[k] * data[start + k];
    b += unit[k + 1] * data[start + k + 1];
    c += unit[k + 2] * data[start + k + 2];
    d += unit[k + 3] * data[start + k + 3];
  }
  for (; k < length; k++) a += unit[k] * data[start + k];
  return a + b + (c + d);
}

function newBatch(length: number): Omit<PairBatch, 'count'> {
  return { first: new Int32Array(length), second: new Int32Array(length), products: new Float64Array(length) };
}
