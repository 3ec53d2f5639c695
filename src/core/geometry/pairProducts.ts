import { rowRange, zeros64, type Matrix, type Matrix64 } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import { breathe } from './breathe';
import { visitGatheredPairs } from './gatheredPairs';
import { loadUnitRow, newBatch, type PairBatch } from './pairBatch';
import type { PairSample } from './pairSample';
import { inverseNorms, rowNorms } from './rowNorms';

/** Rows of the two sides of a tile of products: its pairs take a few megabytes. */
const TILE_ROWS = 256;
const TILE_COLUMNS = 1024;
const BATCH_PAIRS = TILE_ROWS * TILE_COLUMNS;
/** A matrix product of all pairs, of which only every so manieth is wanted, is still faster than as many single inner products (measured at d = 384). */
const DENSE = 6;

/**
 * Visits the inner products of the unit rows of each pair, in float64 whatever the precision of the matrix. Pairs with a row of length 0 are left out.
 * Pairs that are dense among all go through tiles of a matrix product, sparse ones are gathered.
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
  const { rows } = matrix;
  if (rows !== pairs.rowCount) {
    throw new RangeError(`pairs of ${String(pairs.rowCount)} rows do not fit a matrix of ${String(rows)}`);
  }
  const inverse = inverseNorms(rowNorms(matrix));
  if (pairs.kind === 'drawn' && (rows * (rows - 1)) / 2 > DENSE * pairs.pairCount) {
    await visitGatheredPairs(matrix, inverse, pairs, apart, visit, signal);
  } else {
    await visitTiles(matrix, inverse, pairs, apart, products, visit, signal);
  }
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

async function visitTiles(
  matrix: Matrix,
  inverse: Float64Array,
  pairs: PairSample,
  apart: readonly number[],
  products: Products,
  visit: (batch: PairBatch) => void,
  signal?: AbortSignal,
): Promise<void> {
  const { rows } = matrix;
  const batch = newBatch(Math.min(BATCH_PAIRS, Math.max(pairs.pairCount, 1)));
  for (let start = 0; start < rows; start += TILE_ROWS) {
    const end = Math.min(start + TILE_ROWS, rows);
    const left = loadUnitRows(matrix, inverse, apart, start, end);
    // Of pairs i < j only the columns from the tile's first row on.
    for (let firstColumn = start; firstColumn < rows; firstColumn += TILE_COLUMNS) {
      await breathe(signal);
      const endColumn = Math.min(firstColumn + TILE_COLUMNS, rows);
      const right = loadUnitRows(matrix, inverse, apart, firstColumn, endColumn);
      const tile = await products.multiplyTransposed(left, right);
      let count = 0;
      const take = (i: number, j: number): void => {
        if (inverse[i] === 0 || inverse[j] === 0) return;
        if (count === batch.first.length) {
          visit({ ...batch, count });
          count = 0;
        }
        batch.first[count] = i;
        batch.second[count] = j;
        batch.products[count++] = tile.data[(i - start) * tile.columns + j - firstColumn];
      };
      if (pairs.kind === 'all') {
        for (let i = start; i < end; i++) {
          for (let j = Math.max(i + 1, firstColumn); j < endColumn; j++) take(i, j);
        }
      } else {
        const { first, second } = pairs;
        for (let at = lowerBound(first, start); at < first.length && first[at] < end; at++) {
          if (second[at] >= firstColumn && second[at] < endColumn) take(first[at], second[at]);
        }
      }
      visit({ ...batch, count });
    }
  }
}

/** Index of the first of the ascending `rows` that is not below `row`. */
function lowerBound(rows: Int32Array, row: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle] < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Unit rows start … end − 1, float64, with the columns `apart` at 0. */
function loadUnitRows(
  { data, columns }: Matrix,
  inverse: Float64Array,
  apart: readonly number[],
  start: number,
  end: number,
): Matrix64 {
  const units = zeros64(end - start, columns);
  for (let row = start; row < end; row++) {
    const target = rowRange(units, row - start, row - start + 1).data;
    loadUnitRow(data, row * columns, inverse[row], apart, target);
  }
  return units;
}
