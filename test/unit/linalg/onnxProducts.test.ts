import { beforeAll, describe, expect, it } from 'vitest';
import { type FloatArray, type Matrix, type Matrix32, type Matrix64, matrixOf } from '../../../src/core/linalg/matrix';
import { openProducts } from '../../../src/core/linalg/onnxProducts';
import type { Products } from '../../../src/core/linalg/products';
import { createRandom } from '../../../src/core/linalg/random';
import { openNodeRuntime } from '../../../src/core/runtime/nodeRuntime';

let products: Products;
beforeAll(async () => {
  products = await openProducts(await openNodeRuntime({ threads: 2 }));
});

function normal64(rows: number, columns: number, seed: number): Matrix64 {
  const random = createRandom(seed);
  return matrixOf(
    Float64Array.from({ length: rows * columns }, () => random.normal()),
    rows,
    columns,
  );
}

function normal32(rows: number, columns: number, seed: number): Matrix32 {
  const { data } = normal64(rows, columns, seed);
  return matrixOf(Float32Array.from(data), rows, columns);
}

function transposed<Data extends FloatArray>({ data, rows, columns }: Matrix<Data>): Matrix<Data> {
  const turned = data.slice() as Data;
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) turned[j * rows + i] = data[i * columns + j]!;
  return matrixOf(turned, columns, rows);
}

/** A·B in float64 by its definition. */
function productOf(a: Matrix, b: Matrix): Float64Array {
  const product = new Float64Array(a.rows * b.columns);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.columns; j++) {
      let sum = 0;
      for (let q = 0; q < a.columns; q++) sum += a.data[i * a.columns + q] * b.data[q * b.columns + j];
      product[i * b.columns + j] = sum;
    }
  }
  return product;
}

function largestError(actual: FloatArray, expected: Float64Array): number {
  expect(actual).toHaveLength(expected.length);
  return expected.reduce((largest, value, i) => Math.max(largest, Math.abs(actual[i] - value)), 0);
}

// Sums of m products of standard normal numbers: errors of about ε·√m·√m, ten times that allowed.
const tolerance64 = (m: number) => 10 * 2.2e-16 * Math.max(1, m);
const tolerance32 = (m: number) => 10 * 1.2e-7 * Math.max(1, m);

describe('gram', () => {
  it.each([
    [1, 1],
    [1, 7],
    [50, 3],
    [37, 130],
  ])('is XᵀX of %i × %i, symmetric to the bit', async (rows, columns) => {
    const x = normal64(rows, columns, rows);
    const gram = await products.gram(x);
    expect([gram.rows, gram.columns]).toEqual([columns, columns]);
    expect(largestError(gram.data, productOf(transposed(x), x))).toBeLessThan(tolerance64(rows));
    expect(transposed(gram).data).toEqual(gram.data);
  });

  it('sums in float64: what float32 would round away stays', async () => {
    const x = matrixOf(Float64Array.of(1, 1e-5), 2, 1);
    expect((await products.gram(x)).data[0]).toBe(1 + 1e-10);
  });

  it('is zero without rows and empty without columns', async () => {
    expect(await products.gram(matrixOf(new Float64Array(0), 0, 3))).toEqual(matrixOf(new Float64Array(9), 3, 3));
    expect(await products.gram(matrixOf(new Float64Array(0), 4, 0))).toEqual(matrixOf(new Float64Array(0), 0, 0));
  });
});

describe('multiply and multiplyTransposed', () => {
  const shapes = [
    [1, 1, 1],
    [1, 40, 1],
    [3, 5, 2],
    [65, 33, 129],
    [200, 1, 7],
  ] as const;

  it.each(shapes)('multiply %i × %i by %i columns in either precision', async (n, m, p) => {
    const [a, b] = [normal64(n, m, 1), normal64(m, p, 2)];
    const exact = productOf(a, b);
    const product = await products.multiply(a, b);
    expect([product.rows, product.columns]).toEqual([n, p]);
    expect(largestError(product.data, exact)).toBeLessThan(tolerance64(m));
    expect(largestError((await products.multiplyTransposed(a, transposed(b))).data, exact)).toBeLessThan(
      tolerance64(m),
    );

    const [a32, b32] = [normal32(n, m, 1), normal32(m, p, 2)];
    const product32 = await products.multiply(a32, b32);
    expect(product32.data).toBeInstanceOf(Float32Array);
    expect(largestError(product32.data, exact)).toBeLessThan(tolerance32(m));
    const transposed32 = await products.multiplyTransposed(a32, transposed(b32));
    expect(transposed32.data).toBeInstanceOf(Float32Array);
    expect(largestError(transposed32.data, exact)).toBeLessThan(tolerance32(m));
  });

  it.each([
    [0, 3, 2],
    [2, 0, 3],
    [2, 3, 0],
    [0, 0, 0],
  ])('give zeros, or nothing, for %i × %i by %i', async (n, m, p) => {
    const zeros64 = (rows: number, columns: number) => matrixOf(new Float64Array(rows * columns), rows, columns);
    const zeros32 = (rows: number, columns: number) => matrixOf(new Float32Array(rows * columns), rows, columns);
    expect(await products.multiply(zeros64(n, m), zeros64(m, p))).toEqual(zeros64(n, p));
    expect(await products.multiplyTransposed(zeros32(n, m), zeros32(p, m))).toEqual(zeros32(n, p));
  });

  it('write into the numbers that are given for them', async () => {
    const [a, b] = [normal64(3, 4, 7), normal64(4, 2, 8)];
    const memory = new Float64Array(8);
    const into = memory.subarray(1, 7);
    const product = await products.multiply(a, b, into);
    expect(product.data).toBe(into);
    expect(largestError(into, productOf(a, b))).toBeLessThan(tolerance64(4));
    expect([memory[0], memory[7]]).toEqual([0, 0]);
    await products.multiplyTransposed(a, transposed(b), into.fill(NaN));
    expect(largestError(into, productOf(a, b))).toBeLessThan(tolerance64(4));
    const empty = matrixOf(new Float64Array(0), 3, 0);
    await products.multiply(empty, matrixOf(new Float64Array(0), 0, 2), into);
    expect([...into]).toEqual([0, 0, 0, 0, 0, 0]);
    await expect(async () => products.multiply(a, b, memory)).rejects.toThrow(RangeError);
  });

  it('take rows of a larger matrix', async () => {
    const whole = normal64(10, 4, 3);
    const part = matrixOf(whole.data.subarray(8, 20), 3, 4);
    const b = normal64(4, 2, 4);
    expect(largestError((await products.multiply(part, b)).data, productOf(part, b))).toBeLessThan(tolerance64(4));
  });

  it('refuse shapes that do not fit and precisions that differ', async () => {
    const a = normal64(2, 3, 5);
    await expect(async () => products.multiply(a, normal64(2, 3, 6))).rejects.toThrow(RangeError);
    await expect(async () => products.multiplyTransposed(a, normal64(3, 2, 6))).rejects.toThrow(RangeError);
    await expect(async () => products.multiply<Matrix32 | Matrix64>(a, normal32(3, 2, 6))).rejects.toThrow(TypeError);
  });
});
