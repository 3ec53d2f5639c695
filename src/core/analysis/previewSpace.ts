import { computeMoments, decomposeMoments } from '../geometry/moments';
import { zeros64, type Matrix, type Matrix64 } from '../linalg/matrix';
import type { Products } from '../linalg/products';
import { principalAxes } from '../projection/principalPlane';
import { affineOf } from '../transform/affine';
import { applyTransform } from '../transform/applyTransform';
import type { Transform } from '../transform/transform';
import { transformMoments } from '../transform/transformMoments';
import type { Analysis } from './analysis';
import { unitRowsOf, type UnitRows } from './previewCosines';
import type { RotatedFactors } from './rotatedFactors';

/** Numbers of one float64 tile: 2 MB stay in a cache. */
const TILE_NUMBERS = 2 ** 18;

/** A transformed space as far as a preview needs it. */
export interface PreviewSpace {
  /** the sampled rows after the transform, up to a rotation, of unit length: what cosines need */
  readonly units: UnitRows;
  /** eigenvalues of the covariance of ALL rows, descending, ≥ 0; of the sample after an l2; empty for fewer than two rows */
  readonly values: Float64Array;
  /** shown rows on the first two principal axes, [m, 2] */
  readonly plane: Float32Array;
}

/** From factors that a slider only rescales: no product larger than the sample, and that one is kept. */
export async function spaceOfFactors(
  { vectors, shownRows, products, previewMemory }: Analysis,
  { factors, eigen, rotation }: RotatedFactors,
): Promise<PreviewSpace> {
  const { basis, shift, scales } = factors;
  const projected = await previewMemory.project(factors);
  // Chosen in the space that is shown, where equal variances leave a choice, then in the coordinates of the factors.
  const shownAxes = principalAxes(eigen);
  const axes = scaleToWidth(
    rotation === null ? shownAxes : timesTransposed(shownAxes, rotation),
    scales,
    basis.columns,
  );
  const plane =
    previewMemory.sampleRows === null
      ? await projectRows(projected, null, new Float64Array(basis.columns), axes, products)
      : await projectRows(vectors, shownRows, shift, combineRows(axes, basis), products);
  return { units: unitRowsOf(projected, previewMemory.order, scales), values: eigen.values, plane };
}

/** Any transform: the sample goes through it, the moments of all rows too where they can. */
export async function spaceOfTransform(
  analysis: Analysis,
  transform: Transform,
  signal: AbortSignal | undefined,
): Promise<PreviewSpace> {
  const { vectors, products, raw, previewMemory, shownRows } = analysis;
  const sample = await applyTransform(transform, previewMemory.copySample(), products, signal);
  const moments =
    (await transformMoments(transform, raw.moments, products, raw.eigen ?? undefined)) ??
    (await computeMoments(sample, products, signal));
  signal?.throwIfAborted();
  const eigen = moments.count > 1 ? decomposeMoments(moments) : null;
  const axes = eigen === null ? zeros64(0, transform.outputDimension) : principalAxes(eigen);
  const units = unitRowsOf(sample, previewMemory.order, null);
  const values = eigen?.values ?? new Float64Array(0);
  if (previewMemory.sampleRows === null) {
    return { units, values, plane: await projectRows(sample, null, moments.mean, axes, products) };
  }
  const map = affineOf(transform);
  if (map !== null) {
    // Centred on the mean of the raw rows, which the map carries to the mean of the transformed ones.
    const rowAxes = timesTransposed(axes, map.weights);
    return { units, values, plane: await projectRows(vectors, shownRows, raw.moments.mean, rowAxes, products) };
  }
  const count = shownRows?.length ?? vectors.rows;
  const plane = new Float32Array(2 * count);
  // Tile by tile: a hundred thousand rows in float64 would be twice the vectors.
  const tileRows = Math.ceil(TILE_NUMBERS / vectors.columns);
  for (let start = 0; start < count; start += tileRows) {
    const taken = zeros64(Math.min(tileRows, count - start), vectors.columns);
    copyRows(vectors, shownRows, start, taken);
    const shown = await applyTransform(transform, taken, products, signal);
    plane.set(await projectRows(shown, null, moments.mean, axes, products), 2 * start);
  }
  return { units, values, plane };
}

