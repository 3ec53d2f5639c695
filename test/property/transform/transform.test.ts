import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { computeMoments, decomposeMoments } from '../../../src/core/geometry/moments';
import type { Products } from '../../../src/core/linalg/products';
import { affineOf } from '../../../src/core/transform/affine';
import { applyTransform } from '../../../src/core/transform/applyTransform';
import { composeTransforms } from '../../../src/core/transform/composeTransforms';
import { readTransform, serializeTransform } from '../../../src/core/transform/serializeTransform';
import { formatTransformSpec, parseTransformSpec, type SingleSpec } from '../../../src/core/transform/spec';
import { partsOf } from '../../../src/core/transform/transform';
import { transformMoments } from '../../../src/core/transform/transformMoments';
import { fitOn, largestDifference, openTestProducts, randomRows } from '../../unit/transform/fixtures';

const AFFINE_SPECS = [
  'none',
  'center',
  'zscore',
  'abtt:d=2',
  'pca:k=3',
  'pca:eps=0.01,beta=0.5,gamma=0.5',
  'zca:shrinkage=lw',
  'cholesky',
  'pca-cor:k=3',
  'zca-cor:eps=0.1,shrinkage=oas',
  'truncate:k=3',
  'random:k=4',
  'truncate:k=4+zscore+pca:k=2',
  'abtt:d=1+zca:k=2+truncate:k=4',
  'center+random:k=4+abtt:d=1',
];
const ALL_SPECS = [...AFFINE_SPECS, 'l2', 'center+l2', 'l2+pca:k=3', 'random:k=4+l2+zscore'];
const RUNS = { numRuns: 40, seed: 1 };

let products: Products;
beforeAll(async () => {
  products = await openTestProducts();
});

const anyRows = fc
  .record({
    seed: fc.integer({ min: 0, max: 1e6 }),
    rows: fc.integer({ min: 8, max: 30 }),
    rank: fc.integer({ min: 4, max: 6 }),
  })
  .map(({ seed, rows, rank }) => randomRows(rows, 6, seed, rank));

