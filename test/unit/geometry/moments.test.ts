import { describe, expect, it } from 'vitest';
import {
  computeMoments,
  covarianceOf,
  decomposeMoments,
  mergeMoments,
  variancesOf,
} from '../../../src/core/geometry/moments';
import { rowRange } from '../../../src/core/linalg/matrix';
import { gaussian, matrix32, matrix64, testProducts, toFloat32 } from './matrices';

describe('computeMoments', () => {
  it('sums what can be checked by hand', async () => {
    const moments = await computeMoments(
      matrix64([
        [3, 4],
        [0, 0],
        [0, 2],
      ]),
      await testProducts(),
    );
    expect(moments.count).toBe(3);
    expect(Array.from(moments.mean)).toEqual([1, 2]);
    expect(Array.from(moments.scatter.data)).toEqual([6, 6, 6, 8]);
    expect(moments.unitCount).toBe(2);
    expect(moments.unitSum[0]).toBeCloseTo(0.6, 15);
    expect(moments.unitSum[1]).toBeCloseTo(1.8, 15);
    expect(moments.unitSquareSum[1]).toBeCloseTo(1.64, 15);
    expect(moments.normMean).toBeCloseTo(7 / 3, 15);
    expect(moments.normScatter).toBeCloseTo(25 + 4 - 49 / 3, 13);
  });

  it('gives a constant column a variance of exactly 0, whatever its value', async () => {
    const rows = Array.from({ length: 37 }, (_, i) => [0.1, Math.sin(i), 1e9 / 3]);
    const variances = variancesOf(await computeMoments(matrix64(rows), await testProducts()));
    expect(variances[0]).toBe(0);
    expect(variances[2]).toBe(0);
    expect(variances[1]).toBeGreaterThan(0.1);
  });

  it('keeps the digits of a spread far from the origin', async () => {
    const products = await testProducts();
    const near = gaussian(300, 5, 3);
    // Whole numbers of 2⁻²⁰: moving them by 2²⁰ loses nothing, so the covariances must agree to rounding.
    const exact = { ...near, data: near.data.map((value) => Math.round(value * 2 ** 20) / 2 ** 20) };
    const far = { ...exact, data: exact.data.map((value) => value + 2 ** 20) };
    const expected = covarianceOf(await computeMoments(exact, products)).data;
    covarianceOf(await computeMoments(far, products)).data.forEach((value, at) => {
      expect(Math.abs(value - expected[at])).toBeLessThan(1e-14);
    });
  });

  it('has zeros for no rows', async () => {
    const moments = await computeMoments(matrix64([]), await testProducts());
    expect(moments).toMatchObject({ count: 0, unitCount: 0, normMean: 0 });
    expect(() => covarianceOf(moments)).toThrow(RangeError);
  });

  it.each([
    ['NaN', NaN, 'NaN (not a number) (row 2, column 3)'],
    ['infinity', -Infinity, 'an infinite value (row 2, column 3)'],
    ['a number whose square overflows', 1e200, '1e+200 (row 2, column 3)'],
  ])('names row and column of %s', async (_, value, place) => {
    const attempt = computeMoments(
      matrix64([
        [1, 2, 3],
        [4, 5, value],
      ]),
      await testProducts(),
    );
    await expect(attempt).rejects.toMatchObject({ reason: 'input', message: expect.stringContaining(place) as string });
  });

  it('refuses numbers whose squares vanish, rather than call them equal', async () => {
    const attempt = computeMoments(
      matrix64([
        [1e-170, 0],
        [2e-170, 0],
      ]),
      await testProducts(),
    );
    await expect(attempt).rejects.toMatchObject({ reason: 'input' });
  });

  it('stops when asked to', async () => {
    const attempt = computeMoments(gaussian(10, 3, 1), await testProducts(), AbortSignal.abort());
    await expect(attempt).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('does not depend on how tiles fall', async () => {
    // 2^19 numbers to a tile: five of them at d = 512, the last one short.
    const products = await testProducts();
    const matrix = toFloat32(gaussian(4500, 512, 5, 2));
    const whole = await computeMoments(matrix, products);
    const parts = await Promise.all(
      [rowRange(matrix, 0, 1000), rowRange(matrix, 1000, 1001), rowRange(matrix, 1001, 4500)].map((part) =>
        computeMoments(part, products),
      ),
    );
    const merged = parts.reduce(mergeMoments);
    // 4500 terms each of size 1: some n·eps64 relative to the diagonal.
    whole.scatter.data.forEach((value, at) => {
      if (Math.abs(value - merged.scatter.data[at]) > 1e-9) throw new Error(`entry ${String(at)}`);
    });
    expect(merged.normScatter / whole.normScatter).toBeCloseTo(1, 11);
  });
});

describe('decomposeMoments', () => {
  it('has no negative eigenvalue where rounding leaves one', async () => {
    // Rank 1 in 6 dimensions.
    const rows = Array.from({ length: 20 }, (_, i) => [1, 2, 3, 4, 5, 6].map((k) => k * Math.sin(i)));
    const { values } = decomposeMoments(await computeMoments(matrix32(rows), await testProducts()));
    expect(values.every((value) => value >= 0)).toBe(true);
    expect(values[0]).toBeGreaterThan(1);
  });
});
