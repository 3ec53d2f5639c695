import type { Products } from '../linalg/products';
import { singularValues } from '../linalg/singularValues';
import type { CrossScatter } from './crossScatter';

/**
 * What no rotation, reflection and scale of one space explains of the other: min over orthogonal Q and c of ‖cXQ − Y‖², X and Y centred and of Frobenius
 * norm 1, which is 1 − (Σσ)² with the singular values σ of XᵀY (Schönemann 1966; `scipy.spatial.procrustes` calls it disparity). Symmetric, 0 … 1.
 * A space of fewer dimensions counts as filled up with zeros, which adds singular values of 0.
 */
export async function procrustesResidual({ cross }: CrossScatter, products: Products): Promise<number> {
  const values = await singularValues(cross, products);
  // The sum from the small ones up: least rounding.
  const sum = values.reduceRight((total, value) => total + value, 0);
  return Math.max(0, (1 - sum) * (1 + sum));
}
