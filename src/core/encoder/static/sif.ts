import type { Matrix64 } from '../../linalg/matrix';
import type { Products } from '../../linalg/products';
import { decomposeSymmetric } from '../../linalg/symmetricEigenSolver';

/** a of Arora, Liang & Ma 2017 ("A Simple but Tough-to-Beat Baseline for Sentence Embeddings"), §4.1: results change little between 1e-4 and 1e-3. */
export const SIF_WEIGHT = 1e-3;

/** q of the Zipf–Mandelbrot law for English (Mandelbrot 1953; Piantadosi 2014, "Zipf's word frequency law in natural language": f(r) ∝ 1/(r + 2.7)). */
const MANDELBROT_SHIFT = 2.7;

/**
 * a/(a + p(w)) for every row of a vocabulary, p estimated from the rank alone: GloVe and word2vec files have no counts, but their words stand in descending order of
 * frequency. p(r) = 1/((r + 2.7)·Σ 1/(s + 2.7)), r from 1, summed over the vocabulary.
 */
export function sifWeights(count: number): Float64Array {
  let sum = 0;
  for (let rank = count; rank >= 1; rank--) sum += 1 / (rank + MANDELBROT_SHIFT);
  return Float64Array.from({ length: count }, (_, i) => {
    const probability = 1 / ((i + 1 + MANDELBROT_SHIFT) * sum);
    return SIF_WEIGHT / (SIF_WEIGHT + probability);
  });
}

/** The direction that a corpus has in common. */
export interface CommonComponent {
  /** unit length; `null` when all vectors are zero */
  readonly direction: Float64Array | null;
  /** its share of the squared length of all vectors, 0 … 1 */
  readonly share: number;
}

/** Sums up the rows of a corpus slice by slice, then finds their first singular vector, uncentred (Algorithm 1, line 4). */
export function createComponentFinder(dimension: number, products: Products) {
  const gram = new Float64Array(dimension * dimension);
  return {
    /** @param vectors shape [n, d] @param repeats how often each row counts, length n */
    async add({ data, rows, columns }: Matrix64, repeats: readonly number[]): Promise<void> {
      const weighted = data.slice();
      repeats.forEach((count, i) => {
        if (count === 1) return;
        const factor = Math.sqrt(count);
        for (let j = i * columns; j < (i + 1) * columns; j++) weighted[j] *= factor;
      });
      const product = await products.gram({ data: weighted, rows, columns });
      for (let j = 0; j < gram.length; j++) gram[j] += product.data[j];
    },
    /** @throws as `decomposeSymmetric` */
    find(): CommonComponent {
      const { values, vectors } = decomposeSymmetric({ data: gram, rows: dimension, columns: dimension });
      const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
      if (!(total > 0)) return { direction: null, share: 0 };
      return { direction: vectors.data.slice(0, dimension), share: values[0] / total };
    },
  };
}

/** What is left of a vector is rounding when it is that much shorter than the vector was: then it is zero. */
const ROUNDING = 1e-10;

/** v − u·uᵀv (Algorithm 1, line 6), in place. */
export function removeComponent(vector: Float64Array, direction: Float64Array): void {
  let product = 0;
  let before = 0;
  for (let j = 0; j < vector.length; j++) {
    product += direction[j] * vector[j];
    before += vector[j] ** 2;
  }
  let after = 0;
  for (let j = 0; j < vector.length; j++) {
    vector[j] -= product * direction[j];
    after += vector[j] ** 2;
  }
  if (after <= ROUNDING ** 2 * before) vector.fill(0);
}
