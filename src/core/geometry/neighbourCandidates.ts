import type { Matrix32 } from '../linalg/matrix';
import type { NeighbourTable, Products } from '../linalg/products';
import { breathe } from './breathe';
import { frameOf, loadFramed, type Frame, type Points } from './points';

/** Tiles of 16 MB of keys and as many products with them: small beside the matrix; selecting from shorter rows of products costs more per product. */
const TILE_NUMBERS = 2 ** 22;
/** Unit roundoff of float32. */
const ROUNDOFF = 2 ** -24;

/** For each of n points the others that float32 products say are nearest, and how far that can be relied on. */
export interface Candidates {
  readonly k: number;
  /** points in no order that means anything, [n, k] */
  readonly points: Int32Array;
  readonly frame: Frame;
  readonly dimension: number;
  /** squared distance in the frame that no unlisted point is nearer than, before rounding; Infinity where every other point is listed; length n */
  readonly limits: Float64Array;
}

/**
 * Nearest neighbours by float32 products, to be settled in float64 (`nearestPoints`): ‖x − y‖² = ‖x‖² − 2(x·y − ‖y‖²/2), so the nearest y has the largest
 * inner product of (x, 1) with (y, −‖y‖²/2).
 * @param k how many; n − 1 where there are no more
 * @param tileNumbers see {@link TILE_NUMBERS}
 */
export async function findCandidates(
  points: Points,
  k: number,
  products: Products,
  signal?: AbortSignal,
  tileNumbers = TILE_NUMBERS,
): Promise<Candidates> {
  const count = points.rows.length;
  const width = points.matrix.columns + 1;
  const kept = Math.max(0, Math.min(k, count - 1));
  const frame = frameOf(points);
  const best = {
    k: kept,
    rows: new Int32Array(count * kept).fill(-1),
    products: new Float32Array(count * kept).fill(-Infinity),
  };
  const keyRows = Math.max(1, Math.floor(tileNumbers / width));
  const queryRows = Math.max(1, Math.floor(tileNumbers / Math.min(keyRows, Math.max(1, count))));
  const keyTile = new Float32Array(Math.min(keyRows, count) * width);
  const queryTile = new Float32Array(Math.min(queryRows, count) * width);

  for (let firstKey = 0; firstKey < count && kept > 0; firstKey += keyRows) {
    const keys = loadTile(
      points,
      frame,
      firstKey,
      Math.min(firstKey + keyRows, count),
      keyTile,
      (length) => -(length ** 2) / 2,
    );
    for (let firstQuery = 0; firstQuery < count; firstQuery += queryRows) {
      await breathe(signal);
      const queries = loadTile(points, frame, firstQuery, Math.min(firstQuery + queryRows, count), queryTile, () => 1);
      // One more than wanted: the point itself may be among them.
      const found = await products.largestInnerProducts(queries, keys, kept + 1, null, signal);
      for (let query = 0; query < queries.rows; query++) {
        mergeList(best, firstQuery + query, found, query, firstKey);
      }
    }
  }
  const limits = new Float64Array(count).fill(Infinity);
  if (kept < count - 1) {
    for (let p = 0; p < count; p++) limits[p] = frame.lengths[p] ** 2 - 2 * best.products[p * kept + kept - 1];
  }
  return { k: kept, points: best.rows, frame, dimension: points.matrix.columns, limits };
}

/**
 * Whether every point nearer than `radius` to `point` is among its candidates, whatever the rounding: the bound of a float32 sum of d products in any
 * order is d·u·‖x‖‖y‖ (Higham 2002, §3.1), and a y within the radius is no longer than ‖x‖ + radius.
 */
export function candidatesCover({ frame, limits, dimension }: Candidates, point: number, radius: number): boolean {
  const limit = limits[point];
  if (limit === Infinity) return true;
  const reach = radius * frame.factor;
  const length = frame.lengths[point];
  const other = length + reach;
  const rounding =
    (dimension + 6) * ROUNDOFF * (length * other + other ** 2 / 2) + 4 * frame.error * (length + other) + 1e-36;
  return reach ** 2 < limit - 2 * rounding;
}

function loadTile(
  points: Points,
  frame: Frame,
  start: number,
  end: number,
  tile: Float32Array,
  last: (length: number) => number,
): Matrix32 {
  const width = frame.centre.length + 1;
  for (let p = start; p < end; p++) {
    const at = (p - start) * width;
    loadFramed(points, frame, p, tile, at);
    tile[at + width - 1] = last(frame.lengths[p]);
  }
  return { data: tile.subarray(0, (end - start) * width), rows: end - start, columns: width };
}

/** Merges a found list into the best list of a point; both descend. */
function mergeList(best: NeighbourTable, point: number, found: NeighbourTable, query: number, firstKey: number): void {
  const { k } = best;
  const start = point * k;
  for (let slot = 0; slot < found.k; slot++) {
    const product = found.products[query * found.k + slot];
    const other = found.rows[query * found.k + slot] + firstKey;
    if (other === point) continue;
    if (product <= best.products[start + k - 1]) return;
    let at = start + k - 1;
    for (; at > start && best.products[at - 1] < product; at--) {
      best.products[at] = best.products[at - 1];
      best.rows[at] = best.rows[at - 1];
    }
    best.products[at] = product;
    best.rows[at] = other;
  }
}
