import fc from 'fast-check';
import { Matrix as Dense, QrDecomposition } from 'ml-matrix';
import { beforeAll, describe, expect, it } from 'vitest';
import { averageCosine, cosineContributions } from '../../../src/core/geometry/anisotropy';
import { measureGeometry } from '../../../src/core/geometry/measureGeometry';
import {
  computeMoments,
  covarianceOf,
  decomposeMoments,
  mergeMoments,
  type Moments,
} from '../../../src/core/geometry/moments';
import { matrixOf, rowRange, type Matrix64 } from '../../../src/core/linalg/matrix';
import { openProducts } from '../../../src/core/linalg/onnxProducts';
import type { Products } from '../../../src/core/linalg/products';
import { createRandom } from '../../../src/core/linalg/random';
import type { Geometry } from '../../../src/core/protocol/snapshot';
import { openNodeRuntime } from '../../../src/core/runtime/nodeRuntime';

let products: Products;
beforeAll(async () => {
  products = await openProducts(await openNodeRuntime({ threads: 1 }));
});

/** Clouds with a common mean, columns of different spread, now and then a repeated row. */
const clouds = fc
  .record({
    rows: fc.integer({ min: 12, max: 60 }),
    columns: fc.integer({ min: 2, max: 9 }),
    mean: fc.double({ min: -3, max: 3, noNaN: true }),
    decay: fc.double({ min: 0, max: 0.6, noNaN: true }),
    repeats: fc.integer({ min: 0, max: 5 }),
    seed: fc.integer({ min: 0, max: 2 ** 31 }),
  })
  .map(({ rows, columns, mean, decay, repeats, seed }): Matrix64 => {
    const random = createRandom(seed);
    const data = new Float64Array(rows * columns).map(
      (_, at) => (random.normal() + mean) * Math.exp(-decay * (at % columns)),
    );
    for (let r = 0; r < repeats; r++) data.copyWithin((rows - 1 - r) * columns, r * columns, (r + 1) * columns);
    return matrixOf(data, rows, columns);
  });

const runs = { numRuns: 25, seed: 20240607 };

const measure = async (matrix: Matrix64): Promise<Geometry> =>
  (await measureGeometry({ matrix, space: 'raw' }, { products, seed: 0 })).geometry;

/** Everything that does not name a dimension. */
function invariants({ rogueDimensions: _rogues, r2Without: _r2, ...rest }: Geometry): Partial<Geometry> {
  return rest;
}

