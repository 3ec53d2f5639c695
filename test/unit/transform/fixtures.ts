import { computeMoments } from '../../../src/core/geometry/moments';
import type { FloatArray, Matrix, Matrix64 } from '../../../src/core/linalg/matrix';
import { openProducts } from '../../../src/core/linalg/onnxProducts';
import type { Products } from '../../../src/core/linalg/products';
import { createRandom } from '../../../src/core/linalg/random';
import { openNodeRuntime } from '../../../src/core/runtime/nodeRuntime';
import { applyTransform } from '../../../src/core/transform/applyTransform';
import type { FitData, FitResult } from '../../../src/core/transform/fitStage';
import { fitTransform } from '../../../src/core/transform/fitTransform';
import { parseTransformSpec } from '../../../src/core/transform/spec';

export const fittedOn = { count: 12, dimension: 5, sha256: 'f00d', transductive: true } as const;

export async function openTestProducts(): Promise<Products> {
  return openProducts(await openNodeRuntime({ threads: 1 }));
}

export function matrixFrom(rows: readonly (readonly number[])[]): Matrix64 {
  return { data: Float64Array.from(rows.flat()), rows: rows.length, columns: rows[0]?.length ?? 0 };
}

/**
 * Correlated, graded, off-centre rows: independent Gaussians of standard deviations 1 … `smallest`, turned by random plane rotations and stretched
 * by 0.5 … 2 per dimension. The covariance's condition stays near (4/smallest)², so that tolerances can be told in advance.
 * @param rank Gaussians; fewer than `columns` make the covariance rank-deficient
 */
export function randomRows(rows: number, columns: number, seed: number, rank = columns, smallest = 0.1): Matrix64 {
  const random = createRandom(seed);
  const data = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let latent = 0; latent < rank; latent++) {
      data[row * columns + latent] = random.normal() * smallest ** (latent / Math.max(1, rank - 1));
    }
  }
  for (let turn = 0; turn < 3 * columns && columns > 1; turn++) {
    const first = random.integer(columns);
    const second = (first + 1 + random.integer(columns - 1)) % columns;
    const angle = 2 * Math.PI * random.next();
    for (let at = 0; at < data.length; at += columns) {
      const [a, b] = [data[at + first], data[at + second]];
      data[at + first] = a * Math.cos(angle) - b * Math.sin(angle);
      data[at + second] = a * Math.sin(angle) + b * Math.cos(angle);
    }
  }
  for (let column = 0; column < columns; column++) {
    const stretch = 0.5 + 1.5 * random.next();
    const mean = random.normal();
    for (let at = column; at < data.length; at += columns) data[at] = data[at] * stretch + mean;
  }
  return { data, rows, columns };
}

/** Fits `spec` on the rows of `x`. */
export async function fitOn(
  spec: string,
  x: Matrix,
  products: Products,
  extra: Partial<FitData> = {},
): Promise<FitResult> {
  const moments = await computeMoments(x, products);
  return fitTransform(parseTransformSpec(spec), { moments, rows: x, products, fittedOn, ...extra });
}

/** Fits `spec` on the rows of `x` and applies it to them. */
export async function fitAndApply<Data extends FloatArray>(
  spec: string,
  x: Matrix<Data>,
  products: Products,
): Promise<Matrix<Data>> {
  const { transform } = await fitOn(spec, x, products);
  return applyTransform(transform, x, products);
}

/** XXᵀ, row-major. */
export function innerProducts({ data, rows, columns }: Matrix): Float64Array {
  const gram = new Float64Array(rows * rows);
  for (let a = 0; a < rows; a++) {
    for (let b = 0; b < rows; b++) {
      let sum = 0;
      for (let i = 0; i < columns; i++) sum += data[a * columns + i] * data[b * columns + i];
      gram[a * rows + b] = sum;
    }
  }
  return gram;
}

/** Cosines of all pairs, row-major; no row may have length 0. */
export function cosines(x: Matrix): Float64Array {
  const gram = innerProducts(x);
  return gram.map((value, at) => {
    const [a, b] = [Math.floor(at / x.rows), at % x.rows];
    return value / Math.sqrt(gram[a * x.rows + a] * gram[b * x.rows + b]);
  });
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`lengths differ: ${String(a.length)} and ${String(b.length)}`);
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    // Written so that a NaN is not passed over.
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
