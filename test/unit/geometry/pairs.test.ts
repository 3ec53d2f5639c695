import { describe, expect, it, vi } from 'vitest';
import { comparePairs } from '../../../src/core/geometry/pairComparison';
import { pairCosines } from '../../../src/core/geometry/pairProducts';
import { samplePairs, type DrawnPairs } from '../../../src/core/geometry/pairSample';
import type { Matrix } from '../../../src/core/linalg/matrix';
import { cosineOf, gaussian, matrix64, rowOf, testProducts, toFloat32 } from './matrices';

const drawn = (count: number, seed: number, limit: number) => samplePairs(count, seed, limit) as DrawnPairs;

describe('samplePairs', () => {
  it('takes all pairs up to the limit and draws as many beyond it', () => {
    expect(samplePairs(2000, 0)).toEqual({ kind: 'all', rowCount: 2000, pairCount: 1_999_000 });
    expect(samplePairs(2001, 0)).toMatchObject({ kind: 'drawn', pairCount: 2_000_000 });
    expect(samplePairs(0, 0)).toMatchObject({ kind: 'all', pairCount: 0 });
    expect(samplePairs(1, 0)).toMatchObject({ kind: 'all', pairCount: 0 });
  });

  it('draws by the seed alone', () => {
    const random = vi.spyOn(Math, 'random').mockImplementation(() => {
      throw new Error('hidden randomness');
    });
    expect(drawn(100, 7, 50)).toEqual(drawn(100, 7, 50));
    expect(drawn(100, 7, 50)).not.toEqual(drawn(100, 8, 50));
    random.mockRestore();
  });

  it('draws every pair of different rows equally often', () => {
    const { first, second, pairCount } = drawn(12, 3, 50);
    expect(pairCount).toBe(50);
    const limit = 60;
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 1100; seed++) {
      const pairs = drawn(12, seed, limit);
      for (let at = 0; at < limit; at++) {
        const key = `${String(pairs.first[at])}-${String(pairs.second[at])}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    expect(first.every((row, at) => row < second[at])).toBe(true);
    // 66 pairs, 1000 expected of each: chi-square with 65 degrees of freedom has mean 65 and deviation 11.4; five deviations.
    expect(counts.size).toBe(66);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(65 + 5 * 11.4);
  });

  it('sorts by first row', () => {
    const { first } = drawn(1000, 1, 5000);
    expect(first).toEqual(first.slice().sort());
  });
});

/** Sparse pairs are gathered, dense ones come from tiles: 40 rows have 780 pairs, 26 times 30. */
const ways = [
  ['all pairs', (n: number) => samplePairs(n, 1)],
  ['dense drawn pairs', (n: number) => samplePairs(n, 1, 500)],
  ['sparse drawn pairs', (n: number) => samplePairs(n, 1, 30)],
] as const;

describe.each(ways)('%s', (_, sample) => {
  it.each([
    ['float64', gaussian(40, 7, 5, 1)],
    ['float32', toFloat32(gaussian(40, 7, 5, 1))],
  ])('have the cosines of their rows (%s)', async (__, matrix) => {
    const cosines = await pairCosines(matrix, sample(40), await testProducts());
    // Seven products each: a few eps64.
    expectEqualNumbers(
      cosines,
      pairsOf(sample(40)).map(([i, j]) => cosineOf(matrix, i, j)),
      1e-15,
    );
  });

  it('leave out rows of length 0', async () => {
    const matrix = gaussian(40, 3, 2);
    matrix.data.fill(0, 3 * 10, 3 * 25);
    const cosines = await pairCosines(matrix, sample(40), await testProducts());
    const kept = pairsOf(sample(40)).filter((pair) => pair.every((row) => row < 10 || row >= 25));
    expect(kept.length).toBeGreaterThan(0);
    expectEqualNumbers(
      cosines,
      kept.map(([i, j]) => cosineOf(matrix, i, j)),
      1e-15,
    );
  });

  it('lose the top dimensions without cancellation', async () => {
    // A rogue dimension 1e7 times the rest: a difference of products would keep two digits of the rest, and so of r².
    const matrix = gaussian(40, 9, 4);
    for (let row = 0; row < 40; row++) matrix.data[row * 9 + 6] *= 1e7;
    const top = [6, 0, 8, 3, 1];
    const { cosines, r2Without } = await comparePairs(matrix, sample(40), top, await testProducts());
    const pairs = pairsOf(sample(40));
    expectEqualNumbers(
      cosines,
      pairs.map(([i, j]) => cosineOf(matrix, i, j)),
      1e-15,
    );
    for (const removed of [1, 3, 5] as const) {
      const rest = without(matrix, top.slice(0, removed));
      const whole = pairs.map(([i, j]) => cosineOf(matrix, i, j));
      const expected =
        correlation(
          whole,
          pairs.map(([i, j]) => cosineOf(rest, i, j)),
        ) ** 2;
      expect(r2Without[removed]).toBeCloseTo(expected, 8);
    }
  });
});

describe('comparePairs', () => {
  it('has no correlation where nothing is left, and leaves out rows that have nothing left', async () => {
    const products = await testProducts();
    const three = await comparePairs(gaussian(20, 3, 1), samplePairs(20, 0), [2, 0, 1], products);
    expect(three.r2Without['1']).toBeGreaterThan(0);
    expect(three.r2Without['3']).toBeNull();
    expect(three.r2Without['5']).toBeNull();

    const matrix = gaussian(20, 4, 1);
    for (const row of [0, 7]) for (const k of [0, 1, 3]) matrix.data[row * 4 + k] = 0;
    const { cosines, r2Without } = await comparePairs(matrix, samplePairs(20, 0), [2], products);
    expect(cosines).toHaveLength(190);
    const kept = pairsOf(samplePairs(20, 0)).filter((pair) => !pair.includes(0) && !pair.includes(7));
    const rest = without(matrix, [2]);
    const expected = correlation(
      kept.map(([i, j]) => cosineOf(matrix, i, j)),
      kept.map(([i, j]) => cosineOf(rest, i, j)),
    );
    expect(r2Without['1']).toBeCloseTo(expected ** 2, 12);
  });

  it('has no correlation where the cosines do not vary', async () => {
    const simplex = matrix64([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    const { r2Without } = await comparePairs(simplex, samplePairs(3, 0), [0], await testProducts());
    expect(r2Without['1']).toBeNull();
  });

  it('refuses pairs of another matrix', async () => {
    await expect(pairCosines(gaussian(5, 2, 1), samplePairs(6, 0), await testProducts())).rejects.toThrow(RangeError);
  });
});

function pairsOf(pairs: ReturnType<typeof samplePairs>): [number, number][] {
  if (pairs.kind === 'drawn') return Array.from(pairs.first, (i, at) => [i, pairs.second[at]]);
  const all: [number, number][] = [];
  for (let i = 0; i < pairs.rowCount; i++) for (let j = i + 1; j < pairs.rowCount; j++) all.push([i, j]);
  return all;
}

function expectEqualNumbers(actual: Float64Array, expected: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  const sorted = Array.from(actual).sort((a, b) => a - b);
  [...expected]
    .sort((a, b) => a - b)
    .forEach((value, at) => {
      expect(Math.abs(sorted[at] - value)).toBeLessThanOrEqual(tolerance);
    });
}

function without(matrix: Matrix, removed: readonly number[]): Matrix {
  const rows = Array.from({ length: matrix.rows }, (_, row) =>
    rowOf(matrix, row).filter((__, k) => !removed.includes(k)),
  );
  return matrix64(rows);
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  const cross = mean(a.map((value, i) => (value - meanA) * (b[i] - meanB)));
  return cross / Math.sqrt(mean(a.map((value) => (value - meanA) ** 2)) * mean(b.map((value) => (value - meanB) ** 2)));
}
