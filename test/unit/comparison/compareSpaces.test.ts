import { describe, expect, it } from 'vitest';
import { compareSpaces } from '../../../src/core/comparison/compareSpaces';
import { neighbourJaccards } from '../../../src/core/comparison/neighbourChange';
import { computeMoments } from '../../../src/core/geometry/moments';
import { cosineNeighbours, type CosineNeighbours } from '../../../src/core/geometry/neighbours';
import type { Matrix, Matrix64 } from '../../../src/core/linalg/matrix';
import { gaussian, testProducts, toFloat32 } from '../geometry/matrices';

async function compare(a: Matrix, b: Matrix) {
  return compareSpaces({ matrix: a }, { matrix: b }, { products: await testProducts(), seed: 0 });
}

describe('two spaces', () => {
  it('that are the same are equal by every measure, in float32 too', async () => {
    for (const matrix of [gaussian(60, 8, 1, 0.5), toFloat32(gaussian(60, 8, 1, 0.5))]) {
      const { comparison, notes, jaccards } = await compare(matrix, matrix);
      expect(comparison.neighbours).toEqual({ k: 10, count: 60, meanJaccard: 1 });
      expect(comparison.linearCka!.biased).toBeCloseTo(1, 12);
      expect(comparison.linearCka!.debiased).toBeCloseTo(1, 12);
      expect(comparison.procrustes).toBeLessThan(1e-12);
      expect(comparison.rsa).toEqual({ count: 1770, spearman: expect.closeTo(1, 12) as number });
      expect(Array.from(jaccards)).toEqual(new Array(60).fill(1));
      expect(notes).toEqual([]);
    }
  });

  it('in float32 and float64 are the same space', async () => {
    const matrix = gaussian(60, 8, 1, 0.5);
    const { comparison } = await compare(matrix, toFloat32(matrix));
    expect(comparison.procrustes).toBeLessThan(1e-12);
    expect(comparison.linearCka!.debiased).toBeCloseTo(1, 10);
  });

  it('that have nothing in common: the debiased CKA is about 0 even for fewer rows than dimensions, the biased is not', async () => {
    const { comparison } = await compare(gaussian(40, 200, 1), gaussian(40, 150, 2));
    expect(comparison.linearCka!.biased).toBeGreaterThan(0.7);
    expect(Math.abs(comparison.linearCka!.debiased!)).toBeLessThan(0.15);
  });

  it('must have the same rows', async () => {
    await expect(compare(gaussian(5, 3, 1), gaussian(6, 3, 1))).rejects.toThrow(
      'The two spaces have 5 and 6 rows: they must hold the same rows in the same order.',
    );
  });

  it('name what is not finite, and stop when cancelled', async () => {
    const broken = gaussian(20, 3, 1);
    broken.data[31] = NaN;
    await expect(compare(gaussian(20, 3, 1), broken)).rejects.toThrow('row 11, column 2');
    const options = { products: await testProducts(), seed: 0, signal: AbortSignal.abort() };
    const matrix = gaussian(20, 3, 1);
    await expect(compareSpaces({ matrix }, { matrix }, options)).rejects.toThrow();
  });

  it('take over what is known already', async () => {
    const products = await testProducts();
    const [a, b] = [gaussian(50, 6, 1), gaussian(50, 5, 2)];
    const known = async (matrix: Matrix64) => ({
      matrix,
      moments: await computeMoments(matrix, products),
      neighbours: await cosineNeighbours(matrix, 10, products),
    });
    const steps: number[] = [];
    const onStep = (done: number): void => void steps.push(done);
    const { comparison } = await compareSpaces(await known(a), await known(b), { products, seed: 0, onStep });
    expect(comparison).toEqual((await compare(a, b)).comparison);
    expect(steps).toEqual([1, 2, 3, 4, 5]);
  });

  it('of no rows have nothing to compare, and say so', async () => {
    const none = { data: new Float64Array(0), rows: 0, columns: 4 };
    const { comparison, notes } = await compare(none, none);
    expect(comparison).toEqual({ count: 0, neighbours: null, linearCka: null, procrustes: null, rsa: null });
    expect(notes.flatMap(({ keys }) => keys)).toEqual([
      'comparison.neighbours',
      'comparison.linearCka',
      'comparison.procrustes',
      'comparison.rsa',
    ]);
  });

  it('of which one has only equal cosines have no RSA', async () => {
    const simplex = { data: new Float64Array(12 * 12), rows: 12, columns: 12 };
    for (let i = 0; i < 12; i++) simplex.data[i * 13] = 1;
    const { comparison, notes } = await compare(simplex, gaussian(12, 4, 1));
    expect(comparison.rsa).toEqual({ count: 66, spearman: null });
    expect(comparison.linearCka!.debiased).toBeNull();
    expect(notes.map(({ code }) => code)).toEqual(['no-debiased-cka', 'equal-cosines']);
  });
});

describe('neighbour agreement of rows', () => {
  const table = (k: number, rows: number[]): CosineNeighbours => ({
    k,
    rows: Int32Array.from(rows),
    cosines: new Float64Array(rows.length),
  });

  it('is the share of either that is in both', () => {
    const a = table(2, [1, 2, 0, 2, 3, 1, -1, -1]);
    const b = table(2, [2, 1, 2, 3, 0, 1, 0, 1]);
    expect(Array.from(neighbourJaccards(a, b, 4, 2))).toEqual([1, 1 / 3, 1 / 3, NaN]);
  });

  it('takes the nearest of a longer list, and is not there for a shorter one', () => {
    const a = table(2, [1, 2, 2, 0, 1, 0]);
    const b = table(1, [1, 0, 1]);
    expect(Array.from(neighbourJaccards(a, b, 3, 1))).toEqual([1, 0, 1]);
    expect(Array.from(neighbourJaccards(a, b, 3, 2))).toEqual([NaN, NaN, NaN]);
  });
});
