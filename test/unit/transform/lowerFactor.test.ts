import { beforeAll, describe, expect, it } from 'vitest';
import type { Products } from '../../../src/core/linalg/products';
import { lowerFactor } from '../../../src/core/transform/lowerFactor';
import { innerProducts, largestDifference, matrixFrom, openTestProducts, randomRows } from './fixtures';

let products: Products;
beforeAll(async () => {
  products = await openTestProducts();
});

describe('lowerFactor', () => {
  it.each([
    [5, 5],
    [6, 3],
    [3, 6],
    [1, 1],
    // More than one panel of reflections.
    [70, 70],
    [80, 40],
    [40, 80],
  ])('of %i × %i numbers has the same products of rows, and nothing above a diagonal ≥ 0', async (rows, columns) => {
    const a = randomRows(rows, columns, 7);
    const lower = await lowerFactor(a, products);
    expect(largestDifference(innerProducts(lower), innerProducts(a))).toBeLessThan(1e-15 * rows * columns);
    for (let row = 0; row < rows; row++) {
      for (let column = row + 1; column < columns; column++) expect(lower.data[row * columns + column]).toBe(0);
      if (row < columns) expect(lower.data[row * columns + row]).toBeGreaterThanOrEqual(0);
    }
  });

  it('is the Cholesky factor', async () => {
    // [[4, 2], [2, 10]] = L Lᵀ with L = [[2, 0], [1, 3]]; the root here is L turned by 30°.
    const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
    const root = matrixFrom([
      [2 * c, 2 * s],
      [c - 3 * s, s + 3 * c],
    ]);
    expect(largestDifference((await lowerFactor(root, products)).data, [2, 0, 1, 3])).toBeLessThan(1e-15);
  });

  it('divides by no pivot: zeros and dependent rows', async () => {
    const a = matrixFrom([
      [0, 0, 0],
      [1, 2, 2],
      [2, 4, 4],
      [0, 0, 1],
    ]);
    const lower = await lowerFactor(a, products);
    expect(lower.data.every(Number.isFinite)).toBe(true);
    expect(largestDifference(innerProducts(lower), innerProducts(a))).toBeLessThan(1e-14);
  });
});