/**
 * Coordinates (x − mean)·axesᵀ of rows, float64.
 * @param rows which, in this order; `null` = all
 * @param axes shape [0…2, d]
 * @returns [m, 2], 0 where there is no axis
 */
async function projectRows(
  matrix: Matrix,
  rows: Uint32Array | null,
  mean: Float64Array,
  axes: Matrix64,
  products: Products,
): Promise<Float32Array> {
  const { columns } = matrix;
  const count = rows?.length ?? matrix.rows;
  const plane = new Float32Array(count * 2);
  if (axes.rows === 0 || count === 0) return plane;
  const offsets = timesTransposed({ data: mean, rows: 1, columns }, axes).data;
  const tileRows = Math.min(count, Math.ceil(TILE_NUMBERS / columns));
  const scratch = new Float64Array(tileRows * columns);
  for (let start = 0; start < count; start += tileRows) {
    const size = Math.min(tileRows, count - start);
    const tile = { data: scratch.subarray(0, size * columns), rows: size, columns };
    copyRows(matrix, rows, start, tile);
    const { data } = await products.multiplyTransposed(tile, axes);
    for (let axis = 0; axis < axes.rows; axis++) {
      for (let row = 0; row < size; row++) {
        plane[(start + row) * 2 + axis] = data[row * axes.rows + axis] - offsets[axis];
      }
    }
  }
  return plane;
}

/** Rows start … of those wanted, as float64, until `target` is full. @param rows which; `null` = all */
function copyRows({ data, columns }: Matrix, rows: Uint32Array | null, start: number, target: Matrix64): void {
  if (rows === null) {
    target.data.set(data.subarray(start * columns, (start + target.rows) * columns));
    return;
  }
  for (let at = 0; at < target.rows; at++) {
    const row = rows[start + at];
    target.data.set(data.subarray(row * columns, (row + 1) * columns), at * columns);
  }
}

/** Column j of each axis times scales[j], then zeros up to `columns`. */
function scaleToWidth(axes: Matrix64, scales: Float64Array, columns: number): Matrix64 {
  const scaled = zeros64(axes.rows, columns);
  for (let axis = 0; axis < axes.rows; axis++) {
    for (let i = 0; i < axes.columns; i++)
      scaled.data[axis * columns + i] = axes.data[axis * axes.columns + i] * scales[i];
  }
  return scaled;
}

/** A·B for a handful of rows A, most of which are zeros: plain loops. `a` [p, m], `b` [m, q] → [p, q] */
function combineRows(a: Matrix64, b: Matrix64): Matrix64 {
  const product = zeros64(a.rows, b.columns);
  for (let row = 0; row < a.rows; row++) {
    for (let inner = 0; inner < a.columns; inner++) {
      const factor = a.data[row * a.columns + inner];
      if (factor === 0) continue;
      const [to, from] = [row * b.columns, inner * b.columns];
      for (let i = 0; i < b.columns; i++) product.data[to + i] += factor * b.data[from + i];
    }
  }
  return product;
}

/** A·Bᵀ for a handful of rows A: plain loops. `a` [p, m], `b` [q, m] → [p, q] */
function timesTransposed(a: Matrix64, b: Matrix64): Matrix64 {
  const product = zeros64(a.rows, b.rows);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.rows; j++) {
      let sum = 0;
      for (let k = 0; k < a.columns; k++) sum += a.data[i * a.columns + k] * b.data[j * b.columns + k];
      product.data[i * b.rows + j] = sum;
    }
  }
  return product;
}