describe('laws of the geometry', () => {
  it('turning the space changes nothing but the dimensions', async () => {
    await fc.assert(
      fc.asyncProperty(clouds, fc.integer({ min: 0, max: 1000 }), async (matrix, seed) => {
        const turned = multiply(matrix, orthogonal(matrix.columns, seed));
        // Exact ties between repeated rows stay ties; d·eps64 per coordinate, magnified by small eigenvalues (λ1/λd ≤ 1e5 here) and by ln of distances.
        expectClose(invariants(await measure(turned)), invariants(await measure(matrix)), 1e-8);
      }),
      runs,
    );
  });

  it('the order of the rows changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(clouds, fc.integer({ min: 0, max: 1000 }), async (matrix, seed) => {
        const { hubness: before, ...expected } = await measure(matrix);
        const { hubness: after, ...actual } = await measure(shuffleRows(matrix, seed));
        expectClose(actual, expected, 1e-10);
        // Ties between repeated rows are broken by row number, so only sums over all rows must stay.
        expect(after?.k).toBe(before?.k);
      }),
      runs,
    );
  });

  it('the order of the dimensions changes nothing but their numbers', async () => {
    await fc.assert(
      fc.asyncProperty(clouds, async (matrix) => {
        const { columns } = matrix;
        const reversed = matrixOf(
          matrix.data.map((_, at) => matrix.data[at - (at % columns) + (columns - 1 - (at % columns))]),
          matrix.rows,
          columns,
        );
        const { rogueDimensions: expectedRogues, ...expected } = await measure(matrix);
        const { rogueDimensions: rogues, ...actual } = await measure(reversed);
        expectClose(actual, expected, 1e-8);
        const renamed = rogues?.map(({ dimension, share }) => ({ dimension: columns - 1 - dimension, share }));
        expectClose(renamed, expectedRogues, 1e-8);
      }),
      runs,
    );
  });

  it('scaling by s scales lengths by s and variances by s²', async () => {
    await fc.assert(
      fc.asyncProperty(clouds, fc.double({ min: -30, max: 30, noNaN: true }), async (matrix, exponent) => {
        const s = 10 ** exponent;
        const after = await measure({ ...matrix, data: matrix.data.map((value) => value * s) });
        expectClose(
          {
            ...after,
            meanNorm: after.meanNorm! / s,
            normStd: after.normStd! / s,
            meanVectorNorm: after.meanVectorNorm! / s,
            totalVariance: after.totalVariance! / s ** 2,
            eigenvalues: after.eigenvalues!.map((value) => value / s ** 2),
            // The one statistic that depends on the scale.
            partitionIsotropy: null,
          },
          { ...(await measure(matrix)), partitionIsotropy: null },
          1e-8,
        );
      }),
      runs,
    );
  });

  it('numbers stay within their ranges', async () => {
    await fc.assert(
      fc.asyncProperty(clouds, async (matrix) => {
        const geometry = await measure(matrix);
        const { eigenvalues, dimension, hubness } = geometry;
        const within = (value: number | null, low: number, high: number) => {
          expect(value!).toBeGreaterThanOrEqual(low - 1e-9);
          expect(value!).toBeLessThanOrEqual(high + 1e-9);
        };
        expect(eigenvalues).toEqual([...eigenvalues!].sort((a, b) => b - a));
        within(geometry.averageCosine, -1 / (geometry.count - 1), 1);
        within(geometry.participationRatio, 1, dimension);
        within(geometry.effectiveRank, 1, dimension);
        within(geometry.stableRank, 1, dimension);
        within(geometry.isoScore, 0, 1);
        within(geometry.partitionIsotropy, 0, 1);
        within(geometry.uniformity, -8, 0);
        within(hubness!.antiHubRate, 0, 1);
        within(hubness!.hubShare, 0, 1);
        within(hubness!.robinHood, 0, 1);
        // Shares of all dimensions (at most 9 here, so all are listed) make the whole.
        const shares = geometry.rogueDimensions!.map(({ share }) => share);
        const size = shares.reduce((sum, share) => sum + Math.abs(share), 0);
        expect(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1)).toBeLessThan(1e-12 * (1 + size));
      }),
      runs,
    );
  });
});

describe('laws of moments', () => {
  it('merged moments are the moments of the union, in any grouping', async () => {
    await fc.assert(
      fc.asyncProperty(
        clouds,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (matrix, u, v) => {
          const [first, second] = [u, v].map((share) => Math.round(share * matrix.rows)).sort((a, b) => a - b) as [
            number,
            number,
          ];
          const [a, b, c] = await Promise.all(
            [
              [0, first],
              [first, second],
              [second, matrix.rows],
            ].map(([start, end]) => computeMoments(rowRange(matrix, start, end), products)),
          );
          const whole = await computeMoments(matrix, products);
          expectEqualMoments(mergeMoments(mergeMoments(a, b), c), whole);
          expectEqualMoments(mergeMoments(a, mergeMoments(b, c)), whole);
        },
      ),
      runs,
    );
  });

  it('the average cosine is the mean over all pairs', async () => {
    await fc.assert(
      fc.asyncProperty(clouds, async (matrix) => {
        const moments = await computeMoments(matrix, products);
        const units = Array.from({ length: matrix.rows }, (_, i) => unitRow(matrix, i));
        let sum = 0;
        const perDimension = new Float64Array(matrix.columns);
        for (let i = 0; i < units.length; i++) {
          for (let j = 0; j < i; j++) {
            units[i].forEach((value, k) => {
              sum += value * units[j][k];
              perDimension[k] += value * units[j][k];
            });
          }
        }
        const pairs = (units.length * (units.length - 1)) / 2;
        // A difference of sums of at most N², divided by N²: a few eps64.
        expect(Math.abs(averageCosine(moments)! - sum / pairs)).toBeLessThan(1e-14);
        cosineContributions(moments)!.forEach((value, k) => {
          expect(Math.abs(value - perDimension[k] / pairs)).toBeLessThan(1e-14);
        });
      }),
      runs,
    );
  });

  it('eigenvalues and eigenvectors make the covariance', async () => {
    await fc.assert(
      fc.asyncProperty(clouds, async (matrix) => {
        const moments = await computeMoments(matrix, products);
        const { values, vectors } = decomposeMoments(moments);
        const v = Dense.from1DArray(vectors.rows, vectors.columns, vectors.data);
        const rebuilt = v
          .transpose()
          .mmul(Dense.diag(Array.from(values)))
          .mmul(v);
        covarianceOf(moments).data.forEach((value, at) => {
          const { columns } = matrix;
          // The solver's residual is 1e-13·λ1.
          expect(Math.abs(rebuilt.get(Math.floor(at / columns), at % columns) - value)).toBeLessThan(1e-13 * values[0]);
        });
      }),
      runs,
    );
  });
});

