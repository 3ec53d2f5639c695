import { describe, expect, it } from 'vitest';
import { aimPairs } from '../../../src/core/geometry/aimedPairs';
import {
  COMPARED_CHARACTERS,
  editDistance,
  editDistances,
  lengthDifferences,
  lexicalLeakage,
  normWithLength,
  sentenceLengths,
} from '../../../src/core/geometry/textStatistics';

describe('what is on the surface', () => {
  it('has lengths in code points', () => {
    expect(Array.from(sentenceLengths(['', 'naïve', '北京', '👋🏽 hi', '\ud83d alone \udc4b']))).toEqual([0, 5, 2, 5, 9]);
  });

  it('has edit distances over the longer length', () => {
    expect(editDistance('kitten', 'sitting')).toBeCloseTo(3 / 7, 14);
    expect(editDistance('', '')).toBe(0);
    expect(editDistance('', 'abc')).toBe(1);
    expect(editDistance('same', 'same')).toBe(0);
  });

  it('compares beginnings of very long lines, in bounded time', async () => {
    const long = 'ab'.repeat(2_000_000);
    const pairs = aimPairs(3, 0);
    const distances = await editDistances([long, `${long}!`, 'b'.repeat(300)], pairs);
    expect(Array.from(distances)).toEqual([0, 0.5, 0.5]);
    expect(COMPARED_CHARACTERS).toBe(256);
    await expect(editDistances(['a', 'b', 'c'], pairs, AbortSignal.abort())).rejects.toThrow();
  });

  it('leaks into cosines that follow spelling', () => {
    const distances = Float64Array.of(0.1, 0.5, 0.9, 0.3);
    const cosines = distances.map((distance) => 1 - distance);
    const leak = lexicalLeakage(cosines, distances, Float64Array.of(1, 2, 3, 4));
    expect(leak).toMatchObject({ count: 4, editDistance: expect.closeTo(-1, 12) as number });
    expect(lexicalLeakage(Float64Array.of(0.1, 0.2), Float64Array.of(1, 2), Float64Array.of(1, 2))).toBeNull();
    expect(lexicalLeakage(cosines, distances, new Float64Array(4))!.lengthDifference).toBeNull();
    const missing = Float64Array.of(NaN, 0.5, 0.1, 0.7);
    expect(lexicalLeakage(missing, distances, distances)!.count).toBe(3);
  });

  it('goes with the norm or does not; a constant has no correlation', () => {
    const lengths = Float64Array.of(3, 7, 5, 9);
    expect(normWithLength(lengths, lengths)).toMatchObject({ count: 4, spearman: expect.closeTo(1, 12) as number });
    expect(normWithLength(Float64Array.of(1, 1 + 6e-8, 1, 1 - 6e-8), lengths)).toBeNull();
    expect(normWithLength(lengths, Float64Array.of(5, 5, 5, 5))).toBeNull();
    expect(normWithLength(new Float64Array(4), lengths)).toBeNull();
    expect(normWithLength(Float64Array.of(1, 2), Float64Array.of(1, 2))).toBeNull();
    expect(Array.from(lengthDifferences(lengths, aimPairs(4, 0)))).toEqual([4, 2, 6, 2, 2, 4]);
  });
});
