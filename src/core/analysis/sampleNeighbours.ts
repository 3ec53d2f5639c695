import { inverseNorms, rowNorms } from '../geometry/rowNorms';
import type { Matrix64 } from '../linalg/matrix';
import type { Products } from '../linalg/products';

/** Neighbours by float32 products: for curves and previews, where the last few digits of a cosine show in no picture. */
export interface SampleNeighbours {
  readonly k: number;
  /** [rows, k], by no order that means anything */
  readonly rows: Int32Array;
  /** rows of length 0 have none: 0 */
  readonly hasDirection: Uint8Array;
}

/**
 * The k nearest of each row by cosine, the row itself left out. A row of length 0 is at a cosine of 0 to all, as a zero vector's product says.
 * @param matrix a sample, shape [m, d], m > k
 */
export async function sampleNeighbours(
  matrix: Matrix64,
  k: number,
  products: Products,
  signal?: AbortSignal,
): Promise<SampleNeighbours> {
  const { data, rows, columns } = matrix;
  const inverse = inverseNorms(rowNorms(matrix));
  const units = new Float32Array(data.length);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) units[at] = data[at] * inverse[row];
  }
  const keys = { data: units, rows, columns };
  const self = Int32Array.from({ length: rows }, (_, row) => row);
  const found = await products.largestInnerProducts(keys, keys, k, self, signal);
  return { k, rows: found.rows, hasDirection: Uint8Array.from(inverse, (factor) => (factor > 0 ? 1 : 0)) };
}

/** Mean of |A ∩ B|/|A ∪ B| over the rows that have a direction in both; `null` where there is none. */
export function meanAgreement(a: SampleNeighbours, b: SampleNeighbours): number | null {
  const { k } = a;
  const count = a.hasDirection.length;
  const neighbourOf = new Int32Array(count).fill(-1);
  let sum = 0;
  let compared = 0;
  for (let row = 0; row < count; row++) {
    if (a.hasDirection[row] === 0 || b.hasDirection[row] === 0) continue;
    let common = 0;
    for (let slot = row * k; slot < (row + 1) * k; slot++) neighbourOf[a.rows[slot]] = row;
    for (let slot = row * k; slot < (row + 1) * k; slot++) if (neighbourOf[b.rows[slot]] === row) common++;
    sum += common / (2 * k - common);
    compared++;
  }
  return compared === 0 ? null : sum / compared;
}
