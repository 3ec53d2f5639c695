import { zeros64, type Matrix64 } from '../linalg/matrix';
import type { SymmetricEigen } from '../linalg/symmetricEigen';
import type { SingleSpec, TransformSpec } from '../transform/spec';
import { eigenOfFactors, type SpectralFactors } from '../transform/spectralFactors';
import type { Space } from './space';

/**
 * A transform as a scaling of uncorrelated components and a rotation after it. Cosines and eigenvalues do not know the rotation;
 * the axes that are drawn do.
 */
export interface RotatedFactors {
  readonly factors: SpectralFactors;
  /** orthonormal rows, one per component, shape [k, columns]; `null` = none */
  readonly rotation: Matrix64 | null;
  /** decomposition of the covariance of the transformed rows, k of them; the missing eigenvalues are 0 */
  readonly eigen: SymmetricEigen;
}

/** A transform with the same components as `spec` but without its rotation, which costs products of d × d; or `spec` itself. */
export function withoutRotation(spec: TransformSpec): TransformSpec {
  if (spec.kind !== 'whitening') return spec;
  switch (spec.method) {
    case 'zca':
    case 'cholesky':
      return { ...spec, method: 'pca' };
    case 'zca-cor':
      return { ...spec, method: 'pca-cor' };
    default:
      return spec;
  }
}

/**
 * The factors of `spec` fitted on the rows of `raw`, where it has any that decorrelate those rows; else `null`.
 * @param factors of the fit of `withoutRotation(spec)`
 */
export function rotatedFactorsOf(
  spec: TransformSpec,
  raw: Space,
  factors: SpectralFactors | null,
): RotatedFactors | null {
  if (spec.kind === 'composition' || raw.eigen === null) return null;
  const own = factors ?? factorsOfSubtraction(spec, raw, raw.eigen);
  const eigen = own && eigenOfFactors(own);
  if (!own || !eigen) return null;
  const rotation = rotationOf(spec, own, raw);
  return {
    factors: own,
    rotation,
    eigen: rotation === null ? eigen : { values: eigen.values, vectors: permute(eigen.vectors, rotation) },
  };
}

/** Centring keeps all components as they are, all-but-the-top all but the first. */
function factorsOfSubtraction(
  spec: SingleSpec,
  raw: Space,
  { values, vectors }: SymmetricEigen,
): SpectralFactors | null {
  if (spec.kind !== 'center' && spec.kind !== 'abtt') return null;
  const removed = spec.kind === 'abtt' ? spec.directions : 0;
  const scales = values.map((_, component) => (component < removed ? 0 : 1));
  return { shift: raw.moments.mean, basis: vectors, scales, variances: values.map((value, i) => value * scales[i]) };
}

/** Cholesky's is left out: finding it takes a factorisation, and where variances are equal one plane is as good as another. */
function rotationOf(spec: SingleSpec, { basis, scales }: SpectralFactors, { moments }: Space): Matrix64 | null {
  const kept = {
    data: basis.data.subarray(0, scales.length * basis.columns),
    rows: scales.length,
    columns: basis.columns,
  };
  if (spec.kind !== 'whitening') return kept;
  switch (spec.method) {
    case 'zca':
      return kept;
    case 'zca-cor':
      return eigenvectorsOfCorrelation(kept, moments.scatter);
    default:
      return null;
  }
}

/** The basis of a *-cor whitening is G V^(−½): G itself, its rows of unit length. */
function eigenvectorsOfCorrelation({ data, rows, columns }: Matrix64, scatter: Matrix64): Matrix64 {
  const vectors = zeros64(rows, columns);
  for (let row = 0; row < rows; row++) {
    let squares = 0;
    for (let i = 0; i < columns; i++) {
      const value = data[row * columns + i] * Math.sqrt(scatter.data[i * columns + i]);
      vectors.data[row * columns + i] = value;
      squares += value * value;
    }
    for (let i = 0; i < columns; i++) vectors.data[row * columns + i] /= Math.sqrt(squares);
  }
  return vectors;
}

/** The rows of `matrix` in the order of a permutation's rows. */
function permute(permutation: Matrix64, matrix: Matrix64): Matrix64 {
  const { columns } = matrix;
  const result = zeros64(permutation.rows, columns);
  for (let row = 0; row < permutation.rows; row++) {
    const from = permutation.data.indexOf(1, row * permutation.columns) % permutation.columns;
    result.data.set(matrix.data.subarray(from * columns, (from + 1) * columns), row * columns);
  }
  return result;
}
