import type { ModelSession } from '../runtime/runtime';
import { rowRange, type Matrix32 } from './matrix';
import type { NeighbourTable } from './products';

/** Bytes of the products of one tile of queries with one tile of keys: what one run allocates. */
export const TILE_BYTES = 64 * 2 ** 20;
/** Enough queries at a time to keep the threads of a matrix product busy. */
const LEAST_QUERIES = 256;

/**
 * For each query the k largest inner products with keys, in tiles of bounded memory: tiles of queries, and of keys once a row of products gets so long
 * that only a few would fit.
 * @param session runs {@link largestProductsGraph}
 * @param tileBytes see {@link TILE_BYTES}
 * @returns k columns, or as many as there are keys besides the excluded one
 */
export async function findLargestInnerProducts(
  session: ModelSession,
  queries: Matrix32,
  keys: Matrix32,
  k: number,
  exclude: Int32Array | null,
  signal?: AbortSignal,
  tileBytes = TILE_BYTES,
): Promise<NeighbourTable> {
  const kept = Math.max(0, Math.min(k, exclude ? keys.rows - 1 : keys.rows));
  const table = emptyTable(queries.rows, kept);
  if (queries.rows === 0 || kept === 0) return table;
  // The excluded row may be among the largest: one more leaves enough without it.
  const wanted = exclude ? kept + 1 : kept;

  const products = tileBytes / Float32Array.BYTES_PER_ELEMENT;
  const keysPerTile = evenTile(keys.rows, Math.max(wanted, Math.floor(products / LEAST_QUERIES)));
  const queriesPerTile = evenTile(queries.rows, Math.max(1, Math.floor(products / keysPerTile)));
  for (let start = 0; start < queries.rows; start += queriesPerTile) {
    const end = Math.min(start + queriesPerTile, queries.rows);
    const tile = rowRange(queries, start, end);
    let best: NeighbourTable | undefined;
    for (let firstKey = 0; firstKey < keys.rows; firstKey += keysPerTile) {
      signal?.throwIfAborted();
      const endKey = Math.min(firstKey + keysPerTile, keys.rows);
      const found = await largestOfTile(session, tile, rowRange(keys, firstKey, endKey), wanted, firstKey);
      best = best ? merge(best, found, wanted) : found;
    }
    if (best) copyWithoutExcluded(best, table, start, exclude);
  }
  return table;
}

/** The least even share that needs no more tiles: tiles of equal size make equal keys give equal products in every tile. */
function evenTile(count: number, most: number): number {
  return Math.ceil(count / Math.ceil(count / most));
}

function emptyTable(queries: number, k: number): NeighbourTable {
  return { k, rows: new Int32Array(queries * k), products: new Float32Array(queries * k) };
}

async function largestOfTile(
  session: ModelSession,
  queries: Matrix32,
  keys: Matrix32,
  wanted: number,
  firstKey: number,
): Promise<NeighbourTable> {
  const k = Math.min(wanted, keys.rows);
  // Without a dimension every product is 0, and ONNX Runtime takes no empty matrices.
  const [wideQueries, wideKeys] = queries.columns > 0 ? [queries, keys] : [zeroColumn(queries), zeroColumn(keys)];
  const { rows, products } = await session.run({
    queries: { type: 'float32', dims: [wideQueries.rows, wideQueries.columns], data: wideQueries.data },
    keys: { type: 'float32', dims: [wideKeys.rows, wideKeys.columns], data: wideKeys.data },
    k: { type: 'int64', dims: [1], data: BigInt64Array.of(BigInt(k)) },
  });
  const keyRows = rows.data as Int32Array;
  for (let i = 0; i < keyRows.length; i++) keyRows[i] += firstKey;
  return { k, rows: keyRows, products: products.data as Float32Array };
}

function zeroColumn(matrix: Matrix32): Matrix32 {
  return { data: new Float32Array(matrix.rows), rows: matrix.rows, columns: 1 };
}

/** The `wanted` largest of two descending lists per query; `first` holds the lower rows and so wins where products are equal. */
function merge(first: NeighbourTable, second: NeighbourTable, wanted: number): NeighbourTable {
  const queries = first.rows.length / first.k;
  const k = Math.min(wanted, first.k + second.k);
  const merged = emptyTable(queries, k);
  for (let query = 0; query < queries; query++) {
    let a = query * first.k;
    let b = query * second.k;
    const endA = a + first.k;
    const endB = b + second.k;
    for (let slot = query * k; slot < (query + 1) * k; slot++) {
      const takeFirst = b === endB || (a < endA && first.products[a] >= second.products[b]);
      const source = takeFirst ? first : second;
      const at = takeFirst ? a++ : b++;
      merged.rows[slot] = source.rows[at];
      merged.products[slot] = source.products[at];
    }
  }
  return merged;
}

function copyWithoutExcluded(
  best: NeighbourTable,
  table: NeighbourTable,
  firstQuery: number,
  exclude: Int32Array | null,
): void {
  const queries = best.rows.length / best.k;
  for (let query = 0; query < queries; query++) {
    const excluded = exclude ? exclude[firstQuery + query] : -1;
    let slot = (firstQuery + query) * table.k;
    const end = slot + table.k;
    for (let at = query * best.k; slot < end; at++) {
      if (best.rows[at] === excluded) continue;
      table.rows[slot] = best.rows[at];
      table.products[slot] = best.products[at];
      slot++;
    }
  }
}
