import { describe, expect, it } from 'vitest';
import { aimPairs, cosinesOfPairs, withoutMissing } from '../../../src/core/geometry/aimedPairs';
import { cosineOf, gaussian, toFloat32 } from './matrices';

describe('aimed pairs', () => {
  it('are all pairs up to the limit, and drawn with the seed beyond it', () => {
    const all = aimPairs(5, 0);
    expect(Array.from(all.first, (i, at) => [i, all.second[at]])).toEqual([
      [0, 1], [0, 2], [0, 3], [0, 4], [1, 2], [1, 3], [1, 4], [2, 3], [2, 4], [3, 4],
    ]); // prettier-ignore
    const drawn = aimPairs(50, 3, 100);
    expect(drawn.first).toHaveLength(100);
    expect(aimPairs(50, 3, 100)).toEqual(drawn);
    expect(aimPairs(50, 4, 100)).not.toEqual(drawn);
    expect(drawn.first.every((i, at) => i < drawn.second[at])).toBe(true);
    for (const count of [0, 1]) expect(aimPairs(count, 0).first).toHaveLength(0);
  });

  it('have their cosines in order; none for a row of length 0', async () => {
    const matrix = gaussian(12, 9, 1);
    matrix.data.fill(0, 9, 18);
    const pairs = aimPairs(12, 0);
    for (const rows of [matrix, toFloat32(matrix)]) {
      const cosines = await cosinesOfPairs(rows, pairs);
      cosines.forEach((cosine, at) => {
        const [i, j] = [pairs.first[at], pairs.second[at]];
        if (i === 1 || j === 1) expect(cosine).toBeNaN();
        else expect(cosine).toBeCloseTo(cosineOf(rows, i, j), 13);
      });
    }
    await expect(cosinesOfPairs(matrix, pairs, AbortSignal.abort())).rejects.toThrow();
  });

  it('of several samples stay where none is missing', () => {
    const [a, b] = withoutMissing(Float64Array.of(1, NaN, 3, 4), Float64Array.of(5, 6, NaN, 8));
    expect([Array.from(a), Array.from(b)]).toEqual([[1, 4], [5, 8]]); // prettier-ignore
  });
});
