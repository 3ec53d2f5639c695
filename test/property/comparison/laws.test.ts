import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareSpaces } from '../../../src/core/comparison/compareSpaces';
import { matrixOf, type Matrix64 } from '../../../src/core/linalg/matrix';
import { createRandom } from '../../../src/core/linalg/random';
import { decomposeSymmetric } from '../../../src/core/linalg/symmetricEigenSolver';
import type { SpaceComparison } from '../../../src/core/protocol/comparison';
import { gaussian, testProducts } from '../../unit/geometry/matrices';

/** Two related spaces of the same rows, of any dimensions. */
const spaces = fc.record({
  rows: fc.integer({ min: 12, max: 40 }),
  columns: fc.integer({ min: 2, max: 12 }),
  others: fc.integer({ min: 2, max: 12 }),
  seed: fc.integer({ min: 0, max: 1e6 }),
});
const RUNS = { numRuns: 25, seed: 4 };

async function pairOf(space: { rows: number; columns: number; others: number; seed: number }) {
  const products = await testProducts();
  const a = gaussian(space.rows, space.columns, space.seed, 0.4);
  const b = await products.multiply(a, gaussian(space.columns, space.others, space.seed + 1));
  const noise = gaussian(space.rows, space.others, space.seed + 2);
  b.data.forEach((value, at) => (b.data[at] = value + noise.data[at]));
  return { a, b };
}

async function compare(a: Matrix64, b: Matrix64): Promise<SpaceComparison> {
  return (await compareSpaces({ matrix: a }, { matrix: b }, { products: await testProducts(), seed: 0 })).comparison;
}

/** A random orthogonal matrix: eigenvectors of a random symmetric one. */
function rotationOf(columns: number, seed: number): Matrix64 {
  const random = createRandom(seed);
  const data = new Float64Array(columns * columns);
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++) data[i * columns + j] = data[j * columns + i] = random.normal();
  }
  return decomposeSymmetric(matrixOf(data, columns, columns)).vectors;
}

function expectEqual(x: SpaceComparison, y: SpaceComparison): void {
  expect(x.linearCka!.biased).toBeCloseTo(y.linearCka!.biased!, 10);
  expect(x.linearCka!.debiased).toBeCloseTo(y.linearCka!.debiased!, 10);
  expect(x.procrustes).toBeCloseTo(y.procrustes!, 10);
}

describe('comparing two spaces', () => {
  it('knows no order', () =>
    fc.assert(
      fc.asyncProperty(spaces, async (space) => {
        const { a, b } = await pairOf(space);
        const [there, back] = [await compare(a, b), await compare(b, a)];
        expectEqual(there, back);
        expect(there.neighbours).toEqual(back.neighbours);
        expect(there.rsa!.spearman).toBeCloseTo(back.rsa!.spearman!, 12);
      }),
      RUNS,
    ));

  it('does not see a rotation, a scale and a shift of one of them (cosines see the shift)', () =>
    fc.assert(
      fc.asyncProperty(spaces, fc.double({ min: 0.01, max: 100, noNaN: true }), async (space, scale) => {
        const products = await testProducts();
        const { a, b } = await pairOf(space);
        const turned = await products.multiply(b, rotationOf(b.columns, space.seed + 3));
        turned.data.forEach((value, at) => (turned.data[at] = value * scale));
        const [before, after] = [await compare(a, b), await compare(a, turned)];
        expectEqual(before, after);
        expect(after.neighbours!.meanJaccard).toBeCloseTo(before.neighbours!.meanJaccard, 10);
        expect(after.rsa!.spearman).toBeCloseTo(before.rsa!.spearman!, 9);
        turned.data.forEach((value, at) => (turned.data[at] = value + scale * (at % turned.columns)));
        expectEqual(before, await compare(a, turned));
      }),
      RUNS,
    ));

  it('does not see the order of the rows, nor columns of zeros', () =>
    fc.assert(
      fc.asyncProperty(spaces, async (space) => {
        const { a, b } = await pairOf(space);
        const before = await compare(a, b);
        const reversed = await compare(reverse(a), reverse(b));
        expectEqual(before, reversed);
        expect(reversed.neighbours!.meanJaccard).toBeCloseTo(before.neighbours!.meanJaccard, 10);
        expectEqual(before, await compare(a, widen(b)));
      }),
      RUNS,
    ));

  it('stays in range', () =>
    fc.assert(
      fc.asyncProperty(spaces, async (space) => {
        const { a, b } = await pairOf(space);
        const { neighbours, linearCka, procrustes, rsa } = await compare(a, b);
        for (const share of [neighbours!.meanJaccard, linearCka!.biased!, procrustes!]) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1);
        }
        for (const correlation of [linearCka!.debiased!, rsa!.spearman!]) {
          expect(Math.abs(correlation)).toBeLessThanOrEqual(1);
        }
      }),
      RUNS,
    ));
});

function reverse({ data, rows, columns }: Matrix64): Matrix64 {
  const reversed = new Float64Array(data.length);
  for (let row = 0; row < rows; row++) {
    reversed.set(data.subarray(row * columns, (row + 1) * columns), (rows - 1 - row) * columns);
  }
  return matrixOf(reversed, rows, columns);
}

function widen({ data, rows, columns }: Matrix64): Matrix64 {
  const wide = new Float64Array(rows * (columns + 2));
  for (let row = 0; row < rows; row++) wide.set(data.subarray(row * columns, (row + 1) * columns), row * (columns + 2));
  return matrixOf(wide, rows, columns + 2);
}
