import { describe, expect, it } from 'vitest';
import { computeMoments, variancesOf } from '../../../src/core/geometry/moments';
import type { Matrix } from '../../../src/core/linalg/matrix';
import { gaussian, matrix64, testProducts, toFloat32 } from './matrices';

/** 4088 rows are the most that a tile takes: these span three, the last one short and no multiple of eight. */
const ROWS = 9_301;

/** Mean and scatter in two passes of plain loops. */
function byDefinition({ data, rows, columns: d }: Matrix): { mean: Float64Array; scatter: Float64Array } {
  const mean = new Float64Array(d);
  const scatter = new Float64Array(d * d);
  for (let at = 0; at < data.length; at++) mean[at % d] += data[at] / rows;
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < d; i++) {
      const off = data[row * d + i] - mean[i];
      for (let j = 0; j < d; j++) scatter[i * d + j] += off * (data[row * d + j] - mean[j]);
    }
  }
  return { mean, scatter };
}

describe('computeMoments over several tiles', () => {
  it.each([
    ['rows in no order', gaussian(ROWS, 5, 1, 3)],
    ['float32 rows', toFloat32(gaussian(ROWS, 5, 2, 3))],
    ['rows whose mean moves from tile to tile', drifting(ROWS, 4)],
    ['rows of which the last alone is elsewhere', lastElsewhere(ROWS, 3)],
  ])('equals two passes: %s', async (_, matrix) => {
    const { mean, scatter, normMean, unitCount } = await computeMoments(matrix, await testProducts());
    const expected = byDefinition(matrix);
    const largest = Math.max(...expected.scatter);
    expected.mean.forEach((value, k) => expect(Math.abs(mean[k] - value)).toBeLessThan(1e-12 * (1 + Math.abs(value))));
    // Sums of 9301 squares either way: some n·ε of the largest.
    expected.scatter.forEach((value, at) => expect(Math.abs(scatter.data[at] - value)).toBeLessThan(2e-12 * largest));
    expect(unitCount).toBe(ROWS);
    expect(normMean).toBeGreaterThan(0);
  });

  it('keeps a spread that is tiny beside a mean that moves', async () => {
    // In two of three dimensions the rows walk far; in the direction across they stay within 1e-6.
    const matrix = drifting(ROWS, 2);
    for (let row = 0; row < ROWS; row++) {
      const far = Math.round(matrix.data[row * 2] * 1024) / 1024;
      matrix.data[row * 2] = far + (row % 2 === 0 ? 2 ** -20 : -(2 ** -20));
      matrix.data[row * 2 + 1] = far;
    }
    const { scatter } = await computeMoments(matrix, await testProducts());
    const [a, b, , d] = scatter.data;
    // vᵀSv for v = (1, −1): Σ(±2⁻²⁰)², less what rounding leaves of the far larger parts.
    expect(Math.abs(a - 2 * b + d - ROWS * 2 ** -40)).toBeLessThan(1e-14 * a);
  });

  it('gives a constant column a variance of exactly 0', async () => {
    const matrix = gaussian(ROWS, 3, 6);
    for (let row = 0; row < ROWS; row++) matrix.data[row * 3 + 1] = 1 / 3;
    const moments = await computeMoments(matrix, await testProducts());
    expect(variancesOf(moments)[1]).toBe(0);
    expect(moments.mean[1]).toBe(1 / 3);
  });

  it('is symmetric to the bit', async () => {
    const { scatter } = await computeMoments(gaussian(300, 70, 7), await testProducts());
    for (let i = 0; i < 70; i++) {
      for (let j = 0; j < i; j++) expect(scatter.data[i * 70 + j]).toBe(scatter.data[j * 70 + i]);
    }
  });

  it('names a NaN in the last tile', async () => {
    const matrix = gaussian(ROWS, 3, 8);
    matrix.data[(ROWS - 1) * 3 + 2] = NaN;
    const attempt = computeMoments(matrix, await testProducts());
    await expect(attempt).rejects.toMatchObject({
      reason: 'input',
      message: expect.stringContaining(`row ${String(ROWS)}, column 3`) as string,
    });
  });

  it('takes numbers whose squares sum beyond what is safe, one by one being good', async () => {
    const rows = Array.from({ length: 20 }, (_, i) => Array.from({ length: 300 }, (__, k) => 9e139 * Math.sin(i + k)));
    const moments = await computeMoments(matrix64(rows), await testProducts());
    expect(moments.unitCount).toBe(20);
    expect(Number.isFinite(moments.normMean)).toBe(true);
    expect(moments.normMean).toBeGreaterThan(1e140);
  });

  it('counts rows of length 0 as without direction', async () => {
    const matrix = gaussian(50, 4, 9);
    matrix.data.fill(0, 8, 16);
    expect((await computeMoments(matrix, await testProducts())).unitCount).toBe(48);
  });
});

/** Sorted rows: the mean of a tile lies far from that of those before. */
function drifting(rows: number, columns: number): Matrix {
  const matrix = gaussian(rows, columns, 11);
  for (let at = 0; at < matrix.data.length; at++) matrix.data[at] += 0.05 * Math.floor(at / columns);
  return matrix;
}

function lastElsewhere(rows: number, columns: number): Matrix {
  const matrix = gaussian(rows, columns, 12);
  matrix.data.fill(1e6, (rows - 1) * columns);
  return matrix;
}
