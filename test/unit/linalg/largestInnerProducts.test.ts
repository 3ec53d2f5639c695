import { beforeAll, describe, expect, it } from 'vitest';
import { findLargestInnerProducts } from '../../../src/core/linalg/largestInnerProducts';
import { type Matrix32, matrixOf, rowRange } from '../../../src/core/linalg/matrix';
import { openProducts } from '../../../src/core/linalg/onnxProducts';
import { largestProductsGraph } from '../../../src/core/linalg/productGraphs';
import type { NeighbourTable, Products } from '../../../src/core/linalg/products';
import { createRandom } from '../../../src/core/linalg/random';
import { openNodeRuntime } from '../../../src/core/runtime/nodeRuntime';
import type { ModelSession } from '../../../src/core/runtime/runtime';

let products: Products;
let session: ModelSession;
beforeAll(async () => {
  const runtime = await openNodeRuntime({ threads: 2 });
  products = await openProducts(runtime);
  session = await runtime.open(largestProductsGraph());
});

/** Small whole numbers: products are exact in float32, and many are equal. */
function wholeNumbers(rows: number, columns: number, seed: number): Matrix32 {
  const random = createRandom(seed);
  return matrixOf(
    Float32Array.from({ length: rows * columns }, () => random.integer(5) - 2),
    rows,
    columns,
  );
}

/** By definition: every product, sorted by size and then by row. */
function expectedTable(queries: Matrix32, keys: Matrix32, k: number, exclude: Int32Array | null): NeighbourTable {
  const kept = Math.max(0, Math.min(k, exclude ? keys.rows - 1 : keys.rows));
  const table = { k: kept, rows: [] as number[], products: [] as number[] };
  for (let q = 0; q < queries.rows; q++) {
    const found: { row: number; product: number }[] = [];
    for (let row = 0; row < keys.rows; row++) {
      if (exclude?.[q] === row) continue;
      let product = 0;
      for (let c = 0; c < keys.columns; c++)
        product += queries.data[q * keys.columns + c] * keys.data[row * keys.columns + c];
      found.push({ row, product });
    }
    found.sort((a, b) => b.product - a.product || a.row - b.row);
    for (const { row, product } of found.slice(0, kept)) {
      table.rows.push(row);
      table.products.push(product);
    }
  }
  return { k: kept, rows: Int32Array.from(table.rows), products: Float32Array.from(table.products) };
}

const itself = (rows: number) => Int32Array.from({ length: rows }, (_, i) => i);

