import { describe, expect, it } from 'vitest';
import { normalizeVector, poolTokens, tokenPoolings, type TokenPooling } from '../../../src/core/encoder/pooling';

// Two sentences of 3 and 1 tokens, width 4, two dimensions; padding holds numbers that must not be seen.
const tokens = {
  data: Float32Array.from([1, -5, 2, -1, 6, -3, 99, 99, /**/ 4, 8, 99, 99, 99, 99, 99, 99]),
  width: 4,
  dimension: 2,
  lengths: [3, 1],
};

function pool(pooling: TokenPooling, skip = 0): number[][] {
  const rows: number[][] = [];
  poolTokens(tokens, pooling, skip, (i, vector) => (rows[i] = [...vector]));
  return rows;
}

describe('poolTokens', () => {
  it.each<[TokenPooling, number[]]>([
    ['cls', [1, -5]],
    ['last-token', [6, -3]],
    ['mean', [3, -3]],
    ['max', [6, -1]],
    ['mean-sqrt-len', [9 / Math.sqrt(3), -9 / Math.sqrt(3)]],
    ['weighted-mean', [(1 + 4 + 18) / 6, (-5 - 2 - 9) / 6]],
  ])('%s follows its definition over attended tokens', (pooling, expected) => {
    const [first, second] = pool(pooling);
    expected.forEach((value, j) => {
      expect(first[j]).toBeCloseTo(value, 14);
    });
    expect(second).toEqual([4, 8]);
  });

  it('leaves out a skipped prompt, except where a single token is taken', () => {
    expect(pool('mean', 2)[0]).toEqual([6, -3]);
    expect(pool('max', 1)[0]).toEqual([6, -1]);
    expect(pool('cls', 2)[0]).toEqual([1, -5]);
    // Never all of them: the last token stays.
    expect(pool('mean', 9)).toEqual([
      [6, -3],
      [4, 8],
    ]);
  });

  it('agrees on a sentence of one token, whatever the pooling', () => {
    for (const pooling of tokenPoolings) expect(pool(pooling)[1]).toEqual([4, 8]);
  });

  it('sums in float64: a float32 sum of 2^24 and 300 ones would lose all of them', () => {
    const length = 301;
    const data = new Float32Array(length).fill(1);
    data[0] = 2 ** 24;
    let mean = 0;
    poolTokens({ data, width: length, dimension: 1, lengths: [length] }, 'mean', 0, (_, vector) => (mean = vector[0]!));
    expect(mean * length).toBeCloseTo(2 ** 24 + 300, 6);
  });
});

it('normalises to unit length and leaves zeros alone', () => {
  const vector = Float64Array.from([3, 0, -4]);
  normalizeVector(vector);
  expect([...vector].map((x) => Number(x.toFixed(15)))).toEqual([0.6, 0, -0.8]);
  const zeros = new Float64Array(3);
  normalizeVector(zeros);
  expect([...zeros]).toEqual([0, 0, 0]);
});
