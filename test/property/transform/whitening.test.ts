import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { computeMoments, covarianceOf, mergeMoments } from '../../../src/core/geometry/moments';
import { type Matrix64, rowRange } from '../../../src/core/linalg/matrix';
import type { Products } from '../../../src/core/linalg/products';
import { applyTransform } from '../../../src/core/transform/applyTransform';
import { fitTransform } from '../../../src/core/transform/fitTransform';
import { parseTransformSpec } from '../../../src/core/transform/spec';
import {
  cosines,
  fitAndApply,
  fitOn,
  fittedOn,
  innerProducts,
  largestDifference,
  openTestProducts,
  randomRows,
} from '../../unit/transform/fixtures';

const METHODS = ['pca', 'zca', 'cholesky', 'pca-cor', 'zca-cor'];
/** Numbers of runs are small because each run is a handful of products through ONNX Runtime. */
const RUNS = { numRuns: 25, seed: 1 };

let products: Products;
beforeAll(async () => {
  products = await openTestProducts();
});

/** Shapes with more rows than dimensions. */
const tallShape = fc.record({ columns: fc.integer({ min: 2, max: 12 }), seed: fc.integer({ min: 0, max: 1e6 }) });

describe('the five whitenings', () => {
  it('give identical cosines at full rank', async () => {
    await fc.assert(
      fc.asyncProperty(tallShape, async ({ columns, seed }) => {
        const x = randomRows(4 * columns + 3, columns, seed);
        const [pca, ...others] = await Promise.all(
          METHODS.map(async (m) => cosines(await fitAndApply(m, x, products))),
        );
        // The bound of the specification; a condition of some 1e4 leaves about 1e-12.
        for (const other of others) expect(largestDifference(other, pca)).toBeLessThanOrEqual(1e-10);
      }),
      RUNS,
    );
  });

  it('give identical cosines of a rank-deficient space, too', async () => {
    await fc.assert(
      fc.asyncProperty(tallShape, async ({ columns, seed }) => {
        const x = randomRows(4 * columns + 3, columns, seed, Math.ceil(columns / 2));
        const [pca, ...others] = await Promise.all(
          METHODS.map(async (m) => cosines(await fitAndApply(m, x, products))),
        );
        for (const other of others) expect(largestDifference(other, pca)).toBeLessThanOrEqual(1e-10);
      }),
      RUNS,
    );
  });

  it('make the covariance the identity, or a projector of its rank', async () => {
    await fc.assert(
      fc.asyncProperty(tallShape, fc.boolean(), async ({ columns, seed }, isDeficient) => {
        const rank = isDeficient ? Math.ceil(columns / 2) : columns;
        const x = randomRows(4 * columns + 3, columns, seed, rank);
        for (const method of METHODS) {
          const y = await fitAndApply(method, x, products);
          const covariance = covarianceOf(await computeMoments(y, products));
          const squared = await products.multiply(covariance, covariance);
          // The rounding of Σ, 1e-16·λ1, over its least eigenvalue.
          expect(largestDifference(squared.data, covariance.data)).toBeLessThanOrEqual(1e-9);
          let trace = 0;
          for (let i = 0; i < y.columns; i++) trace += covariance.data[i * y.columns + i];
          expect(trace).toBeCloseTo(rank, 8);
        }
      }),
      RUNS,
    );
  });

  it('turn N ≤ d + 1 rows into a simplex, and say so', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 3, max: 9 }), fc.integer({ min: 0, max: 6 }), async (count, extra) => {
        const x = randomRows(count, count - 1 + extra, 31 * count + extra);
        for (const method of METHODS) {
          const { transform, notes } = await fitOn(method, x, products);
          expect(notes.map(({ code }) => code)).toContain('noise');
          const y = cosines(await applyTransform(transform, x, products));
          const simplex = y.map((_, at) => (Math.floor(at / count) === at % count ? 1 : -1 / (count - 1)));
          expect(largestDifference(y, simplex)).toBeLessThanOrEqual(1e-9);
        }
      }),
      RUNS,
    );
  });
});

describe('parametric whitening', () => {
  it('leaves cosines alone at β = γ = 0 and k = d, at any rank', async () => {
    await fc.assert(
      fc.asyncProperty(tallShape, fc.constantFrom('pca', 'zca'), async ({ columns, seed }, method) => {
        const x = randomRows(2 * columns + 1, columns, seed, Math.max(1, columns - (seed % 3)));
        const y = await fitAndApply(`${method}:beta=0,gamma=0`, x, products);
        expect(largestDifference(cosines(y), cosines(x))).toBeLessThanOrEqual(1e-13);
      }),
      RUNS,
    );
  });

  it('does not change with the order of the rows, nor with a rotation or a scale of the space', async () => {
    await fc.assert(
      fc.asyncProperty(tallShape, async ({ columns, seed }) => {
        const x = randomRows(5 * columns, columns, seed);
        const expected = innerProducts(await fitAndApply('pca:k=2', x, products));
        const rotation = (await fitOn('pca:beta=0,gamma=0', randomRows(3 * columns, columns, seed + 1), products))
          .transform;
        const rotated = await applyTransform(rotation, x, products);
        const scaled = { ...x, data: x.data.map((value) => value * 7) };
        for (const other of [rotated, scaled]) {
          const actual = innerProducts(await fitAndApply('pca:k=2', other, products));
          expect(largestDifference(actual, expected)).toBeLessThanOrEqual(1e-9);
        }
        const reversed = innerProducts(await fitAndApply('pca:k=2', reversedRows(x), products));
        expect(largestDifference(reversed.reverse(), expected)).toBeLessThanOrEqual(1e-9);
      }),
      RUNS,
    );
  });
});

describe('moments', () => {
  it('of two shards, merged, give the fit of their union', async () => {
    await fc.assert(
      fc.asyncProperty(tallShape, fc.double({ min: 0.1, max: 0.9, noNaN: true }), async ({ columns, seed }, share) => {
        const x = randomRows(6 * columns, columns, seed);
        const cut = Math.ceil(share * x.rows);
        const shards = [rowRange(x, 0, cut), rowRange(x, cut, x.rows)];
        const [a, b] = await Promise.all(shards.map((shard) => computeMoments(shard, products)));
        const spec = parseTransformSpec('zca:shrinkage=oas,beta=0.5');
        const merged = await fitTransform(spec, { moments: mergeMoments(a, b), rows: null, products, fittedOn });
        const whole = await fitAndApply('zca:shrinkage=oas,beta=0.5', x, products);
        const y = await applyTransform(merged.transform, x, products);
        expect(largestDifference(y.data, whole.data)).toBeLessThanOrEqual(1e-9);
      }),
      RUNS,
    );
  });
});

function reversedRows({ data, rows, columns }: Matrix64): Matrix64 {
  const reversed = new Float64Array(data.length);
  for (let row = 0; row < rows; row++) {
    reversed.set(data.subarray(row * columns, (row + 1) * columns), (rows - 1 - row) * columns);
  }
  return { data: reversed, rows, columns };
}
