import { describe, expect, it } from 'vitest';
import { cosineAtPercentile, percentileOfCosine } from '../../../src/core/geometry/similarityFloor';

describe('the similarity floor', () => {
  const sorted = Float64Array.of(0, 0.1, 0.2, 0.3, 0.4);

  it('reads both ways', () => {
    expect(cosineAtPercentile(sorted, 0.5)).toBe(0.2);
    expect(cosineAtPercentile(sorted, 0.625)).toBeCloseTo(0.25, 14);
    expect([percentileOfCosine(sorted, -1), percentileOfCosine(sorted, 0.25), percentileOfCosine(sorted, 1)]).toEqual([0, 0.6, 1]);
    expect(percentileOfCosine(sorted, 0.2)).toBe(0.5);
    // Equal but for rounding.
    expect(percentileOfCosine(sorted, 0.2 + 1e-15)).toBe(0.5);
  }); // prettier-ignore

  it('is not there without pairs, and has no place beyond 0 … 1', () => {
    expect(percentileOfCosine(new Float64Array(0), 0.5)).toBeNull();
    expect(cosineAtPercentile(new Float64Array(0), 0.5)).toBeNull();
    for (const share of [-0.1, 1.1, NaN]) expect(() => cosineAtPercentile(sorted, share)).toThrow(RangeError);
  });
});