describe('largestInnerProducts', () => {
  it.each([1, 2, 10, 59, 60, 61, 1000])('finds the %i largest among 60 keys, equal ones by row', async (k) => {
    const [queries, keys] = [wholeNumbers(25, 4, 1), wholeNumbers(60, 4, 2)];
    expect(await products.largestInnerProducts(queries, keys, k, null)).toEqual(expectedTable(queries, keys, k, null));
  });

  it.each([1, 10, 59, 60])('leaves each row out of its own %i neighbours', async (k) => {
    const x = wholeNumbers(60, 4, 3);
    const exclude = itself(60);
    expect(await products.largestInnerProducts(x, x, k, exclude)).toEqual(expectedTable(x, x, k, exclude));
  });

  it('leaves out the row that is named, also where it is not among the largest, or none for −1', async () => {
    const [queries, keys] = [wholeNumbers(6, 3, 4), wholeNumbers(12, 3, 5)];
    const exclude = Int32Array.of(11, 0, -1, 5, 5, 3);
    expect(await products.largestInnerProducts(queries, keys, 4, exclude)).toEqual(
      expectedTable(queries, keys, 4, exclude),
    );
  });

  it('orders equal rows by number', async () => {
    const row = Float32Array.from({ length: 384 }, (_, i) => Math.sin(i));
    const x = matrixOf(
      Float32Array.from({ length: 384 * 100 }, (_, i) => row[i % 384]),
      100,
      384,
    );
    const { rows } = await products.largestInnerProducts(x, x, 5, itself(100));
    expect([...rows.subarray(0, 5)]).toEqual([1, 2, 3, 4, 5]);
    expect([...rows.subarray(3 * 5, 4 * 5)]).toEqual([0, 1, 2, 4, 5]);
    expect([...rows.subarray(99 * 5)]).toEqual([0, 1, 2, 3, 4]);
  });

  it.each([
    [0, 5, 3],
    [5, 0, 3],
    [4, 4, 0],
  ])('has no neighbours for %i queries, %i keys, k = %i', async (queries, keys, k) => {
    const table = await products.largestInnerProducts(wholeNumbers(queries, 2, 6), wholeNumbers(keys, 2, 7), k, null);
    expect(table.rows).toHaveLength(0);
    expect(table.products).toHaveLength(0);
  });

  it('has none for a single row but itself', async () => {
    const one = wholeNumbers(1, 3, 8);
    expect(await products.largestInnerProducts(one, one, 10, itself(1))).toMatchObject({ k: 0 });
  });

  it('takes vectors without dimensions as equal', async () => {
    const nothing = matrixOf(new Float32Array(0), 3, 0);
    const { rows, products: found } = await products.largestInnerProducts(nothing, nothing, 2, itself(3));
    expect([...rows]).toEqual([1, 2, 0, 2, 0, 1]);
    expect([...found]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('refuses shapes that do not fit', async () => {
    const x = wholeNumbers(3, 2, 9);
    await expect(products.largestInnerProducts(x, wholeNumbers(3, 4, 9), 1, null)).rejects.toThrow(RangeError);
    await expect(products.largestInnerProducts(x, x, 1, itself(2))).rejects.toThrow(RangeError);
  });
});

describe('findLargestInnerProducts in tiles', () => {
  // 256 queries at a time and as many keys as then fit: 8, 40 and all 700 of them.
  it.each([8, 40, 10_000])('gives the same with %i keys a tile', async (keysPerTile) => {
    const [queries, keys] = [wholeNumbers(300, 4, 10), wholeNumbers(700, 4, 11)];
    const exclude = Int32Array.from({ length: 300 }, (_, i) => (i * 7) % 700);
    for (const excluded of [null, exclude]) {
      const table = await findLargestInnerProducts(
        session,
        queries,
        keys,
        6,
        excluded,
        undefined,
        256 * keysPerTile * Float32Array.BYTES_PER_ELEMENT,
      );
      expect(table).toEqual(expectedTable(queries, keys, 6, excluded));
    }
  });

  it('never holds more products than a tile', async () => {
    const tileBytes = 64 * 1024;
    const products: number[] = [];
    const watched: ModelSession = {
      ...session,
      inputs: session.inputs,
      run: (feeds) => {
        products.push(feeds['queries'].dims[0] * feeds['keys'].dims[0]);
        return session.run(feeds);
      },
    };
    const x = wholeNumbers(900, 3, 12);
    await findLargestInnerProducts(watched, x, x, 5, itself(900), undefined, tileBytes);
    expect(products.length).toBeGreaterThan(1);
    expect(Math.max(...products) * Float32Array.BYTES_PER_ELEMENT).toBeLessThanOrEqual(tileBytes);
    expect(products.reduce((sum, count) => sum + count, 0)).toBe(900 * 900);
  });

  it('stops between tiles when it is cancelled', async () => {
    const x = wholeNumbers(600, 3, 13);
    const controller = new AbortController();
    let runs = 0;
    const cancelling: ModelSession = {
      ...session,
      run: (feeds) => {
        runs++;
        controller.abort();
        return session.run(feeds);
      },
    };
    const searching = findLargestInnerProducts(cancelling, x, x, 5, null, controller.signal, 64 * 1024);
    await expect(searching).rejects.toMatchObject({ name: 'AbortError' });
    expect(runs).toBe(1);
  });

  it('agrees over the tiles of a larger search with float32 rounding', async () => {
    const random = createRandom(14);
    const data = Float32Array.from({ length: 500 * 64 }, () => random.normal());
    const x = matrixOf(data, 500, 64);
    const whole = await findLargestInnerProducts(session, x, x, 8, itself(500));
    const tiled = await findLargestInnerProducts(session, x, x, 8, itself(500), undefined, 128 * 1024);
    expect(tiled.rows).toEqual(whole.rows);
    const alone = await findLargestInnerProducts(session, rowRange(x, 17, 18), x, 8, Int32Array.of(17));
    expect([...alone.rows]).toEqual([...whole.rows.subarray(17 * 8, 18 * 8)]);
  });
});
