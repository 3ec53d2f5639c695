import type { ModelSession } from '../runtime/runtime';
import type { Matrix64 } from './matrix';

/**
 * Rows of X that one product takes: a product of all later rows with these. Narrow ones waste little above the diagonal; a product's second operand is
 * the one that ONNX Runtime packs, once per run, so that narrow ones cost nothing else (measured at d = 384: 61 ms for 16 or 32, 67 for 64, 126 at once).
 */
const BLOCK_ROWS = 32;

/**
 * sum ← sum + X·Xᵀ on and below the diagonal, in blocks of columns: half of the work of a product that does not know its symmetry.
 * @param session runs {@link multiplyTransposedGraph} in float64
 * @param x shape [d, n]: columns are samples
 * @param sum shape [d, d]; above the diagonal it stays as it is
 */
export async function addSymmetricProduct(session: ModelSession, x: Matrix64, sum: Matrix64): Promise<void> {
  const { rows: d, columns: n } = x;
  if (n === 0) return;
  const memory = new Float64Array(d * Math.min(BLOCK_ROWS, d));
  for (let start = 0; start < d; start += BLOCK_ROWS) {
    const width = Math.min(BLOCK_ROWS, d - start);
    const rest = x.data.subarray(start * n);
    const product = memory.subarray(0, (d - start) * width);
    await session.run(
      {
        a: { type: 'float64', dims: [d - start, n], data: rest },
        b: { type: 'float64', dims: [width, n], data: rest.subarray(0, width * n) },
      },
      { product: { type: 'float64', dims: [d - start, width], data: product } },
    );
    addLower(product, width, start, sum);
  }
}

/** Adds rows `start` … of `product` on and below the diagonal of `sum`, from column `start` on. */
function addLower(product: Float64Array, width: number, start: number, sum: Matrix64): void {
  const { data, columns: d } = sum;
  for (let i = start; i < d; i++) {
    const from = (i - start) * width;
    const to = i * d + start;
    const length = Math.min(width, i - start + 1);
    for (let j = 0; j < length; j++) data[to + j] += product[from + j];
  }
}

/** What stands below the diagonal, above it, too: symmetric to the bit. */
export function mirrorLower({ data, rows: n }: Matrix64): void {
  for (let i = 1; i < n; i++) for (let j = 0; j < i; j++) data[j * n + i] = data[i * n + j];
}
