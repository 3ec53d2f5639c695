import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Analysis } from '../../../src/core/analysis/analysis';
import { analyzeVectors } from '../../../src/core/analysis/analyze';
import { openServices, type Services } from '../../../src/core/analysis/services';
import { neighboursOf, readSimilarity } from '../../../src/core/analysis/similarity';
import { samplePairs } from '../../../src/core/geometry/pairSample';
import type { Matrix } from '../../../src/core/linalg/matrix';
import { failureReason } from '../../../src/core/protocol/errors';
import { anisotropicRows, rowsOf, toFloat32, vectorQuestion } from './corpora';

let services: Services;
beforeAll(async () => {
  services = await openServices({ threads: 2 });
});
afterAll(() => services.dispose());
const analysisOf = (vectors: Matrix, transform = 'none'): Promise<Analysis> =>
  analyzeVectors(vectorQuestion(vectors, transform), services);

/** The definition, slowly. */
function cosine({ data, columns }: Matrix, a: number, b: number): number {
  const row = (at: number) => [...data.subarray(at * columns, (at + 1) * columns)];
  const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i], 0);
  return dot(row(a), row(b)) / Math.sqrt(dot(row(a), row(a)) * dot(row(b), row(b)));
}

function allCosines(matrix: Matrix): number[] {
  const cosines: number[] = [];
  for (let a = 0; a < matrix.rows; a++) for (let b = a + 1; b < matrix.rows; b++) cosines.push(cosine(matrix, a, b));
  return cosines;
}

/** Share of smaller ones, ties half. */
function percentile(cosines: readonly number[], value: number): number {
  const below = cosines.filter((other) => other < value - 1e-12).length;
  const upTo = cosines.filter((other) => other <= value + 1e-12).length;
  return (below + upTo) / 2 / cosines.length;
}

describe('readSimilarity', () => {
  it('gives cosine and percentile of every pair, raw and transformed', async () => {
    const vectors = toFloat32(anisotropicRows(60, 7));
    const analysis = await analysisOf(vectors, 'pca:k=4');
    const reading = readSimilarity(analysis, [5, 40, 12]);
    expect(reading.pairs.map(({ first, second }) => [first, second])).toEqual([
      [5, 40],
      [5, 12],
      [40, 12],
    ]);
    expect(reading).toMatchObject({ transform: 'pca:k=4', randomPairCount: (60 * 59) / 2 });
    const after = analysis.transformed?.matrix ?? vectors;
    for (const { first, second, raw, transformed } of reading.pairs) {
      expect(raw?.cosine).toBeCloseTo(cosine(vectors, first, second), 12);
      expect(raw?.percentile).toBeCloseTo(percentile(allCosines(vectors), cosine(vectors, first, second)), 12);
      expect(transformed?.cosine).toBeCloseTo(cosine(after, first, second), 12);
      expect(transformed?.percentile).toBeCloseTo(percentile(allCosines(after), cosine(after, first, second)), 12);
    }
  });

  it('spreads percentiles evenly over drawn pairs of many rows', async () => {
    const analysis = await analysisOf(toFloat32(anisotropicRows(2200, 3)));
    const { first, second } = samplePairs(2200, 99, 300) as { first: Int32Array; second: Int32Array };
    const found = Array.from(
      first,
      (row, i) => readSimilarity(analysis, [row, second[i]]).pairs[0].raw?.percentile ?? NaN,
    );
    // Of 300 uniform numbers the mean has a standard error of 0.017.
    expect(Math.abs(found.reduce((sum, value) => sum + value, 0) / 300 - 0.5)).toBeLessThan(0.07);
  });

  it('counts ties half: among equal rows every pair is in the middle', async () => {
    const analysis = await analysisOf(rowsOf([[0.1, 0.2], [0.2, 0.4], [0.3, 0.6], [0.7, 1.4]])); // prettier-ignore
    for (const { raw } of readSimilarity(analysis, [0, 1, 2, 3]).pairs) {
      expect(raw?.cosine).toBeCloseTo(1, 14);
      expect(raw?.percentile).toBe(0.5);
    }
  });

  it('has nothing for rows of length 0, and no transformed reading without a transform', async () => {
    const analysis = await analysisOf(rowsOf([[0, 0], [1, 0], [1, 1]])); // prettier-ignore
    const [zero, , real] = readSimilarity(analysis, [0, 1, 2]).pairs;
    expect(zero).toEqual({ first: 0, second: 1, raw: null, transformed: null });
    expect(real.raw?.cosine).toBeCloseTo(Math.SQRT1_2, 14);
    expect(readSimilarity(analysis, [1]).pairs).toEqual([]);
  });

  it('refuses rows that do not exist, and too many', async () => {
    const analysis = await analysisOf(anisotropicRows(300, 3));
    for (const rows of [[0, 300], [-1, 0], [0.5, 1], [NaN, 1], Array.from({ length: 201 }, (_, i) => i)]) {
      expect(() => readSimilarity(analysis, rows)).toThrow();
      try {
        readSimilarity(analysis, rows);
      } catch (error) {
        expect(failureReason(error)).toBe('usage');
      }
    }
  });

  it('keeps tiny rows apart from zero ones', async () => {
    const analysis = await analysisOf(rowsOf([[1e-120, 0], [1e-120, 1e-120], [1, 2]])); // prettier-ignore
    expect(readSimilarity(analysis, [0, 1]).pairs[0].raw?.cosine).toBeCloseTo(Math.SQRT1_2, 14);
  });
});

describe('neighboursOf', () => {
  it('finds the nearest rows, largest first', async () => {
    const vectors = toFloat32(anisotropicRows(80, 6));
    const analysis = await analysisOf(vectors, 'center');
    const after = analysis.transformed?.matrix ?? vectors;
    for (const [matrix, found] of [
      [vectors, neighboursOf(analysis, 17, 5).raw],
      [after, neighboursOf(analysis, 17, 5).transformed ?? []],
    ] as const) {
      const expected = Array.from({ length: 80 }, (_, row) => row)
        .filter((row) => row !== 17)
        .sort((a, b) => cosine(matrix, 17, b) - cosine(matrix, 17, a))
        .slice(0, 5);
      expect(found.map(({ row }) => row)).toEqual(expected);
      found.forEach((neighbour) => expect(neighbour.cosine).toBeCloseTo(cosine(matrix, 17, neighbour.row), 12));
    }
  });

  it('breaks ties by row number, leaves out zero rows, and gives what there is', async () => {
    const analysis = await analysisOf(rowsOf([[1, 0], [2, 0], [0, 0], [4, 0], [0, 1]])); // prettier-ignore
    expect(neighboursOf(analysis, 3, 10).raw.map(({ row }) => row)).toEqual([0, 1, 4]);
    expect(neighboursOf(analysis, 3, 2).raw.map(({ row }) => row)).toEqual([0, 1]);
    expect(neighboursOf(analysis, 2, 2)).toEqual({ raw: [], transformed: null });
    expect(neighboursOf(analysis, 3, 0).raw).toEqual([]);
  });
});