describe('a transform', () => {
  it('is the same to the bit after writing and reading', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, fc.constantFrom(...ALL_SPECS), async (x, spec) => {
        const { transform } = await fitOn(spec, x, products);
        const read = readTransform(serializeTransform(transform), 'T.json');
        expect(read).toEqual(transform);
        expect((await applyTransform(read, x, products)).data).toEqual(
          (await applyTransform(transform, x, products)).data,
        );
      }),
      RUNS,
    );
  });

  it('composes associatively, and applies as its parts one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, fc.constantFrom(...ALL_SPECS), async (x, spec) => {
        const { transform: a } = await fitOn(spec, x, products);
        const afterA = await applyTransform(a, x, products);
        const { transform: b } = await fitOn('center+l2', afterA, products);
        const { transform: c } = await fitOn('truncate:k=2', afterA, products);
        const left = composeTransforms(composeTransforms(a, b), c);
        expect(left).toEqual(composeTransforms(a, composeTransforms(b, c)));
        const atOnce = await applyTransform(left, x, products);
        const inSteps = await applyTransform(c, await applyTransform(b, afterA, products), products);
        expect(atOnce.data).toEqual(inSteps.data);
      }),
      RUNS,
    );
  });

  it('carries moments over as if the rows had been read again', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, fc.constantFrom(...AFFINE_SPECS), fc.boolean(), async (x, spec, hasEigen) => {
        const { transform } = await fitOn(spec, x, products);
        // Other rows than those of the fit: nothing may hang on the fit's own moments.
        const other = randomRows(20, 6, x.rows);
        const before = await computeMoments(other, products);
        const image = await transformMoments(
          transform,
          before,
          products,
          hasEigen ? decomposeMoments(before) : undefined,
        );
        const after = await computeMoments(await applyTransform(transform, other, products), products);
        const size = Math.max(1, ...after.scatter.data.map(Math.abs));
        expect(image).toMatchObject({ count: after.count, dimension: after.dimension });
        expect(largestDifference(image!.mean, after.mean)).toBeLessThanOrEqual(1e-9 * Math.sqrt(size));
        expect(largestDifference(image!.scatter.data, after.scatter.data)).toBeLessThanOrEqual(1e-9 * size);
      }),
      RUNS,
    );
  });

  it('is its affine map, unless it has none', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, fc.constantFrom(...ALL_SPECS), async (x, spec) => {
        const { transform } = await fitOn(spec, x, products);
        const map = affineOf(transform);
        if (spec.includes('l2')) {
          expect(map).toBeNull();
          return;
        }
        const centred = { ...x, data: x.data.map((value, at) => value - map!.mean[at % x.columns]) };
        const y = await products.multiply(centred, map!.weights);
        const mapped = y.data.map((value, at) => value + (map!.offset?.[at % y.columns] ?? 0));
        const expected = await applyTransform(transform, x, products);
        const size = Math.max(1, ...expected.data.map(Math.abs));
        expect(largestDifference(mapped, expected.data)).toBeLessThanOrEqual(1e-12 * size * 10);
      }),
      RUNS,
    );
  });

  it('keeps float32 float32 and rounds only once', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, fc.constantFrom(...ALL_SPECS), async (x, spec) => {
        const single = { ...x, data: Float32Array.from(x.data) };
        const double = { ...x, data: Float64Array.from(single.data) };
        const { transform } = await fitOn(spec, single, products);
        const y = await applyTransform(transform, single, products);
        expect(y.data).toEqual(Float32Array.from((await applyTransform(transform, double, products)).data));
      }),
      RUNS,
    );
  });

  it('equals its parts, fitted one after the other on rows', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, fc.constantFrom(...ALL_SPECS.filter((s) => s.includes('+'))), async (x, spec) => {
        let rows = x;
        for (const part of spec.split('+')) {
          const { transform } = await fitOn(part, rows, products);
          rows = await applyTransform(transform, rows, products);
        }
        const { transform } = await fitOn(spec, x, products);
        expect(partsOf(transform).map((part) => part.spec)).toEqual(spec.split('+'));
        const y = await applyTransform(transform, x, products);
        // Eigenvectors may come out with the other sign.
        expect(largestDifference(y.data.map(Math.abs), rows.data.map(Math.abs))).toBeLessThanOrEqual(1e-8);
      }),
      RUNS,
    );
  });
});

describe('a specification', () => {
  const count = fc.integer({ min: 1, max: 4096 });
  const upToTwo = fc.double({ min: 0, max: 2, noNaN: true });
  const soft = {
    k: fc.option(count),
    eps: fc.oneof(fc.constant(0), fc.double({ min: 1e-30, max: 1e6, noNaN: true })),
    shrinkage: fc.constantFrom('none' as const, 'lw' as const, 'oas' as const),
  };
  const anyPart: fc.Arbitrary<SingleSpec> = fc.oneof(
    fc.constantFrom('center' as const, 'zscore' as const, 'l2' as const).map((kind) => ({ kind })),
    count.map((directions) => ({ kind: 'abtt' as const, directions })),
    fc.record({ kind: fc.constantFrom('truncate' as const, 'random' as const), k: count }),
    fc.record({
      kind: fc.constant('whitening' as const),
      method: fc.constantFrom('pca' as const, 'zca' as const),
      ...soft,
      beta: upToTwo,
      gamma: upToTwo,
    }),
    fc.record({
      kind: fc.constant('whitening' as const),
      method: fc.constantFrom('cholesky' as const, 'pca-cor' as const, 'zca-cor' as const),
      ...soft,
      beta: fc.constant(1),
      gamma: fc.constant(1),
    }),
  );

  it('is read back from its canonical text', () => {
    fc.assert(
      fc.property(fc.array(anyPart, { minLength: 1, maxLength: 4 }), (parts) => {
        const spec = parts.length === 1 ? parts[0] : { kind: 'composition' as const, parts };
        const text = formatTransformSpec(spec);
        expect(parseTransformSpec(text)).toEqual(JSON.parse(JSON.stringify(spec)));
        expect(formatTransformSpec(parseTransformSpec(text))).toBe(text);
      }),
    );
  });
});
