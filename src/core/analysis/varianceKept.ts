import { breathe } from '../geometry/breathe';
import { covarianceOf, variancesOf, type Moments } from '../geometry/moments';
import { countRank } from '../geometry/rank';
import { zeros64, type Matrix64 } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import { decomposeSymmetric } from '../linalg/symmetricEigenSolver';
import type { DimensionCurveMethod } from '../protocol/lab';
import { fitTransform } from '../transform/fitTransform';
import { parseTransformSpec } from '../transform/spec';
import type { Analysis } from './analysis';

/**
 * Share of the raw rows' variance within the span of the k dimensions that a method keeps (an orthogonal projection on it), for each k.
 * `null` where nothing varies.
 */
export async function varianceShares(
  { raw, fitData, products }: Analysis,
  method: DimensionCurveMethod['method'],
  sizes: Uint32Array,
  signal?: AbortSignal,
): Promise<(number | null)[]> {
  const { moments, eigen } = raw;
  const total = raw.geometry.totalVariance ?? 0;
  if (total === 0 || eigen === null) return Array.from(sizes, () => null);
  switch (method) {
    case 'truncate':
      return cumulativeShares(variancesOf(moments), total, sizes);
    case 'pca':
    case 'whiten': {
      // Along components of other rows these rows have variances of their own.
      const variances =
        fitData.moments === moments ? eigen.values : await variancesAlong(fitData.moments, moments, products);
      return cumulativeShares(variances, total, sizes);
    }
    case 'random': {
      const covariance = covarianceOf(moments);
      const shares: number[] = [];
      for (const size of sizes) {
        await breathe(signal);
        shares.push(clampShare((await varianceOfRandomSpan(size, fitData, covariance, products)) / total));
      }
      return shares;
    }
  }
}

function cumulativeShares(variances: Float64Array, total: number, sizes: Uint32Array): number[] {
  let sum = 0;
  let next = 0;
  return Array.from(sizes, (size) => {
    while (next < Math.min(size, variances.length)) sum += variances[next++];
    return clampShare(sum / total);
  });
}

function clampShare(share: number): number {
  return Math.max(0, Math.min(1, share));
}

/** Variances of the rows of `moments` along the principal components of other rows. */
async function variancesAlong(
  fitted: Pick<Moments, 'count' | 'scatter'>,
  moments: Moments,
  products: Products,
): Promise<Float64Array> {
  const { vectors } = decomposeSymmetric(covarianceOf(fitted));
  return quadraticForms(vectors, covarianceOf(moments), products);
}

/** tr(Q Σ Qᵀ) for an orthonormal basis Q of the span of a random projection's weights. */
async function varianceOfRandomSpan(
  size: number,
  fitData: Analysis['fitData'],
  covariance: Matrix64,
  products: Products,
): Promise<number> {
  const { transform } = await fitTransform(parseTransformSpec(`random:k=${String(size)}`), fitData);
  if (transform.kind !== 'affine') throw new TypeError('a random projection is an affine map');
  const basis = await orthonormalRows(transform.weights, products);
  const forms = await quadraticForms(basis, covariance, products);
  return forms.reduce((sum, form) => sum + form, 0);
}

/** An orthonormal basis of the columns of W [d, k], as rows: D^(−½) Vᵀ Wᵀ with WᵀW = V D Vᵀ. */
async function orthonormalRows(weights: Matrix64, products: Products): Promise<Matrix64> {
  const { values, vectors } = decomposeSymmetric(await products.gram(weights));
  const rank = countRank(values);
  const kept = zeros64(rank, weights.columns);
  for (let row = 0; row < rank; row++) {
    for (let at = row * kept.columns; at < (row + 1) * kept.columns; at++) {
      kept.data[at] = vectors.data[at] / Math.sqrt(values[row]);
    }
  }
  return products.multiplyTransposed(kept, weights);
}

/** qᵀΣq for each row q. */
async function quadraticForms(rows: Matrix64, covariance: Matrix64, products: Products): Promise<Float64Array> {
  const images = await products.multiply(rows, covariance);
  const { columns } = rows;
  return new Float64Array(rows.rows).map((_, row) => {
    let form = 0;
    for (let at = row * columns; at < (row + 1) * columns; at++) form += rows.data[at] * images.data[at];
    return form;
  });
}
