import { describe, expect, it } from 'vitest';
import { PointDistances, withPointDistances } from '../../../src/core/geometry/pointDistances';
import { squaredDistance, type Points } from '../../../src/core/geometry/points';
import { lengthOf } from '../../../src/core/geometry/rowNorms';
import { type Layout, withKernels } from '../../../src/core/linalg/kernels';
import { createRandom } from '../../../src/core/linalg/random';

/** Lengths around the widths that SIMD takes at once. */
const widths = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33];

function normals(count: number, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: count }, () => random.normal());
}

describe('withKernels', () => {
  const layout = { numbers: ['float64', 8], few: ['int32', 3] } as const satisfies Layout;

  it('gives arrays of the types and lengths wanted, none over another', async () => {
    await withKernels(layout, ({ arrays: { numbers, few } }) => {
      numbers.fill(1.5);
      few.fill(7);
      expect(Array.from(numbers)).toEqual(Array<number>(8).fill(1.5));
      expect(Array.from(few)).toEqual([7, 7, 7]);
      return Promise.resolve();
    });
  });

  it('never gives one memory to two at a time', async () => {
    let resume = (): void => undefined;
    const paused = new Promise<void>((resolve) => (resume = resolve));
    const first = withKernels(layout, async ({ arrays }) => {
      arrays.numbers.fill(1);
      await paused;
      return Array.from(arrays.numbers);
    });
    await withKernels(layout, ({ arrays }) => Promise.resolve(arrays.numbers.fill(2)));
    resume();
    expect(await first).toEqual(Array<number>(8).fill(1));
  });

  it('says so when there is no memory, and works on', async () => {
    const tooMuch = withKernels({ numbers: ['float64', 2 ** 29] } as const, () => Promise.resolve());
    await expect(tooMuch).rejects.toMatchObject({ reason: 'out-of-memory' });
    expect(await withKernels(layout, () => Promise.resolve(1))).toBe(1);
  });

  it('hands a failure on and works on', async () => {
    await expect(withKernels(layout, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withKernels(layout, () => Promise.resolve(1))).toBe(1);
  });
});

describe('row operations', () => {
  it.each(widths)('equal plain loops to the bit for rows of %i numbers', async (d) => {
    const rows = 3;
    const numbers = normals(rows * d, d);
    const vector = normals(d, 99);
    const layout = { rows: ['float64', rows * d], vector: ['float64', d], narrow: ['float32', rows * d] } as const;
    await withKernels(layout, ({ arrays, ...kernels }) => {
      const after = (run: () => void): number[] => {
        arrays.rows.set(numbers);
        arrays.vector.set(vector);
        run();
        return Array.from(arrays.rows);
      };
      const { byteOffset: at } = arrays.rows;
      const by = arrays.vector.byteOffset;
      expect(after(() => kernels.subtractFromRows(at, rows, d, by))).toEqual(
        Array.from(numbers, (value, i) => value - vector[i % d]),
      );
      expect(after(() => kernels.scaleColumns(at, rows, d, by))).toEqual(
        Array.from(numbers, (value, i) => value * vector[i % d]),
      );
      after(() => kernels.narrow(at, arrays.narrow.byteOffset, rows * d));
      expect(arrays.narrow).toEqual(Float32Array.from(numbers));
      expect(after(() => kernels.widen(arrays.narrow.byteOffset, at, rows * d))).toEqual(
        Array.from(Float32Array.from(numbers)),
      );
      after(() => kernels.scaleToUnitLength(at, rows, d));
      for (let row = 0; row < rows; row++) {
        expect(lengthOf(arrays.rows, row * d, (row + 1) * d)).toBeCloseTo(1, 14);
      }
      return Promise.resolve();
    });
  });

  it('scale short and long rows to unit length, and leave a row of 0', async () => {
    await withKernels({ rows: ['float64', 8] } as const, ({ arrays: { rows }, scaleToUnitLength }) => {
      rows.set([3e-300, 4e-300, 0, 0, 3e200, -4e200, 1, 0]);
      scaleToUnitLength(rows.byteOffset, 4, 2);
      [0.6, 0.8, 0, 0, 0.6, -0.8, 1, 0].forEach((value, at) => expect(rows[at]).toBeCloseTo(value, 15));
      return Promise.resolve();
    });
  });

  it.each([NaN, Infinity, -Infinity])('have a sum that is not finite for %d, wherever it stands', async (value) => {
    await withKernels({ numbers: ['float64', 9] } as const, ({ arrays: { numbers }, sumOfNumbers }) => {
      for (let place = 0; place < 9; place++) {
        numbers.fill(1);
        expect(sumOfNumbers(numbers.byteOffset, 9)).toBe(9);
        numbers[place] = value;
        expect(Number.isFinite(sumOfNumbers(numbers.byteOffset, 9))).toBe(false);
      }
      return Promise.resolve();
    });
  });
});

describe('PointDistances', () => {
  it.each(widths)('equal squaredDistance to the bit in %i dimensions', async (d) => {
    for (const data of [normals(6 * d, d), Float32Array.from(normals(6 * d, d))]) {
      for (const factors of [null, Float64Array.from(normals(6, 5), Math.abs)]) {
        const points: Points = {
          matrix: { data, rows: 6, columns: d },
          rows: Int32Array.of(0, 2, 3, 5),
          factors,
          resolution: 0,
        };
        await withPointDistances(points, (distances) => {
          expect(distances).toBeInstanceOf(PointDistances);
          const from = Array.from(data.subarray(2 * d, 3 * d), (value) => value * (factors?.[2] ?? 1));
          distances.start(1);
          const squares = distances.squaresTo(Int32Array.of(3, 0, 1));
          const expected = [3, 0, 1].map((other) => squaredDistance(points, Float64Array.from(from), other));
          expect(Array.from(squares.subarray(0, 3))).toEqual(expected);
          return Promise.resolve();
        });
      }
    }
  });
});
