import { decomposeSymmetric } from '../linalg/symmetricEigenSolver';
import type { Moments } from '../geometry/moments';
import { type Matrix64, rowRange, zeros64 } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import type { SymmetricEigen } from '../linalg/symmetricEigen';
import { assertNever } from '../protocol/errors';
import { firstColumns, removeDirections, scaleColumns } from './rowOperations';
import { checkDimension, partsOf, type SingleTransform, type Transform } from './transform';

/** The part of the moments that an affine map carries over exactly. */
export type LinearMoments = Pick<Moments, 'count' | 'dimension' | 'mean' | 'scatter'>;

/**
 * Mean and scatter of the rows after the transform, from those before it: nothing is read again. A general W goes over a
 * root R of the scatter (RᵀR = S, rows √((N − 1)λ_i) e_i) and its Gram matrix (RW)ᵀ(RW), because WᵀSW itself would lose
 * the digits of the small variances that a whitening blows up.
 * @param eigen decomposition of the covariance of `moments` (divisor N − 1), where it is at hand
 * @returns `null` where the transform is not affine (l2): then read the rows
 * @throws IsoscopeError `input` when the dimensions differ
 */
export async function transformMoments(
  transform: Transform,
  moments: LinearMoments,
  products: Products,
  eigen?: SymmetricEigen,
): Promise<LinearMoments | null> {
  checkDimension(transform, moments.dimension);
  const image: Image = { mean: moments.mean, scatter: moments.scatter, root: null };
  for (const part of partsOf(transform)) {
    if (part.kind === 'unit-length') return null;
    if ((part.kind === 'affine' || part.kind === 'remove-directions') && image.root === null) {
      const isUnchanged = image.scatter === moments.scatter;
      image.root = scatterRoot(image.scatter, moments.count, isUnchanged ? eigen : undefined);
    }
    await mapThrough(part, image, products);
  }
  return {
    count: moments.count,
    dimension: transform.outputDimension,
    mean: image.mean,
    scatter: image.root === null ? image.scatter : await products.gram(image.root),
  };
}

/** On its way through the parts: the scatter, or, from the first general W on, a root of it in its stead. */
interface Image {
  mean: Float64Array;
  scatter: Matrix64;
  root: Matrix64 | null;
}

async function mapThrough(
  part: Exclude<SingleTransform, { kind: 'unit-length' }>,
  image: Image,
  products: Products,
): Promise<void> {
  const { root } = image;
  switch (part.kind) {
    case 'identity':
      return;
    case 'center':
      image.mean = subtract(image.mean, part.mean);
      return;
    case 'scale':
      image.mean = subtract(image.mean, part.mean).map((value, i) => value * part.factors[i]);
      if (root === null) image.scatter = scaleBothSides(image.scatter, part.factors);
      else scaleColumns(root, part.factors);
      return;
    case 'truncate':
      image.mean = image.mean.slice(0, part.outputDimension);
      if (root === null) image.scatter = leadingBlock(image.scatter, part.outputDimension);
      else image.root = firstColumns(root, part.outputDimension);
      return;
    case 'remove-directions': {
      const mean = rowVector(subtract(image.mean, part.mean));
      await removeDirections(mean, part.directions, products);
      image.mean = mean.data;
      if (root !== null) await removeDirections(root, part.directions, products);
      return;
    }
    case 'affine': {
      const mean = rowVector(part.mean === null ? image.mean : subtract(image.mean, part.mean));
      image.mean = (await products.multiply(mean, part.weights)).data;
      if (root !== null) image.root = await products.multiply(root, part.weights);
      return;
    }
    default:
      assertNever(part);
  }
}

function scatterRoot(scatter: Matrix64, count: number, eigenOfCovariance: SymmetricEigen | undefined): Matrix64 {
  const { values, vectors } = eigenOfCovariance ?? decomposeSymmetric(scatter);
  const scale = eigenOfCovariance === undefined ? 1 : count - 1;
  const { rows, columns, data } = vectors;
  const root = zeros64(rows, columns);
  for (let row = 0; row < rows; row++) {
    const length = Math.sqrt(Math.max(0, values[row]) * scale);
    for (let at = row * columns; at < (row + 1) * columns; at++) root.data[at] = length * data[at];
  }
  return root;
}

function scaleBothSides({ data, rows, columns }: Matrix64, factors: Float64Array): Matrix64 {
  const scaled = zeros64(rows, columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) scaled.data[i * columns + j] = data[i * columns + j] * factors[i] * factors[j];
  }
  return scaled;
}

function leadingBlock(matrix: Matrix64, size: number): Matrix64 {
  return firstColumns(rowRange(matrix, 0, size), size);
}

function subtract(a: Float64Array, b: Float64Array): Float64Array {
  const difference = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) difference[i] = a[i] - b[i];
  return difference;
}

function rowVector(values: Float64Array): Matrix64 {
  return { data: values, rows: 1, columns: values.length };
}
