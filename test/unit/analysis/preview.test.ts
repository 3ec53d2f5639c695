import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Analysis } from '../../../src/core/analysis/analysis';
import { analyzeVectors, retransform } from '../../../src/core/analysis/analyze';
import { previewTransform } from '../../../src/core/analysis/preview';
import { openServices, type Services } from '../../../src/core/analysis/services';
import { failureReason, type IsoscopeError } from '../../../src/core/protocol/errors';
import type { SpaceView } from '../../../src/core/protocol/views';
import { anisotropicRows, rowsOf, toFloat32, vectorQuestion } from './corpora';

let services: Services;
/** 400 rows: all of them are in the preview's sample, and all pairs in its one block. */
let small: Analysis;
/** 1,500 rows: the sample holds 1,024, in two blocks. */
let large: Analysis;
beforeAll(async () => {
  services = await openServices({ threads: 2 });
  small = await analyzeVectors(vectorQuestion(toFloat32(anisotropicRows(400, 12))), services);
  large = await analyzeVectors(vectorQuestion(toFloat32(anisotropicRows(1500, 12))), services);
});
afterAll(() => services.dispose());

const FACTORED = ['pca', 'pca:k=5', 'zca', 'zca:k=5,eps=0.1', 'zca:gamma=0.5', 'pca:shrinkage=oas', 'pca:shrinkage=lw,k=7', 'center', 'abtt:d=2', 'pca-cor', 'zca-cor:eps=0.2', 'zca-cor:k=3']; // prettier-ignore
const GENERAL = ['zscore', 'truncate:k=6', 'random:k=4', 'l2', 'pca:beta=0.5', 'zca:beta=0,gamma=0', 'center+l2', 'pca:k=6+l2', 'truncate:k=8+zca', 'zscore+abtt:d=1']; // prettier-ignore

/** The largest difference, as a share of the largest number. */
function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < a.length; i++) {
    difference = Math.max(difference, Math.abs(a[i] - b[i]));
    scale = Math.max(scale, Math.abs(b[i]));
  }
  return scale === 0 ? difference : difference / scale;
}

/** Share of the pairs that lie in another bin. */
function shareMoved(a: SpaceView['cosines'], b: SpaceView['cosines']): number {
  let moved = 0;
  a.randomPairs.forEach(
    (count, bin) => (moved += Math.abs(count / a.randomPairCount - b.randomPairs[bin] / b.randomPairCount)),
  );
  return moved / 2;
}

