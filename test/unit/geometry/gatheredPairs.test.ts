import { describe, expect, it } from 'vitest';
import { visitGatheredPairs } from '../../../src/core/geometry/gatheredPairs';
import type { DrawnPairs } from '../../../src/core/geometry/pairSample';
import { samplePairs } from '../../../src/core/geometry/pairSample';
import { inverseNorms, rowNorms } from '../../../src/core/geometry/rowNorms';
import type { Matrix } from '../../../src/core/linalg/matrix';
import { gaussian, rowOf, toFloat32 } from './matrices';

/** Unit rows, the columns `apart` left out of the sum: by definition. */
function productOf(matrix: Matrix, i: number, j: number, apart: readonly number[]): number {
  const unit = (row: number): number[] => {
    const values = rowOf(matrix, row);
    const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    return values.map((value, k) => (apart.includes(k) ? 0 : value / length));
  };
  const y = unit(j);
  return unit(i).reduce((sum, value, k) => sum + value * y[k], 0);
}

const pairKey = (i: number, j: number): string => `${String(i)}-${String(j)}`;

// 4099 columns: blocks of 23 rows in float64, of 47 in float32.
describe.each([
  ['float64', gaussian(80, 4099, 1, 0.2)],
  ['float32', toFloat32(gaussian(80, 4099, 1, 0.2))],
  ['float64, few columns', gaussian(80, 3, 2)],
])('visitGatheredPairs of %s', (_, matrix) => {
  it.each([[[]], [[0, 2]]])('gives each drawn pair once, without the columns %j', async (apart) => {
    const data = matrix.data.slice();
    data.fill(0, 5 * matrix.columns, 6 * matrix.columns);
    const holed = { ...matrix, data };
    const pairs = samplePairs(80, 4, 600) as DrawnPairs;
    const expected = new Map<string, number>();
    for (let at = 0; at < 600; at++) {
      if (pairs.first[at] === 5 || pairs.second[at] === 5) continue;
      const key = pairKey(pairs.first[at], pairs.second[at]);
      expected.set(key, (expected.get(key) ?? 0) + 1);
    }
    await visitGatheredPairs(holed, inverseNorms(rowNorms(holed)), pairs, apart, (batch) => {
      for (let at = 0; at < batch.count; at++) {
        const [i, j] = [batch.first[at], batch.second[at]];
        expected.set(pairKey(i, j), expected.get(pairKey(i, j))! - 1);
        // Unit rows: a sum of d products, in any order.
        expect(Math.abs(batch.products[at] - productOf(holed, i, j, apart))).toBeLessThan(1e-13);
      }
    });
    expect([...expected.values()].every((left) => left === 0)).toBe(true);
  });

  it('stops when asked to', async () => {
    const pairs = samplePairs(80, 4, 600) as DrawnPairs;
    const inverse = inverseNorms(rowNorms(matrix));
    const visiting = visitGatheredPairs(matrix, inverse, pairs, [], () => undefined, AbortSignal.abort());
    await expect(visiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});
