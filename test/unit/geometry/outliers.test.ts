import { describe, expect, it } from 'vitest';
import { cosineNeighbours } from '../../../src/core/geometry/neighbours';
import { localOutlierFactors } from '../../../src/core/geometry/outliers';
import { gaussian, matrix64, testProducts } from './matrices';

describe('local outlier factors', () => {
  it('are about 1 in a cloud and large outside, whatever the scale', async () => {
    const cloud = gaussian(60, 3, 2);
    for (let at = 0; at < 59 * 3; at += 3) cloud.data[at] += 12;
    cloud.data.set([0.1, 9, 0.1], 59 * 3);
    const products = await testProducts();
    const factors = localOutlierFactors(await cosineNeighbours(cloud, 10, products), 60);
    expect(factors[59]).toBeGreaterThan(5);
    // A cloud of directions has an edge of its own, but nothing as far out.
    const inside = factors.slice(0, 59).sort();
    expect(inside[29]).toBeGreaterThan(0.9);
    expect(inside[29]).toBeLessThan(1.2);
    expect(inside[58]).toBeLessThan(factors[59] / 2);
    const scaled = { ...cloud, data: cloud.data.map((value) => value * 1e6) };
    const again = localOutlierFactors(await cosineNeighbours(scaled, 10, products), 60);
    again.forEach((factor, row) => expect(factor).toBeCloseTo(factors[row], 8));
  });

  it('do not exist without neighbours', async () => {
    const products = await testProducts();
    const one = matrix64([[1, 2]]);
    expect(Array.from(localOutlierFactors(await cosineNeighbours(one, 10, products), 1))).toEqual([NaN]);
    expect(localOutlierFactors({ k: 0, rows: new Int32Array(0), cosines: new Float64Array(0) }, 0)).toHaveLength(0);
  });
});