describe('a preview agrees with the settled numbers', () => {
  it.each([...FACTORED, ...GENERAL])('%s, all rows in the sample', async (spec) => {
    const preview = await previewTransform(small, spec);
    const { transformed } = await retransform(small, spec);
    if (transformed === null) return expect.fail('not settled');
    const { geometry, view } = transformed;
    expect(preview.dimension).toBe(geometry.dimension);
    // The settled rows are float32: about 1e-7 of each number, so 1e-6 of a variance.
    expect(largestDifference(preview.view.eigenvalues, view.eigenvalues)).toBeLessThan(2e-6);
    expect(largestDifference(preview.view.plane, view.plane)).toBeLessThan(1e-5);
    expect(preview.view.planeVarianceShare[0]).toBeCloseTo(view.planeVarianceShare[0], 5);
    expect(preview.view.planeVarianceShare[1]).toBeCloseTo(view.planeVarianceShare[1], 5);
    expect(preview.averageCosine).toBeCloseTo(geometry.averageCosine ?? NaN, 5);
    expect(preview.effectiveRank).toBeCloseTo(geometry.effectiveRank ?? NaN, 4);
    expect(preview.isoScore).toBeCloseTo(geometry.isoScore ?? NaN, 5);
    // All pairs in both; those on the border of a bin may fall to the other side.
    expect(preview.view.cosines.randomPairCount).toBe(view.cosines.randomPairCount);
    expect(shareMoved(preview.view.cosines, view.cosines)).toBeLessThan(1e-3);
    view.cosines.floor?.forEach((value, i) => expect(preview.view.cosines.floor?.[i]).toBeCloseTo(value, 3));
  });

  it('cholesky, but for the choice of its axes', async () => {
    const preview = await previewTransform(small, 'cholesky');
    const { transformed } = await retransform(small, 'cholesky');
    expect(largestDifference(preview.view.eigenvalues, transformed?.view.eigenvalues ?? [])).toBeLessThan(2e-6);
    expect(preview.averageCosine).toBeCloseTo(transformed?.geometry.averageCosine ?? NaN, 5);
  });

  it.each(['pca', 'zca:eps=0.1', 'center', 'zscore', 'truncate:k=6', 'pca:k=6+l2'])(
    '%s, from a sample',
    async (spec) => {
      const preview = await previewTransform(large, spec);
      const { transformed } = await retransform(large, spec);
      if (transformed === null) return expect.fail('not settled');
      const isLinear = !spec.includes('l2');
      // Spectrum and plane are of all rows; after an l2 the covariance is that of 1,024 of the 1,500 rows.
      expect(largestDifference(preview.view.eigenvalues, transformed.view.eigenvalues)).toBeLessThan(
        isLinear ? 2e-6 : 0.15,
      );
      expect(preview.view.plane).toHaveLength(2 * 1500);
      if (isLinear) expect(largestDifference(preview.view.plane, transformed.view.plane)).toBeLessThan(1e-5);
      // 1,024 rows: a mean over their pairs is good to about 2·sd/√1024 ≈ 0.03.
      expect(preview.averageCosine).toBeCloseTo(transformed.geometry.averageCosine ?? NaN, 1);
      transformed.view.cosines.floor?.forEach((value, i) => {
        expect(Math.abs((preview.view.cosines.floor?.[i] ?? NaN) - value)).toBeLessThan(0.04);
      });
      expect(preview.view.cosines.randomPairCount).toBe(2 * ((512 * 511) / 2));
    },
  );

  it.each(['pca', 'truncate:k=6', 'l2'])('%s, in the plane of the shown rows only', async (spec) => {
    const shownRows = Uint32Array.of(4, 1023, 1024, 1499);
    const [all, some] = [await previewTransform(large, spec), await previewTransform({ ...large, shownRows }, spec)];
    const expected = [...shownRows].flatMap((row) => [...all.view.plane.subarray(2 * row, 2 * row + 2)]);
    expect(largestDifference(some.view.plane, expected)).toBeLessThan(1e-6);
  });

  it('none is the raw space', async () => {
    const preview = await previewTransform(small, 'none');
    expect(preview.view).toBe(small.raw.view);
    expect(preview.averageCosine).toBe(small.raw.geometry.averageCosine);
  });

  it('where the fit is on other rows', async () => {
    const fitOn = { source: 'other.npy', vectors: anisotropicRows(200, 12, 5) };
    const analysis = await analyzeVectors(
      { ...vectorQuestion(toFloat32(anisotropicRows(300, 12)), 'pca'), fitOn },
      services,
    );
    const preview = await previewTransform(analysis, 'pca');
    const settled = analysis.transformed?.view;
    expect(largestDifference(preview.view.eigenvalues, settled?.eigenvalues ?? [])).toBeLessThan(2e-6);
    expect(largestDifference(preview.view.plane, settled?.plane ?? [])).toBeLessThan(1e-5);
  });
});

describe('a preview', () => {
  it('is canonical and repeatable, and leaves the analysis as it is', async () => {
    const before = structuredClone(small.result.snapshot);
    const [first, second] = [
      await previewTransform(small, ' pca:eps=0.10,k=4'),
      await previewTransform(small, 'pca:k=4,eps=0.1'),
    ];
    expect(first.spec).toBe('pca:k=4,eps=0.1');
    expect({ ...first, elapsedMs: 0 }).toEqual({ ...second, elapsedMs: 0 });
    expect(small.result.snapshot).toEqual(before);
  });

  it('carries the warnings of the fit', async () => {
    const analysis = await analyzeVectors(vectorQuestion(anisotropicRows(10, 12)), services);
    expect((await previewTransform(analysis, 'pca')).notes.map(({ code }) => code)).toContain('noise');
  });

  it('of degenerate rows gives empty numbers or a reason', async () => {
    const one = await analyzeVectors(vectorQuestion(rowsOf([[1, 2, 3]])), services);
    const preview = await previewTransform(one, 'center');
    expect(preview.averageCosine).toBeNull();
    expect([...preview.view.plane]).toEqual([0, 0]);
    expect(preview.view.cosines).toMatchObject({ randomPairCount: 0, floor: null });
    const equal = await analyzeVectors(vectorQuestion(rowsOf(Array.from({ length: 9 }, () => [1, 2]))), services);
    const reason = await previewTransform(equal, 'pca').then(() => 'none', failureReason);
    expect(reason).toBe('input');
    const zeros = await analyzeVectors(vectorQuestion(rowsOf([[0, 0], [1, 1], [0, 0], [2, 0]])), services); // prettier-ignore
    // Centring gives the zero rows a direction again: three distinct ones.
    expect((await previewTransform(zeros, 'center')).view.cosines.randomPairCount).toBe(6);
    expect((await previewTransform(zeros, 'l2')).view.cosines.randomPairCount).toBe(1);
  });

  it('refuses a wrong specification, and stops when cancelled', async () => {
    const failure = (promise: Promise<unknown>) => promise.then(() => 'none', (error: unknown) => (error as IsoscopeError).name); // prettier-ignore
    expect(await previewTransform(small, 'pca:k=13').then(() => 'none', failureReason)).toBe('usage');
    expect(await failure(previewTransform(small, 'pca', AbortSignal.abort()))).toBe('AbortError');
  });
});
