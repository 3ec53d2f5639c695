import { describe, expect, it } from 'vitest';
import { countRank, deadDimensions } from '../../../src/core/geometry/rank';
import {
  componentsFor,
  conditionNumber,
  decayExponent,
  effectiveRank,
  isoScore,
  participationRatio,
  stableRank,
  totalVariance,
} from '../../../src/core/geometry/spectrum';

const of = (...values: number[]) => Float64Array.from(values);

describe('rank', () => {
  it('counts eigenvalues above 1e-12 of the largest', () => {
    expect(countRank(of(4, 2, 4.1e-12, 4e-12, 0))).toBe(3);
    expect(countRank(of(0, 0))).toBe(0);
    expect(countRank(of())).toBe(0);
  });

  it('calls dimensions dead whose standard deviation is at most 1e-6 of the largest', () => {
    expect(deadDimensions(of(1, 1e-12, 1.1e-12, 0))).toEqual([1, 3]);
    expect(deadDimensions(of(0, 0))).toEqual([0, 1]);
  });
});

describe('functions of a spectrum', () => {
  it('see d equal eigenvalues as d dimensions', () => {
    const flat = new Float64Array(10).fill(0.3);
    expect(effectiveRank(flat)).toBeCloseTo(10, 12);
    expect(participationRatio(flat)).toBeCloseTo(10, 12);
    expect(isoScore(flat)).toBeCloseTo(1, 13);
    expect(stableRank(flat)).toBeCloseTo(10, 12);
    expect(conditionNumber(flat)).toBe(1);
    expect(decayExponent(flat)).toBeCloseTo(0, 13);
    expect(totalVariance(flat)).toBeCloseTo(3, 14);
  });

  it('need no component more where equal eigenvalues hold exactly the share', () => {
    // Ten times 0.1 sums to 0.8999999999999999 at nine.
    expect(componentsFor(new Float64Array(10).fill(0.1), 0.9)).toBe(9);
    expect(componentsFor(of(90, 5, 4, 1), 0.9)).toBe(1);
    expect(componentsFor(of(90, 5, 4, 1), 0.95)).toBe(2);
    expect(componentsFor(of(90, 5, 4, 1), 0.99)).toBe(3);
  });

  it('see one eigenvalue as one dimension', () => {
    const single = of(2, 0, 0);
    expect(effectiveRank(single)).toBeCloseTo(1, 14);
    expect(participationRatio(single)).toBe(1);
    expect(isoScore(single)).toBe(0);
    expect(conditionNumber(single)).toBeNull();
    expect(decayExponent(single)).toBeNull();
  });

  it('find the exponent of a power law', () => {
    const law = new Float64Array(50).map((_, i) => 7 * (i + 1) ** -1.3);
    expect(decayExponent(law)).toBeCloseTo(1.3, 12);
  });

  it('take rounding in null directions for 0', () => {
    const clean = of(1, 0.5, 0, 0, 0, 0);
    const noisy = of(1, 0.5, 9e-13, 9e-13, 5e-17, 0);
    expect(effectiveRank(noisy)).toBe(effectiveRank(clean));
    expect(decayExponent(noisy)).toBe(decayExponent(clean));
    expect(conditionNumber(noisy)).toBeNull();
  });

  it.each([
    ['no variance', of(0, 0)],
    ['no dimension', of()],
  ])('have no answer for %s', (_, values) => {
    for (const statistic of [effectiveRank, participationRatio, isoScore, stableRank, conditionNumber, decayExponent]) {
      expect(statistic(values)).toBeNull();
    }
    expect(componentsFor(values, 0.9)).toBeNull();
    expect(totalVariance(values)).toBe(0);
  });

  it('do not overflow where variances do not', () => {
    expect(participationRatio(of(1e200, 1e200))).toBeCloseTo(2, 14);
    expect(participationRatio(of(1e-200, 1e-200))).toBeCloseTo(2, 14);
  });
});
