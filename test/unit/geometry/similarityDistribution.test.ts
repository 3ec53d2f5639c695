import { describe, expect, it } from 'vitest';
import {
  cosineQuantiles,
  countInBins,
  percentileOf,
  quantileOf,
  uniformity,
} from '../../../src/core/geometry/similarityDistribution';

const sorted = Float64Array.of(-0.5, 0, 0, 0.25, 1);

describe('quantileOf', () => {
  it('interpolates linearly, as numpy.quantile', () => {
    expect(quantileOf(sorted, 0)).toBe(-0.5);
    expect(quantileOf(sorted, 0.125)).toBe(-0.25);
    expect(quantileOf(sorted, 0.9)).toBeCloseTo(0.7, 15);
    expect(quantileOf(sorted, 1)).toBe(1);
    expect(quantileOf(Float64Array.of(3), 0.99)).toBe(3);
  });

  it('has no quantiles of nothing', () => {
    expect(cosineQuantiles(new Float64Array(0))).toBeNull();
    expect(uniformity(new Float64Array(0))).toBeNull();
    expect(percentileOf(new Float64Array(0), 0.5)).toBeNull();
  });
});

describe('percentileOf', () => {
  it('counts equal cosines half', () => {
    expect(percentileOf(sorted, 0)).toBe(0.4);
    expect(percentileOf(sorted, 0.1)).toBe(0.6);
    expect(percentileOf(sorted, -0.9)).toBe(0);
    expect(percentileOf(sorted, 1)).toBe(0.9);
  });

  it('is the inverse of the quantiles', () => {
    const many = new Float64Array(1001).map((_, i) => Math.tanh((i - 500) / 200));
    for (const share of [0.05, 0.5, 0.95]) expect(percentileOf(many, quantileOf(many, share))).toBeCloseTo(share, 2);
  });
});

describe('uniformity', () => {
  it('is 0 where all rows are the same direction and −8 for opposite ones', () => {
    expect(uniformity(Float64Array.of(1, 1))).toBe(0);
    expect(uniformity(Float64Array.of(-1))).toBe(-8);
    expect(uniformity(Float64Array.of(1, -1))).toBeCloseTo(Math.log((1 + Math.exp(-8)) / 2), 15);
  });
});

describe('countInBins', () => {
  it('covers −1 to 1, both included, and leaves out NaN', () => {
    expect(Array.from(countInBins([-1, -0.51, -0.5, 0, 0.999, 1, NaN], 4))).toEqual([2, 1, 1, 2]);
  });
});
