import { describe, expect, it } from 'vitest';
import { averageRanks, pearsonCorrelation, spearmanCorrelation } from '../../../src/core/geometry/rankCorrelation';
import { createRandom } from '../../../src/core/linalg/random';

const of = (...values: number[]): Float64Array => Float64Array.from(values);

describe('ranks', () => {
  it('give equal values the average of theirs', () => {
    expect(Array.from(averageRanks(of(30, 10, 20, 20, 5, 20)))).toEqual([6, 2, 4, 4, 1, 4]);
    expect(Array.from(averageRanks(of()))).toEqual([]);
    expect(Array.from(averageRanks(of(-0, 0)))).toEqual([1.5, 1.5]);
  });

  it('take values for equal that differ by rounding only', () => {
    expect(Array.from(averageRanks(of(0.5, 0.5 + 1e-15, 0.6), 1e-12))).toEqual([1.5, 1.5, 3]);
    expect(Array.from(averageRanks(of(0.5, 0.5 + 1e-15, 0.6)))).toEqual([1, 2, 3]);
  });

  it('sum to n(n + 1)/2, whatever the ties', () => {
    const random = createRandom(2);
    for (const n of [1, 2, 7, 500]) {
      const values = Float64Array.from({ length: n }, () => random.integer(20));
      expect(averageRanks(values).reduce((sum, rank) => sum + rank, 0)).toBe((n * (n + 1)) / 2);
    }
  });
});

describe('correlations', () => {
  it('are 1 and −1 for monotone relations, Pearson only for linear ones', () => {
    const a = of(1, 2, 3, 4, 5);
    expect(spearmanCorrelation(a, a.map(Math.exp))).toBeCloseTo(1, 14);
    expect(spearmanCorrelation(a, a.map((x) => -(x ** 3)))).toBeCloseTo(-1, 14); // prettier-ignore
    expect(pearsonCorrelation(a, a.map((x) => 7 - 2 * x))).toBeCloseTo(-1, 14); // prettier-ignore
    expect(pearsonCorrelation(a, a.map(Math.exp))).toBeLessThan(0.95);
  });

  it('do not exist for one pair, or where one side does not vary', () => {
    expect(spearmanCorrelation(of(1), of(2))).toBeNull();
    expect(spearmanCorrelation(of(), of())).toBeNull();
    expect(spearmanCorrelation(of(1, 1, 1), of(1, 2, 3))).toBeNull();
    expect(pearsonCorrelation(of(1, 2, 3), of(5, 5, 5))).toBeNull();
    expect(pearsonCorrelation(of(1, 2, 3), of(5, 5 + 1e-14, 5), [0, 1e-12])).toBeNull();
  });

  it('stay in range where squares would leave float64', () => {
    expect(pearsonCorrelation(of(1e150, 2e150, 4e150), of(1e150, 2e150, 4e150))).toBeCloseTo(1, 14);
  });
});
