import { SingularValueDecomposition, Matrix as MlMatrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { zeros64, type Matrix64 } from '../../../src/core/linalg/matrix';
import { singularValues, transposed } from '../../../src/core/linalg/singularValues';
import { gaussian, matrix64, testProducts } from '../geometry/matrices';

/** Of a Gaussian matrix with columns scaled by 10^(−i·decades/n). */
function graded(rows: number, columns: number, decades: number): Matrix64 {
  const matrix = gaussian(rows, columns, 4);
  matrix.data.forEach((value, at) => {
    matrix.data[at] = value * 10 ** ((-(at % columns) * decades) / columns);
  });
  return matrix;
}

function reference({ data, rows, columns }: Matrix64): number[] {
  return new SingularValueDecomposition(MlMatrix.from1DArray(rows, columns, Array.from(data)), { autoTranspose: true })
    .diagonal;
}

describe('singular values', () => {
  it.each([
    ['square', gaussian(20, 20, 1)],
    ['tall', gaussian(40, 7, 2)],
    ['wide', gaussian(6, 31, 3)],
    ['graded over 14 decades', graded(30, 24, 14)],
    ['graded and wide', transposed(graded(40, 18, 9))],
    ['of one column', gaussian(9, 1, 5)],
  ] as const)('%s: those of another method', async (_, matrix) => {
    const values = await singularValues(matrix, await testProducts());
    const expected = reference(matrix);
    expect(values).toHaveLength(Math.min(matrix.rows, matrix.columns));
    // Both are good to some eps times the largest.
    expected.forEach((value, i) => expect(Math.abs(values[i] - value)).toBeLessThan(1e-13 * expected[0]));
  });

  it('of a matrix of rank 3 are three', async () => {
    const products = await testProducts();
    const low = await products.multiply(gaussian(25, 3, 1), gaussian(3, 20, 2));
    const values = await singularValues(low, products);
    expect(values[2]).toBeGreaterThan(1);
    expect(values.subarray(3).reduce((sum, value) => sum + value, 0)).toBeLessThan(1e-12 * values[0]);
  });

  it('of an orthogonal matrix are 1, of zeros 0, of nothing none', async () => {
    const products = await testProducts();
    const rotation = matrix64([
      [0.6, 0.8],
      [-0.8, 0.6],
    ]);
    expect(Array.from(await singularValues(rotation, products))).toEqual([1, 1].map((v) => expect.closeTo(v, 14) as number));
    expect(Array.from(await singularValues(zeros64(4, 3), products))).toEqual([0, 0, 0]);
    expect(await singularValues(zeros64(0, 3), products)).toHaveLength(0);
    expect(await singularValues(zeros64(3, 0), products)).toHaveLength(0);
  }); // prettier-ignore
});
