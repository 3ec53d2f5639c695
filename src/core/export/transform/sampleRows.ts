import { countRank } from '../../geometry/rank';
import type { Matrix, Matrix32 } from '../../linalg/matrix';
import type { Products } from '../../linalg/products';
import { createRandom, type Random } from '../../linalg/random';
import { decomposeSymmetric } from '../../linalg/symmetricEigenSolver';
import type { Transform } from '../../transform/transform';
import { CHECKED_ROWS } from './exportCheck';
import { type AffineStep, stepsOf } from './steps';

/** A decomposition takes 0.3 s at this dimension and eight times as long at twice of it. */
const LARGEST_DECOMPOSED = 1024;

/**
 * Seeded rows such as a transform was fitted on, float32, shape [16, d], where no rows are at hand: its mean, and noise that is strong where the transform shrinks and
 * weak where it stretches (of unit variance in every direction afterwards). With plain noise the directions that are stretched most would hide the rounding that counts.
 */
export async function sampleRows(transform: Transform, products: Products): Promise<Matrix32> {
  const columns = transform.inputDimension;
  const random = createRandom(1);
  const step = stepsOf(transform).find((candidate) => candidate.kind === 'affine');
  const isUsable = step?.inputs === columns;
  const noise =
    isUsable && columns <= LARGEST_DECOMPOSED ? await shapedNoise(step, random, products) : plainNoise(columns, random);
  const data = Float32Array.from(noise.data, (value, at) => value + (isUsable ? step.mean[at % columns] : 0));
  return { data, rows: CHECKED_ROWS, columns };
}

/** Unit length on average. */
function plainNoise(columns: number, random: Random): Matrix {
  const data = Float64Array.from({ length: CHECKED_ROWS * columns }, () => random.normal() / Math.sqrt(columns));
  return { data, rows: CHECKED_ROWS, columns };
}

/** Σ zᵢ/√gᵢ vᵢ over the eigenvectors v and eigenvalues g of W Wᵀ; directions that W drops get the largest factor. */
async function shapedNoise(
  { matrix, inputs, outputs }: AffineStep,
  random: Random,
  products: Products,
): Promise<Matrix> {
  const weights = { data: matrix, rows: inputs, columns: outputs };
  const { values, vectors } = decomposeSymmetric(await products.multiplyTransposed(weights, weights));
  const rank = countRank(values);
  // A transform to zero: nothing says how strong the noise should be.
  if (rank === 0) return plainNoise(inputs, random);
  const factors = values.map((value, i) => 1 / Math.sqrt(i < rank ? value : values[rank - 1]));
  const data = Float64Array.from({ length: CHECKED_ROWS * inputs }, (_, at) => random.normal() * factors[at % inputs]);
  return products.multiply({ data, rows: CHECKED_ROWS, columns: inputs }, vectors);
}
