import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Analysis } from '../../../src/core/analysis/analysis';
import { analyzeVectors } from '../../../src/core/analysis/analyze';
import { curveSizes, measureDimensionCurve } from '../../../src/core/analysis/dimensionCurve';
import { openServices, type Services } from '../../../src/core/analysis/services';
import type { Matrix } from '../../../src/core/linalg/matrix';
import type { DimensionCurve, DimensionCurveMethod } from '../../../src/core/protocol/lab';
import { anisotropicRows, rowsOf, vectorQuestion } from './corpora';

let services: Services;
beforeAll(async () => {
  services = await openServices({ threads: 1 });
});
afterAll(() => services.dispose());

function analyse(vectors: Matrix, fitOn?: Matrix): Promise<Analysis> {
  return analyzeVectors(
    { ...vectorQuestion(vectors), ...(fitOn && { fitOn: { source: 'fit.npy', vectors: fitOn } }) },
    services,
  );
}

const of = (curve: DimensionCurve, method: DimensionCurveMethod['method']): DimensionCurveMethod =>
  curve.methods.find((found) => found.method === method)!;

describe('the sizes of a curve', () => {
  it.each([
    [0, []],
    [1, [1]],
    [2, [1, 2]],
    [10, [1, 2, 3, 4, 6, 8, 10]],
    [16, [1, 2, 3, 4, 6, 8, 12, 16]],
  ])('up to %i dimensions', (dimension, sizes) => {
    expect(Array.from(curveSizes(dimension))).toEqual(sizes);
  });
});

describe('the dimension curve', () => {
  it('keeps the variances of the dimensions, or of the components', async () => {
    const analysis = await analyse(anisotropicRows(120, 12));
    const curve = await measureDimensionCurve(analysis);
    const { eigenvalues, totalVariance } = analysis.raw.geometry;
    const shares = Array.from(curve.sizes, (k) => eigenvalues!.slice(0, k).reduce((a, b) => a + b, 0) / totalVariance!);
    for (const method of ['pca', 'whiten'] as const) {
      of(curve, method).varianceKept.forEach((kept, i) => expect(kept).toBeCloseTo(shares[i], 12));
    }
    expect(of(curve, 'truncate').agreement.at(-1)).toBe(1);
    // A random span of k of d dimensions holds k/d of the variance on average.
    expect(of(curve, 'random').varianceKept.at(-1)).toBeCloseTo(1, 12);
    expect(await measureDimensionCurve(analysis)).toEqual(curve);
  });

  it('fits on the rows that the analysis fits on, and measures these', async () => {
    const vectors = anisotropicRows(120, 12);
    const turned = { ...anisotropicRows(300, 12, 5) };
    turned.data = turned.data.map((_, at, all) => all[at - (at % 12) + 11 - (at % 12)]);
    const own = of(await measureDimensionCurve(await analyse(vectors)), 'pca').varianceKept;
    const held = of(await measureDimensionCurve(await analyse(vectors, turned)), 'pca').varianceKept;
    held.slice(0, -1).forEach((kept, i) => expect(kept).toBeLessThan(own[i]!));
    expect(held.at(-1)).toBeCloseTo(1, 12);
  });

  it('draws rows from many', async () => {
    const curve = await measureDimensionCurve(await analyse(anisotropicRows(2100, 4)));
    expect([curve.sampleCount, curve.neighbourCount]).toEqual([2000, 10]);
    expect(of(curve, 'truncate').agreement.at(-1)).toBe(1);
  });

  it.each([
    ['one row', rowsOf([[1, 2, 3]])],
    ['two rows', rowsOf([[1, 2, 3], [3, 1, 0]])],
    ['equal rows', rowsOf(Array.from({ length: 20 }, () => [1, 2, 3]))],
    ['zeros', rowsOf(Array.from({ length: 20 }, () => [0, 0, 0]))],
    ['one dimension', rowsOf(Array.from({ length: 20 }, (_, i) => [i - 7]))],
  ] as const)('has null where nothing can be had, and never NaN: %s', async (_, vectors) => {
    const curve = await measureDimensionCurve(await analyse(vectors));
    for (const { specs, varianceKept, agreement } of curve.methods) {
      for (const list of [specs, varianceKept, agreement]) expect(list).toHaveLength(curve.sizes.length);
      for (const value of [...varianceKept, ...agreement]) if (value !== null) expect(value).toSatisfy(Number.isFinite);
    }
    if (vectors.rows <= 10) expect(curve.neighbourCount).toBe(0);
  }); // prettier-ignore

  it('says why a method cannot be fitted', async () => {
    const { notes, methods } = await measureDimensionCurve(await analyse(rowsOf(Array.from({ length: 20 }, () => [1, 2]))));
    expect(notes.map(({ code }) => code)).toContain('transform-not-fitted');
    expect(methods.find(({ method }) => method === 'pca')!.agreement).toEqual([null, null]);
  }); // prettier-ignore
});
