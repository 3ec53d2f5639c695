import { describe, expect, it } from 'vitest';
import {
  estimateMaximumLikelihood,
  estimateTwoNN,
  inverseLocalDimension,
  logRatio,
} from '../../../src/core/geometry/intrinsicDimension';
import { withCandidates } from '../../../src/core/geometry/neighbourCandidates';
import { measureNeighbourhoods } from '../../../src/core/geometry/neighbourhoods';
import { cosineNeighbours } from '../../../src/core/geometry/neighbours';
import { visitNearest } from '../../../src/core/geometry/nearestPoints';
import { matrixOf } from '../../../src/core/linalg/matrix';
import { createRandom } from '../../../src/core/linalg/random';
import { gaussian, rowOf, testProducts, toFloat32 } from './matrices';

const squares = (...distances: number[]) => Float64Array.from(distances, (distance) => distance ** 2);

describe('TwoNN', () => {
  it('takes the ratio of the first two distances', () => {
    expect(logRatio(squares(2, 2 * Math.E, 50))).toBeCloseTo(1, 15);
  });

  it('fits the line through the origin over the lower nine tenths', () => {
    // The fourth is dropped: floor(0.9·4) = 3.
    const y = [1, 2, 3].map((i) => -Math.log(1 - i / 4));
    expect(estimateTwoNN(Float64Array.of(3, 1, 2, 50))).toBeCloseTo((y[0] + 2 * y[1] + 3 * y[2]) / 14, 14);
  });

  it('is null where it has nothing to fit', () => {
    expect(estimateTwoNN(Float64Array.of(1, 2))).toBeNull();
    expect(estimateTwoNN(Float64Array.of(0, 0, 0, 0))).toBeNull();
    expect(estimateTwoNN(new Float64Array(0))).toBeNull();
  });
});

describe('maximum likelihood', () => {
  it('averages the inverses of the local estimates', () => {
    // Local estimates (k − 1)/Σ ln(r_k/r_j): 2/(ln 4 + ln 2) and 2/(ln 2 + ln 2).
    const inverses = [squares(1, 2, 4), squares(1, 1, 2)].map(inverseLocalDimension);
    expect(inverses[0]).toBeCloseTo(Math.log(8) / 2, 15);
    expect(estimateMaximumLikelihood(Float64Array.from(inverses))).toBeCloseTo(4 / Math.log(32), 14);
  });

  it('is null for no points, or where neighbours are equally far', () => {
    expect(estimateMaximumLikelihood(new Float64Array(0))).toBeNull();
    expect(estimateMaximumLikelihood(Float64Array.of(0, inverseLocalDimension(squares(3, 3, 3))))).toBeNull();
  });
});

describe('measureNeighbourhoods', () => {
  it('finds the dimension of a cube, with its known boundary bias', async () => {
    const random = createRandom(2);
    const flat = matrixOf(
      new Float64Array(3000 * 2).map(() => random.next()),
      3000,
      2,
    );
    const { intrinsicDimension } = await measureNeighbourhoods(flat, await testProducts());
    // Standard error of TwoNN about d/√n = 0.04; of MLE about d/√(k·n) plus the boundary's few per cent.
    expect(intrinsicDimension.twoNN).toBeGreaterThan(1.85);
    expect(intrinsicDimension.twoNN).toBeLessThan(2.15);
    expect(intrinsicDimension.mle).toBeGreaterThan(1.85);
    expect(intrinsicDimension.mle).toBeLessThan(2.15);
  });

  it('does not see duplicates', async () => {
    const products = await testProducts();
    const matrix = gaussian(100, 5, 1);
    const twice = matrixOf(Float64Array.from([...matrix.data, ...matrix.data.slice(0, 200)]), 140, 5);
    const once = await measureNeighbourhoods(matrix, products);
    const repeated = await measureNeighbourhoods(twice, products);
    expect(repeated.intrinsicDimension).toEqual(once.intrinsicDimension);
    expect(repeated.distinctRows).toBe(100);
  });

  it('shares one search between cosines and distances of normalised rows, and finds the same', async () => {
    const products = await testProducts();
    const gauss = gaussian(400, 10, 3, 0.4);
    const rows = Array.from({ length: 400 }, (_, i) => rowOf(gauss, i)).map((row) => {
      const length = Math.hypot(...row);
      return row.map((value) => value / length);
    });
    const unit = toFloat32(matrixOf(Float64Array.from(rows.flat()), 400, 10));
    const shared = await measureNeighbourhoods(unit, products);
    expect(shared.cosine).toEqual(await cosineNeighbours(unit, 10, products));
    const points = { matrix: unit, rows: Int32Array.from(rows.keys()), factors: null, resolution: 0 };
    const logRatios = new Float64Array(400);
    const inverses = new Float64Array(400);
    await withCandidates(points, 32, products, (candidates) =>
      visitNearest(points, 20, candidates, products, (point, list) => {
        logRatios[point] = logRatio(list.squares);
        inverses[point] = inverseLocalDimension(list.squares);
      }),
    );
    expect(shared.intrinsicDimension).toEqual({
      twoNN: estimateTwoNN(logRatios),
      mle: estimateMaximumLikelihood(inverses),
    });
  });
});