function orthogonal(size: number, seed: number): Dense {
  const random = createRandom(seed);
  return new QrDecomposition(
    Dense.zeros(size, size).apply(function (i, j) {
      this.set(i, j, random.normal());
    }),
  ).orthogonalMatrix;
}

function multiply(matrix: Matrix64, by: Dense): Matrix64 {
  const { data, rows, columns } = matrix;
  const product = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let k = 0; k < columns; k++) product[i * columns + j] += data[i * columns + k] * by.get(k, j);
    }
  }
  return matrixOf(product, rows, columns);
}

function shuffleRows({ data, rows, columns }: Matrix64, seed: number): Matrix64 {
  const random = createRandom(seed);
  const order = Array.from({ length: rows }, (_, i) => i);
  for (let i = rows - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  const shuffled = order.flatMap((row) => Array.from(data.subarray(row * columns, (row + 1) * columns)));
  return matrixOf(Float64Array.from(shuffled), rows, columns);
}

function unitRow({ data, columns }: Matrix64, row: number): number[] {
  const values = Array.from(data.subarray(row * columns, (row + 1) * columns));
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

function expectEqualMoments(actual: Moments, expected: Moments): void {
  expect(actual.count).toBe(expected.count);
  expect(actual.unitCount).toBe(expected.unitCount);
  // Sums of at most 60 terms: tens of eps64 of the largest entry.
  for (const key of ['mean', 'unitSum', 'unitSquareSum'] as const) expectCloseArrays(actual[key], expected[key]);
  expectCloseArrays(actual.scatter.data, expected.scatter.data);
  expectCloseArrays([actual.normMean, actual.normScatter], [expected.normMean, expected.normScatter]);
}

function expectCloseArrays(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  const largest = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  expect(actual).toHaveLength(expected.length);
  for (let at = 0; at < expected.length; at++) {
    expect(Math.abs(actual[at] - expected[at])).toBeLessThanOrEqual(1e-13 * largest);
  }
}

/** Numbers relative to their size or, below 1, absolutely. */
function expectClose(actual: unknown, expected: unknown, tolerance: number, path = ''): void {
  if (typeof expected === 'number') {
    const allowed = tolerance * Math.max(1, Math.abs(expected));
    if (!(Math.abs((actual as number) - expected) <= allowed))
      throw new Error(`${path}: ${String(actual)} is not ${String(expected)}`);
  } else if (expected !== null && typeof expected === 'object') {
    expect(Object.keys(actual as object), path).toEqual(Object.keys(expected));
    for (const [key, value] of Object.entries(expected)) {
      expectClose((actual as Record<string, unknown>)[key], value, tolerance, `${path}.${key}`);
    }
  } else {
    expect(actual, path).toEqual(expected);
  }
}
