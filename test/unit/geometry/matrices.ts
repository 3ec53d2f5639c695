import { matrixOf, type Matrix, type Matrix64 } from '../../../src/core/linalg/matrix';
import { openProducts } from '../../../src/core/linalg/onnxProducts';
import type { Products } from '../../../src/core/linalg/products';
import { createRandom } from '../../../src/core/linalg/random';
import { openNodeRuntime } from '../../../src/core/runtime/nodeRuntime';

let opening: Promise<Products> | undefined;

/** The real products, opened once per test file. */
export function testProducts(): Promise<Products> {
  opening ??= openNodeRuntime({ threads: 1 }).then(openProducts);
  return opening;
}

export function matrix64(rows: readonly (readonly number[])[]): Matrix64 {
  return matrixOf(Float64Array.from(rows.flat()), rows.length, rows[0]?.length ?? 0);
}

export function matrix32(rows: readonly (readonly number[])[]): Matrix {
  return matrixOf(Float32Array.from(rows.flat()), rows.length, rows[0]?.length ?? 0);
}

/** Standard normal entries, each column moved by `mean`. */
export function gaussian(rows: number, columns: number, seed: number, mean = 0): Matrix64 {
  const random = createRandom(seed);
  return matrixOf(
    new Float64Array(rows * columns).map(() => random.normal() + mean),
    rows,
    columns,
  );
}

export function toFloat32(matrix: Matrix): Matrix {
  return { ...matrix, data: Float32Array.from(matrix.data) };
}

export function rowOf({ data, columns }: Matrix, row: number): number[] {
  return Array.from(data.subarray(row * columns, (row + 1) * columns));
}

export function cosineOf(matrix: Matrix, i: number, j: number): number {
  const x = rowOf(matrix, i);
  const y = rowOf(matrix, j);
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, k) => sum + value * b[k], 0);
  return dot(x, y) / Math.sqrt(dot(x, x)) / Math.sqrt(dot(y, y));
}
