import { zeros64 } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import { breathe } from './breathe';
import { rowsPerTile } from './moments';
import type { NearestList } from './nearestList';
import type { VisitNearest } from './nearestPoints';
import { frameOf, loadFramed, loadPoint, squaredDistance, type Frame, type Points } from './points';

/** Distances of one tile of queries to all points: 8 MB. */
const TILE_DISTANCES = 2 ** 20;

/**
 * Visits the points `queries` with the nearest of all others: float64 products tell all that may be among them, differences decide. For points whose
 * neighbours float32 products could not settle: near duplicates, lattices, very flat clouds.
 * @param list holds as many as are wanted
 */
export async function scanForNearest(
  points: Points,
  queries: readonly number[],
  list: NearestList,
  products: Products,
  visit: VisitNearest,
  signal?: AbortSignal,
): Promise<void> {
  if (queries.length === 0) return;
  const frame = frameOf(points);
  const count = points.rows.length;
  const from = new Float64Array(points.matrix.columns);
  const k = list.points.length;
  const tileQueries = Math.max(1, Math.floor(TILE_DISTANCES / count));
  for (let start = 0; start < queries.length; start += tileQueries) {
    const tile = queries.slice(start, start + tileQueries);
    const squares = await framedSquares(points, frame, tile, products, signal);
    tile.forEach((query, at) => {
      const row = squares.subarray(at * count, (at + 1) * count);
      row[query] = Infinity;
      const limit = kthSmallest(row, k) + 2 * roundingOf(points, frame, query);
      loadPoint(points, query, from);
      list.clear();
      for (let other = 0; other < count; other++) {
        if (row[other] <= limit && other !== query) list.offer(other, squaredDistance(points, from, other));
      }
      visit(query, list);
    });
  }
}

/** Squared distances in the frame from `queries` to all n points, [queries, n], good to `roundingOf`. */
async function framedSquares(
  points: Points,
  frame: Frame,
  queries: readonly number[],
  products: Products,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const { columns } = points.matrix;
  const count = points.rows.length;
  const left = zeros64(queries.length, columns);
  queries.forEach((query, at) => loadFramed(points, frame, query, left.data, at * columns));
  const squares = new Float64Array(queries.length * count);
  const tileRows = rowsPerTile(columns);
  const tile = new Float64Array(Math.min(tileRows, count) * columns);
  for (let start = 0; start < count; start += tileRows) {
    await breathe(signal);
    const rows = Math.min(tileRows, count - start);
    for (let at = 0; at < rows; at++) loadFramed(points, frame, start + at, tile, at * columns);
    const right = { data: tile.subarray(0, rows * columns), rows, columns };
    const { data } = await products.multiplyTransposed(left, right);
    queries.forEach((query, q) => {
      const square = frame.lengths[query] ** 2;
      for (let at = 0; at < rows; at++) {
        squares[q * count + start + at] = square + frame.lengths[start + at] ** 2 - 2 * data[q * rows + at];
      }
    });
  }
  return squares;
}

/** Bound on the error of a squared framed distance from `query`: a float64 sum of d products in any order, the framing, and the points' resolution. */
function roundingOf(points: Points, frame: Frame, query: number): number {
  const reach = frame.lengths[query] + 1;
  const product = (frame.centre.length + 8) * 2 ** -52 * reach ** 2;
  return product + 8 * frame.error * reach + points.resolution;
}

function kthSmallest(values: Float64Array, k: number): number {
  const smallest = new Float64Array(k).fill(Infinity);
  for (const value of values) {
    if (value >= smallest[k - 1]) continue;
    let at = k - 1;
    for (; at > 0 && smallest[at - 1] > value; at--) smallest[at] = smallest[at - 1];
    smallest[at] = value;
  }
  return smallest[k - 1];
}
