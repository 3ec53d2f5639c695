import { breathe } from '../geometry/breathe';
import { rowsPerTile, type Moments } from '../geometry/moments';
import { countRank } from '../geometry/rank';
import { type Matrix, type Matrix64, zeros64 } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import type { SymmetricEigen } from '../linalg/symmetricEigen';

/** The plane that is drawn. */
export interface PrincipalPlane {
  /** coordinates of m rows, row-major [m, 2] */
  readonly plane: Float32Array;
  /** share of the variance of all rows along each axis, 0…1 */
  readonly varianceShare: [number, number];
}

/**
 * Eigenvalues nearer to each other than this have no eigenvectors of their own (after whitening all are equal): the axes
 * are then chosen within their common subspace by a rule, so that the same rows give the same picture every time.
 */
const EQUAL_EIGENVALUES = 1e-5;

/**
 * Rows on their first two principal axes, the mean at the origin. An axis without variance (one row, equal rows, rank 1,
 * d = 1) has coordinates and share 0.
 * @param matrix shape [N, d]
 * @param moments of all rows
 * @param eigen of their covariance; `null` for fewer than two rows, which have none
 * @param rows the rows wanted, in this order; default all
 */
export async function projectToPlane(
  matrix: Matrix,
  moments: Pick<Moments, 'mean'>,
  eigen: SymmetricEigen | null,
  products: Products,
  rows?: Uint32Array,
  signal?: AbortSignal,
): Promise<PrincipalPlane> {
  const axes = eigen === null ? zeros64(0, matrix.columns) : principalAxes(eigen);
  const { columns } = matrix;
  const count = rows?.length ?? matrix.rows;
  const plane = new Float32Array(count * 2);
  const tileRows = Math.min(count, rowsPerTile(columns));
  const tile = new Float64Array(tileRows * columns);
  for (let start = 0; start < count && axes.rows > 0; start += tileRows) {
    await breathe(signal);
    const end = Math.min(start + tileRows, count);
    for (let index = start, at = 0; index < end; index++) {
      const source = (rows === undefined ? index : rows[index]) * columns;
      for (let column = 0; column < columns; column++, at++) {
        tile[at] = matrix.data[source + column] - moments.mean[column];
      }
    }
    const centred = { data: tile.subarray(0, (end - start) * columns), rows: end - start, columns };
    const { data } = await products.multiplyTransposed(centred, axes);
    for (let axis = 0; axis < axes.rows; axis++) {
      for (let row = start; row < end; row++) plane[row * 2 + axis] = data[(row - start) * axes.rows + axis];
    }
  }
  return { plane, varianceShare: varianceShares(eigen?.values ?? new Float64Array(0), axes.rows) };
}

/**
 * Up to two orthonormal axes as rows, shape [0…2, d], those that carry variance; the largest loading of each is positive.
 * Where eigenvalues are equal, an axis is the coordinate direction that comes first, as far as it lies in their subspace.
 */
export function principalAxes(eigen: SymmetricEigen): Matrix64 {
  const { values, vectors } = eigen;
  const { columns } = vectors;
  const axes = zeros64(Math.min(2, countRank(values)), columns);
  for (let axis = 0; axis < axes.rows; axis++) {
    const start = values.findIndex((value) => isAsLarge(value, values[axis]));
    const end = values.findLastIndex((value) => isAsLarge(value, values[axis])) + 1;
    const chosen =
      end - start === 1
        ? vectors.data.slice(axis * columns, (axis + 1) * columns)
        : directionWithin(vectors, start, end, axes.data.subarray(start * columns, axis * columns));
    makeLargestPositive(chosen);
    axes.data.set(chosen, axis * columns);
  }
  return axes;
}

function isAsLarge(value: number, other: number): boolean {
  return Math.abs(value - other) <= EQUAL_EIGENVALUES * Math.max(value, other);
}

/**
 * The first coordinate direction that has a part in the span of eigenvectors start … end − 1 and off `taken`, projected there.
 * @param taken axes already chosen in that span, row-major [a, d]
 */
function directionWithin(vectors: Matrix64, start: number, end: number, taken: Float64Array): Float64Array {
  const { data, columns } = vectors;
  // The squares of these lengths sum to the dimension of what is left, at least 1, so one of them is twice as long as this.
  const longEnough = 0.5 / Math.sqrt(columns);
  for (let coordinate = 0; coordinate < columns; coordinate++) {
    const direction = new Float64Array(columns);
    for (let row = start; row < end; row++) {
      addScaled(direction, data.subarray(row * columns, (row + 1) * columns), data[row * columns + coordinate]);
    }
    for (let at = 0; at < taken.length; at += columns) {
      const axis = taken.subarray(at, at + columns);
      addScaled(direction, axis, -dot(direction, axis));
    }
    const length = Math.sqrt(dot(direction, direction));
    if (length > longEnough) return direction.map((value) => value / length);
  }
  throw new RangeError('the eigenvectors are not orthonormal');
}

function addScaled(to: Float64Array, what: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i] += factor * what[i];
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function makeLargestPositive(axis: Float64Array): void {
  let largest = 0;
  for (const value of axis) if (Math.abs(value) > Math.abs(largest)) largest = value;
  if (largest < 0) for (let i = 0; i < axis.length; i++) axis[i] = -axis[i];
}

function varianceShares(values: Float64Array, axes: number): [number, number] {
  const total = values.reduce((sum, value) => sum + value, 0);
  const share = (axis: number): number => (axis < axes ? values[axis] / total : 0);
  return [share(0), share(1)];
}
