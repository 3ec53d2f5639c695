import { describe, expect, it, vi } from 'vitest';
import { measureGeometry, type GeometryInput } from '../../../src/core/geometry/measureGeometry';
import { matrixOf, type Matrix } from '../../../src/core/linalg/matrix';
import type { Geometry } from '../../../src/core/protocol/snapshot';
import { cosineOf, gaussian, matrix64, testProducts, toFloat32 } from './matrices';

async function measure(matrix: Matrix, input: Partial<GeometryInput> = {}, seed = 0) {
  return measureGeometry({ matrix, space: 'raw', ...input }, { products: await testProducts(), seed });
}

/** Every key of the geometry that is null, also inside, must be among the keys of a note. */
function expectEveryNullExplained({ geometry, notes }: Awaited<ReturnType<typeof measure>>, space = 'raw'): void {
  const explained = notes.flatMap((note) => note.keys ?? []);
  const nulls = (value: unknown, path: string): string[] =>
    value === null
      ? [path]
      : typeof value === 'object' && !Array.isArray(value)
        ? Object.entries(value).flatMap(([key, item]) => nulls(item, `${path}.${key}`))
        : [];
  for (const path of nulls(geometry, space)) expect(explained).toContain(path);
}

const codes = (notes: readonly { code: string }[]) => notes.map((note) => note.code);

describe('measureGeometry of little', () => {
  it('measures nothing of no vectors', async () => {
    const result = await measure(matrixOf(new Float64Array(0), 0, 5));
    const { count, dimension, ...rest } = result.geometry;
    expect([count, dimension]).toEqual([0, 5]);
    expect(Object.values(rest).every((value) => value === null)).toBe(true);
    expect(codes(result.notes)).toEqual(['no-vectors']);
    expectEveryNullExplained(result);
  });

  it('measures the length of one vector', async () => {
    const result = await measure(matrix64([[3, 4]]));
    expect(result.geometry).toMatchObject({ meanNorm: 5, normStd: null, eigenvalues: null, averageCosine: null });
    // Z is exp(±5) along the vector and 1 across it.
    expect(result.geometry.partitionIsotropy).toBeCloseTo(Math.exp(-10), 15);
    expectEveryNullExplained(result);
  });

  it('finds one dimension in two vectors', async () => {
    const result = await measure(
      matrix64([
        [1, 0, 2],
        [0, 1, 2],
      ]),
    );
    expect(result.geometry.averageCosine).toBeCloseTo(0.8, 15);
    expect(result.geometry.effectiveRank).toBeCloseTo(1, 12);
    expect(result.geometry.totalVariance).toBeCloseTo(1, 14);
    expectEveryNullExplained(result);
  });

  it('says that all vectors are equal', async () => {
    const result = await measure(matrix64(Array.from({ length: 15 }, () => [0.1, 0.7, -0.3])));
    expect(result.geometry).toMatchObject({
      totalVariance: 0,
      effectiveRank: null,
      normStd: 0,
      eigenvalues: [0, 0, 0],
    });
    expect(result.geometry.averageCosine).toBeCloseTo(1, 14);
    expect(codes(result.notes)).toContain('no-variance');
    expectEveryNullExplained(result);
  });

  it('leaves zero rows out of all that is about cosines, and lists them', async () => {
    const matrix = gaussian(40, 3, 1, 1);
    matrix.data.fill(0, 0, 6);
    const result = await measure(matrix);
    const rest = await measure(matrixOf(matrix.data.slice(6), 38, 3));
    for (const key of [
      'averageCosine',
      'cosineQuantiles',
      'hubness',
      'rogueDimensions',
      'r2Without',
      'uniformity',
    ] as const) {
      expect(result.geometry[key]).toEqual(rest.geometry[key]);
    }
    expect(result.notes.find((note) => note.code === 'zero-rows')?.rows).toEqual([0, 1]);
    expect(result.nearestCosines[0]).toBeNaN();
    expectEveryNullExplained(result);
  });

  it('has no cosine where all rows, or all but one, have length 0', async () => {
    const zeros = matrixOf(new Float64Array(24), 12, 2);
    const none = await measure(zeros);
    expect(none.geometry).toMatchObject({ averageCosine: null, hubness: null, meanNorm: 0, partitionIsotropy: 1 });
    expectEveryNullExplained(none);
    zeros.data[5] = 1;
    const single = await measure(zeros);
    expect(single.geometry.averageCosine).toBeNull();
    expectEveryNullExplained(single);
  });

  it.each([1, 2, 3, 10, 11, 20, 21, 22])('explains every null of %i rows', async (rows) => {
    for (const columns of [1, 2, 6]) expectEveryNullExplained(await measure(gaussian(rows, columns, rows)));
  });

  it('names row and column of a NaN', async () => {
    await expect(
      measure(
        matrix64([
          [1, 2],
          [3, NaN],
        ]),
      ),
    ).rejects.toMatchObject({
      reason: 'input',
      message: expect.stringContaining('row 2, column 2') as string,
    });
  });
});

