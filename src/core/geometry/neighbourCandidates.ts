import { type Kernels, withKernels } from '../linalg/kernels';
import { type Matrix32, rowRange } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import { breathe } from './breathe';
import { frameOf, loadFramed, type Frame, type Points } from './points';

/** Keys that stay loaded while all queries pass: 8 MB, small beside the matrix. */
const KEY_NUMBERS = 2 ** 21;
/** Queries and keys of one product: 2 MB of products, which stay in the processor's caches until they are looked through. */
const QUERY_ROWS = 256;
const KEY_ROWS = 2048;
/** Unit roundoff of float32. */
const ROUNDOFF = 2 ** -24;

/** For each of n points the others that float32 products say are nearest, and how far that can be relied on. */
export interface Candidates {
  readonly k: number;
  /** nearest first as far as float32 can tell, [n, k] */
  readonly points: Int32Array;
  /** x·y − ‖y‖²/2 in the frame, [n, k]: descending, and none that is not listed is larger than the last */
  readonly scores: Float32Array;
  readonly frame: Frame;
  readonly dimension: number;
}

/**
 * Nearest neighbours by float32 products, to be settled in float64 (`nearestPoints`): ‖x − y‖² = ‖x‖² − 2(x·y − ‖y‖²/2), so the nearest y has the largest
 * x·y − ‖y‖²/2. Each product serves both of its points, which is half of the work.
 * @param k how many; n − 1 where there are no more
 * @param use gets the candidates where they were found: they are void afterwards
 * @param keyNumbers see {@link KEY_NUMBERS}
 */
export async function withCandidates<Result>(
  points: Points,
  k: number,
  products: Products,
  use: (candidates: Candidates) => Promise<Result>,
  signal?: AbortSignal,
  keyNumbers = KEY_NUMBERS,
): Promise<Result> {
  const count = points.rows.length;
  const dimension = points.matrix.columns;
  const kept = Math.max(0, Math.min(k, count - 1));
  const frame = frameOf(points);
  if (kept === 0) return use({ k: 0, points: new Int32Array(0), scores: new Float32Array(0), frame, dimension });
  return withKernels(layoutOf(count, kept), async (kernels) => {
    await fillLists(points, frame, kept, kernels, products, keyNumbers, signal);
    const { scores, listed } = kernels.arrays;
    return use({ k: kept, points: listed, scores, frame, dimension });
  });
}

async function fillLists(
  points: Points,
  frame: Frame,
  k: number,
  kernels: ListKernels,
  products: Products,
  keyNumbers: number,
  signal?: AbortSignal,
): Promise<void> {
  const count = points.rows.length;
  const dimension = points.matrix.columns;
  startLists(kernels, frame.lengths, k);
  const keyRows = Math.min(count, Math.max(1, Math.floor(keyNumbers / Math.max(1, dimension))));
  const keyMemory = new Float32Array(keyRows * dimension);
  const queryMemory = new Float32Array(Math.min(QUERY_ROWS, count) * dimension);
  for (let firstKey = 0; firstKey < count; firstKey += keyRows) {
    const endKey = Math.min(firstKey + keyRows, count);
    const keys = loadTile(points, frame, firstKey, endKey, keyMemory);
    // Pairs whose second point is the higher one: no queries beyond the keys.
    for (let firstQuery = 0; firstQuery < endKey; firstQuery += QUERY_ROWS) {
      const queries = loadTile(points, frame, firstQuery, Math.min(firstQuery + QUERY_ROWS, endKey), queryMemory);
      for (let first = Math.max(firstKey, firstQuery); first < endKey; first += KEY_ROWS) {
        await breathe(signal);
        const tile = rowRange(keys, first - firstKey, Math.min(first + KEY_ROWS, endKey) - firstKey);
        await offerProducts(kernels, queries, tile, firstQuery, first, products);
      }
    }
  }
}

type ListKernels = Kernels<ReturnType<typeof layoutOf>>;

function layoutOf(count: number, k: number) {
  return {
    products: ['float32', Math.min(QUERY_ROWS, count) * Math.min(KEY_ROWS, count)],
    halfSquares: ['float32', count],
    scores: ['float32', count * k],
    listed: ['int32', count * k],
    least: ['float32', count],
  } as const;
}

function startLists({ arrays, startLists: start }: ListKernels, lengths: Float64Array, k: number): void {
  const { halfSquares, scores, listed, least } = arrays;
  for (let p = 0; p < lengths.length; p++) halfSquares[p] = lengths[p] ** 2 / 2;
  scores.fill(-Infinity);
  least.fill(-Infinity);
  listed.fill(-1);
  start(halfSquares.byteOffset, scores.byteOffset, listed.byteOffset, least.byteOffset, k);
}

async function offerProducts(
  { arrays, offerTile }: ListKernels,
  queries: Matrix32,
  keys: Matrix32,
  firstQuery: number,
  firstKey: number,
  products: Products,
): Promise<void> {
  const tile = arrays.products.subarray(0, queries.rows * keys.rows);
  await products.multiplyTransposed(queries, keys, tile);
  offerTile(tile.byteOffset, queries.rows, keys.rows, firstQuery, firstKey);
}

/**
 * Whether every point nearer than `radius` to `point` is among its first candidates, whatever the rounding: the bound of a float32 sum of d products in any
 * order is d·u·‖x‖‖y‖ (Higham 2002, §3.1), and a y within the radius is no longer than ‖x‖ + radius.
 * @param slot the last of those candidates
 */
export function candidatesCover(
  { k, scores, frame, dimension }: Candidates,
  point: number,
  radius: number,
  slot = k - 1,
): boolean {
  const length = frame.lengths[point];
  // Every other point is listed.
  if (k >= frame.lengths.length - 1 && slot >= k - 1) return true;
  const reach = radius * frame.factor;
  const other = length + reach;
  const rounding =
    (dimension + 6) * ROUNDOFF * (length * other + other ** 2 / 2) + 4 * frame.error * (length + other) + 1e-36;
  // No later candidate, nor any point that is none, is nearer than this, before rounding.
  const limit = length ** 2 - 2 * scores[point * k + slot];
  return reach ** 2 < limit - 2 * rounding;
}

/** Framed points start … end − 1 in the memory of `tile`. */
function loadTile(points: Points, frame: Frame, start: number, end: number, tile: Float32Array): Matrix32 {
  const { columns } = points.matrix;
  for (let p = start; p < end; p++) loadFramed(points, frame, p, tile, (p - start) * columns);
  return { data: tile.subarray(0, (end - start) * columns), rows: end - start, columns };
}
