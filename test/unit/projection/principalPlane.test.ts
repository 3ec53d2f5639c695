import { beforeAll, describe, expect, it } from 'vitest';
import { computeMoments, decomposeMoments } from '../../../src/core/geometry/moments';
import type { Matrix } from '../../../src/core/linalg/matrix';
import type { Products } from '../../../src/core/linalg/products';
import { principalAxes, projectToPlane, type PrincipalPlane } from '../../../src/core/projection/principalPlane';
import { fitAndApply, largestDifference, matrixFrom, openTestProducts, randomRows } from '../transform/fixtures';

let products: Products;
beforeAll(async () => {
  products = await openTestProducts();
});

async function planeOf(x: Matrix, rows?: Uint32Array): Promise<PrincipalPlane> {
  const moments = await computeMoments(x, products);
  return projectToPlane(x, moments, moments.count < 2 ? null : decomposeMoments(moments), products, rows);
}

describe('projectToPlane', () => {
  it('draws the two directions of largest variance, the largest loading positive', async () => {
    // An ellipse in the first two of three dimensions, turned so that the long axis is (−3, 4)/5.
    const x = matrixFrom(
      Array.from({ length: 40 }, (_, i) => {
        const [long, short] = [5 * Math.cos(i / 3), Math.sin(i / 3)];
        return [10 - 0.6 * long + 0.8 * short, 0.8 * long + 0.6 * short, 7];
      }),
    );
    const { plane, varianceShare } = await planeOf(x);
    const axes = principalAxes(decomposeMoments(await computeMoments(x, products)));
    expect(axes.data[1]).toBeGreaterThan(0.79);
    expect(axes.data[3]).toBeGreaterThan(0.79);
    expect(varianceShare[0] + varianceShare[1]).toBeCloseTo(1, 12);
    // Lengths from the mean are kept where two axes hold all variance; float32 holds 7 digits.
    const { mean } = await computeMoments(x, products);
    for (let row = 0; row < x.rows; row++) {
      const length = Math.hypot(...[0, 1, 2].map((i) => x.data[row * 3 + i] - mean[i]));
      expect(Math.hypot(plane[row * 2], plane[row * 2 + 1])).toBeCloseTo(length, 5);
    }
  });

  it('has uncorrelated axes whose variances are the eigenvalues', async () => {
    const x = randomRows(300, 9, 2);
    const { plane, varianceShare } = await planeOf(x);
    const { values } = decomposeMoments(await computeMoments(x, products));
    const total = values.reduce((sum, value) => sum + value, 0);
    const moments = await computeMoments({ data: plane, rows: 300, columns: 2 }, products);
    const [xx, xy, , yy] = moments.scatter.data.map((value) => value / 299);
    expect(largestDifference([xx, xy, yy], [values[0], 0, values[1]])).toBeLessThan(1e-5 * values[0]);
    expect(largestDifference(varianceShare, [values[0] / total, values[1] / total])).toBeLessThan(1e-12);
  });

  it('draws chosen rows in their order', async () => {
    const x = randomRows(50, 4, 3);
    const { plane } = await planeOf(x);
    const chosen = await planeOf(x, Uint32Array.of(7, 0, 49));
    expect([...chosen.plane]).toEqual([...plane.slice(14, 16), ...plane.slice(0, 2), ...plane.slice(98, 100)]);
  });

  it.each([
    ['one row', [[1, 2, 3]], [0, 0]],
    [
      'equal rows',
      [
        [1, 2],
        [1, 2],
        [1, 2],
      ],
      [0, 0],
    ],
    [
      'two rows',
      [
        [0, 0, 0],
        [3, 4, 0],
      ],
      [1, 0],
    ],
    [
      'rank 1',
      [
        [1, 1],
        [2, 2],
        [4, 4],
      ],
      [1, 0],
    ],
    ['one dimension', [[1], [5], [2]], [1, 0]],
  ])('%s: an axis without variance is 0', async (_, rows, shares) => {
    const { plane, varianceShare } = await planeOf(matrixFrom(rows));
    expect(plane).toHaveLength(rows.length * 2);
    expect(largestDifference(varianceShare, shares)).toBeLessThan(1e-12);
    for (const axis of [0, 1]) {
      const spread = Math.max(...rows.map((_row, row) => Math.abs(plane[row * 2 + axis])));
      if (shares[axis] === 0) expect(spread).toBe(0);
      else expect(spread).toBeGreaterThan(0.5);
    }
  });

  it('needs no rows', async () => {
    const empty = { data: new Float32Array(0), rows: 0, columns: 3 };
    expect(await planeOf(empty)).toEqual({ plane: new Float32Array(0), varianceShare: [0, 0] });
  });

  it('of a whitened space, where all axes are equal, keeps the order and the signs of the components', async () => {
    const x = randomRows(200, 6, 5);
    const single = { ...x, data: Float32Array.from(x.data) };
    const y = await fitAndApply('pca', single, products);
    const { plane } = await planeOf(y);
    const firstTwo = Float32Array.from(plane, (_, at) => y.data[Math.floor(at / 2) * 6 + (at % 2)]);
    // The whitened rows are float32, so that their own covariance is I only to 1e-6.
    expect(largestDifference(plane, firstTwo)).toBeLessThan(1e-4);
  });
});

describe('principalAxes', () => {
  it('are orthonormal whatever the eigenvalues have in common', () => {
    const { vectors } = decomposeMomentsOf(7);
    for (const values of [
      [1, 1, 1, 1, 1, 1, 1],
      [1, 1, 0.5, 0.5, 0.1, 0, 0],
      [2, 1, 1, 1, 0.5, 0.2, 0.1],
      // Each next to the one before, the ends apart.
      [1, 1 - 0.9e-5, 1 - 1.8e-5, 0.5, 0.4, 0.3, 0.2],
    ]) {
      const axes = principalAxes({ values: Float64Array.from(values), vectors });
      const dot = (a: number, b: number): number =>
        [...Array(7).keys()].reduce((sum, i) => sum + axes.data[a * 7 + i] * axes.data[b * 7 + i], 0);
      expect(largestDifference([dot(0, 0), dot(0, 1), dot(1, 1)], [1, 0, 1])).toBeLessThan(1e-12);
    }
  });

  function decomposeMomentsOf(size: number) {
    const data = randomRows(size, size, 6).data;
    const scatter = new Float64Array(size * size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) scatter[i * size + j] = data[i * size + j] + data[j * size + i];
    }
    return decomposeMoments({ count: 2, scatter: { data: scatter, rows: size, columns: size } });
  }
});