describe('measureGeometry', () => {
  it('sees the −1/(N − 1) of a simplex', async () => {
    // The corners of a regular simplex about its centre: what full whitening makes of any N ≤ d + 1 rows.
    const n = 8;
    const rows = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, k) => (i === k ? 1 : 0) - 1 / n));
    const { geometry, notes } = await measure(matrix64(rows), { isWhitened: true });
    expect(geometry.averageCosine).toBeCloseTo(-1 / 7, 14);
    expect(geometry.cosineQuantiles!['0.01']).toBeCloseTo(-1 / 7, 14);
    expect(geometry.cosineQuantiles!['0.99']).toBeCloseTo(-1 / 7, 14);
    expect(geometry.partitionIsotropy).toBeNull();
    expect(codes(notes)).toEqual(expect.arrayContaining(['small-sample', 'whitened-partition', 'rank-deficient']));
  });

  it('knows by itself that equal eigenvalues leave the partition open', async () => {
    const rows = [0, 1, 2, 3].flatMap((axis) =>
      [1, -1].map((sign) => [0, 1, 2, 3].map((k) => (k === axis ? sign : 0))),
    );
    const exact = await measure(matrix64(rows));
    expect(exact.geometry.partitionIsotropy).toBeNull();
    expect(codes(exact.notes)).toContain('arbitrary-eigenvectors');
    // The same with the rounding of float32.
    const noise = gaussian(8, 4, 1);
    const rounded = rows.map((row, i) => row.map((value, k) => value + 3e-8 * noise.data[4 * i + k]));
    expect((await measure(matrix64(rounded))).geometry.partitionIsotropy).toBeNull();
  });

  it('warns of few rows for the dimensions, and not of enough', async () => {
    const message = async (rows: number) =>
      (await measure(gaussian(rows, 6, 1))).notes.find((note) => note.code === 'small-sample')?.message;
    expect(await message(7)).toContain('−1/6');
    expect(await message(8)).toContain('few for 6 dimensions');
    expect(await message(29)).toContain('few for 6 dimensions');
    expect(await message(30)).toBeUndefined();
  });

  it('draws beyond two million pairs: by the seed, and near the exact quantiles', async () => {
    const random = vi.spyOn(Math, 'random').mockImplementation(() => {
      throw new Error('hidden randomness');
    });
    const matrix = toFloat32(gaussian(2100, 6, 4, 0.5));
    const first = await measure(matrix, {}, 1);
    const again = await measure(matrix, {}, 1);
    const other = await measure(matrix, {}, 2);
    random.mockRestore();
    expect(again.geometry).toEqual(first.geometry);
    expect(other.geometry.cosineQuantiles).not.toEqual(first.geometry.cosineQuantiles);
    const all: number[] = [];
    for (let i = 0; i < 2100; i += 3) for (let j = i + 3; j < 2100; j += 3) all.push(cosineOf(matrix, i, j));
    const exact = Float64Array.from(all).sort();
    // Two million draws, and 245,000 pairs of 700 rows here: the latter's error is about 0.5/√700 = 0.02 at the most.
    expect(Math.abs(first.geometry.cosineQuantiles!['0.5'] - exact[exact.length >> 1])).toBeLessThan(0.03);
    expect(first.sortedCosines).toHaveLength(2_000_000);
    // The sample's own mean against the exact average: a deviation of the cosines of at most 1 over √2,000,000, five times.
    const mean = first.sortedCosines.reduce((sum, value) => sum + value, 0) / 2_000_000;
    expect(Math.abs(mean - first.geometry.averageCosine!)).toBeLessThan(5 / Math.sqrt(2_000_000));
  });

  it('takes over what is at hand', async () => {
    const matrix = gaussian(60, 5, 2);
    const raw = await measure(matrix);
    const { moments, eigen, pairs, geometry } = raw;
    const again = await measure(matrix, {
      moments,
      eigen: eigen!,
      pairs,
      intrinsicDimension: geometry.intrinsicDimension,
    });
    expect(again.geometry).toEqual(geometry);
    const given: Geometry['intrinsicDimension'] = { twoNN: 3, mle: null };
    const transformed = await measure(matrix, { space: 'transformed', intrinsicDimension: given });
    expect(transformed.geometry.intrinsicDimension).toEqual(given);
    expectEveryNullExplained(transformed, 'transformed');
  });

  it('gives float64 rows their own precision', async () => {
    const matrix = gaussian(50, 4, 3);
    const moved = { ...matrix, data: matrix.data.map((value) => value + 1e5) };
    const { geometry } = await measure(moved);
    const narrowed = await measure(toFloat32(moved));
    // Cosines near 1 − 1e-10: float32 rows would be off by 1e-7.
    const expected = 1 - 2 * meanSquaredChord(moved);
    expect(Math.abs(geometry.averageCosine! - expected)).toBeLessThan(1e-15 * 8);
    expect(narrowed.geometry.eigenvalues![0]).not.toBeCloseTo(geometry.eigenvalues![0], 9);
  });

  it('counts its steps', async () => {
    const steps: number[] = [];
    await measureGeometry(
      { matrix: gaussian(20, 3, 1), space: 'raw' },
      { products: await testProducts(), seed: 0, onStep: (done, total) => steps.push(done / total) },
    );
    expect(steps).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
  });

  it('stops in the middle when asked to', async () => {
    const controller = new AbortController();
    const attempt = measureGeometry(
      { matrix: gaussian(200, 8, 1), space: 'raw' },
      {
        products: await testProducts(),
        seed: 0,
        signal: controller.signal,
        onStep: (done) => {
          if (done === 3) controller.abort();
        },
      },
    );
    await expect(attempt).rejects.toMatchObject({ name: 'AbortError' });
  });
});

/** Mean of ‖x̂_i − x̂_j‖²/4 over pairs, from differences: 1 − cos without cancellation is twice that. */
function meanSquaredChord(matrix: Matrix): number {
  const { data, rows, columns } = matrix;
  const units = Array.from({ length: rows }, (_, i) => {
    const row = data.subarray(i * columns, (i + 1) * columns);
    const length = Math.hypot(...row);
    return Array.from(row, (value) => value / length);
  });
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) sum += units[i].reduce((part, value, k) => part + (value - units[j][k]) ** 2, 0);
  }
  return sum / (rows * (rows - 1)) / 2;
}
