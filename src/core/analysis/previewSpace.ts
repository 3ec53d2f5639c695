import { computeMoments, decomposeMoments } from '../geometry/moments';
import { zeros64, type Matrix, type Matrix64 } from '../linalg/matrix';
import { principalAxes } from '../projection/principalPlane';
import { affineOf } from '../transform/affine';
import { applyTransform } from '../transform/applyTransform';
import { scaleProjections } from '../transform/spectralFactors';
import type { Transform } from '../transform/transform';
import { transformMoments } from '../transform/transformMoments';
import type { Analysis } from './analysis';
import type { RotatedFactors } from './rotatedFactors';

/** A transformed space as far as a preview needs it. */
export interface PreviewSpace {
  /** the sampled rows after the transform, up to a rotation: what cosines need */
  readonly sample: Matrix64;
  /** eigenvalues of the covariance of ALL rows, descending, ≥ 0; of the sample after an l2; empty for fewer than two rows */
  readonly values: Float64Array;
  /** shown rows on the first two principal axes, [m, 2] */
  readonly plane: Float32Array;
}

/** From factors that a slider only rescales: no product larger than the sample, and that one is kept. */
export async function spaceOfFactors(analysis: Analysis, rotated: RotatedFactors): Promise<PreviewSpace> {
  const { factors, eigen, rotation } = rotated;
  const { basis, shift, scales } = factors;
  const projected = await analysis.previewMemory.project(factors);
  // Chosen in the space that is shown, where equal variances leave a choice, then in the coordinates of the factors.
  const shownAxes = principalAxes(eigen);
  const axes = rotation === null ? shownAxes : timesTransposed(shownAxes, rotation);
  const sample = scaleProjections(factors, projected);
  const isAllSampled = analysis.previewMemory.sampleRows === null;
  const plane = isAllSampled
    ? projectRows(sample, null, new Float64Array(scales.length), axes)
    : projectRows(analysis.vectors, analysis.shownRows, shift, pullBack(axes, scales, basis));
  return { sample, values: eigen.values, plane };
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
  const values = eigen?.values ?? new Float64Array(0);
  if (previewMemory.sampleRows === null)
    return { sample, values, plane: projectRows(sample, null, moments.mean, axes) };
  const map = affineOf(transform);
  if (map !== null) {
    // Centred on the mean of the raw rows, which the map carries to the mean of the transformed ones.
    const rowMap = timesTransposed(axes, map.weights);
    return { sample, values, plane: projectRows(vectors, shownRows, raw.moments.mean, rowMap) };
  }
  const shown = await applyTransform(transform, takeRows(vectors, shownRows), products, signal);
  return { sample, values, plane: projectRows(shown, null, moments.mean, axes) };
}

/**
 * Coordinates (x − mean)·axesᵀ of rows, float64 sums.
 * @param rows which, in this order; `null` = all
 * @param axes shape [0…2, d]
 * @returns [m, 2], 0 where there is no axis
 */
function projectRows(matrix: Matrix, rows: Uint32Array | null, mean: Float64Array, axes: Matrix64): Float32Array {
  const { data, columns } = matrix;
  const count = rows?.length ?? matrix.rows;
  const plane = new Float32Array(count * 2);
  for (let axis = 0; axis < axes.rows; axis++) {
    const direction = axes.data.subarray(axis * columns, (axis + 1) * columns);
    let offset = 0;
    for (let i = 0; i < columns; i++) offset += mean[i] * direction[i];
    for (let index = 0; index < count; index++) {
      const start = (rows === null ? index : rows[index]) * columns;
      let sum = 0;
      for (let i = 0; i < columns; i++) sum += data[start + i] * direction[i];
      plane[index * 2 + axis] = sum - offset;
    }
  }
  return plane;
}

/** Axes of the transformed space as directions in the raw one: axes·diag(scales)·basis, shape [a, d]. */
function pullBack(axes: Matrix64, scales: Float64Array, basis: Matrix64): Matrix64 {
  const result = zeros64(axes.rows, basis.columns);
  for (let axis = 0; axis < axes.rows; axis++) {
    for (let component = 0; component < scales.length; component++) {
      const factor = axes.data[axis * axes.columns + component] * scales[component];
      if (factor === 0) continue;
      const [to, from] = [axis * basis.columns, component * basis.columns];
      for (let i = 0; i < basis.columns; i++) result.data[to + i] += factor * basis.data[from + i];
    }
  }
  return result;
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

function takeRows({ data, rows: count, columns }: Matrix, rows: Uint32Array | null): Matrix64 {
  const taken = zeros64(rows?.length ?? count, columns);
  for (let row = 0; row < taken.rows; row++) {
    const start = (rows?.[row] ?? row) * columns;
    taken.data.set(data.subarray(start, start + columns), row * columns);
  }
  return taken;
}
