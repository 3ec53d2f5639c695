import type { Matrix64 } from '../../../src/core/linalg/matrix';
import type { SymmetricEigen } from '../../../src/core/linalg/symmetricEigen';

export interface EigenQuality {
  /** ‖AV − VΛ‖ / ‖A‖, Frobenius; 0 / 0 counts as 0 */
  readonly residual: number;
  /** max |VᵀV − I| */
  readonly orthogonality: number;
  readonly isDescending: boolean;
}

/** How good a decomposition is, by plain loops. NaN anywhere makes both numbers NaN or Infinity. */
export function eigenQuality(a: Matrix64, { values, vectors }: SymmetricEigen): EigenQuality {
  const { data, rows: n } = a;
  // Squares of 1e300 overflow: everything is divided by the largest entry first.
  const scale = data.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0) || 1;
  const v = vectors.data;
  let norm = 0;
  let error = 0;
  let orthogonality = 0;
  for (const x of data) norm += (x / scale) ** 2;
  for (let p = 0; p < n; p++) {
    for (let i = 0; i < n; i++) {
      let difference = -(values[p] / scale) * v[p * n + i];
      for (let j = 0; j < n; j++) difference += (data[i * n + j] / scale) * v[p * n + j];
      error += difference * difference;
    }
    for (let q = 0; q <= p; q++) {
      let product = p === q ? -1 : 0;
      for (let i = 0; i < n; i++) product += v[p * n + i] * v[q * n + i];
      orthogonality = Math.max(orthogonality, Math.abs(product));
    }
  }
  const isDescending = values.every((value, i) => i === 0 || value <= values[i - 1]);
  return { residual: error === 0 ? 0 : Math.sqrt(error / norm), orthogonality, isDescending };
}
