import { type Matrix64, zeros64 } from '../linalg/matrix';
import { assertNever } from '../protocol/errors';
import { partsOf, type SingleTransform, type Transform } from './transform';

/** y = (x − mean) W + offset: what an export writes (Sub, MatMul, or a Dense layer of bias offset − mean·W). */
export interface AffineMap {
  /** shape [d] */
  readonly mean: Float64Array;
  /** shape [d, k] */
  readonly weights: Matrix64;
  /** shape [k]; `null` = 0. Only a composition whose later parts take something off has one */
  readonly offset: Float64Array | null;
}

/**
 * The transform as one affine map in float64; `null` where it is not affine (l2).
 * The whole transform is meant: of "pca+l2" take the parts before the l2 (`composeTransforms(partsOf(t).slice(…))`).
 */
export function affineOf(transform: Transform): AffineMap | null {
  let whole: AffineMap | null = null;
  for (const part of partsOf(transform)) {
    const map = affineOfPart(part);
    if (map === null) return null;
    whole = whole === null ? map : chain(whole, map);
  }
  return whole;
}

function affineOfPart(part: SingleTransform): AffineMap | null {
  const dimension = part.inputDimension;
  switch (part.kind) {
    case 'identity':
    case 'truncate':
      return {
        mean: new Float64Array(dimension),
        weights: diagonal(dimension, part.outputDimension, () => 1),
        offset: null,
      };
    case 'center':
      return { mean: part.mean, weights: diagonal(dimension, dimension, () => 1), offset: null };
    case 'scale':
      return { mean: part.mean, weights: diagonal(dimension, dimension, (i) => part.factors[i]), offset: null };
    case 'remove-directions':
      return { mean: part.mean, weights: complementOf(part.directions), offset: null };
    case 'affine':
      return { mean: part.mean ?? new Float64Array(dimension), weights: part.weights, offset: null };
    case 'unit-length':
      return null;
    default:
      return assertNever(part);
  }
}

/** ((x − m₁)W₁ + o₁ − m₂)W₂ + o₂ = (x − m₁)W₁W₂ + (o₁ − m₂)W₂ + o₂ */
function chain(first: AffineMap, second: AffineMap): AffineMap {
  const shift = second.mean.map((value, i) => (first.offset?.[i] ?? 0) - value);
  const offset = multiply({ data: shift, rows: 1, columns: shift.length }, second.weights).data;
  if (second.offset !== null) for (let i = 0; i < offset.length; i++) offset[i] += second.offset[i];
  return {
    mean: first.mean,
    weights: multiply(first.weights, second.weights),
    offset: offset.every((value) => value === 0) ? null : offset,
  };
}

function diagonal(rows: number, columns: number, value: (i: number) => number): Matrix64 {
  const matrix = zeros64(rows, columns);
  for (let i = 0; i < Math.min(rows, columns); i++) matrix.data[i * columns + i] = value(i);
  return matrix;
}

/** I − DᵀD for orthonormal rows D, shape [d, d]. */
function complementOf(directions: Matrix64): Matrix64 {
  const { columns } = directions;
  const matrix = diagonal(columns, columns, () => 1);
  for (let direction = 0; direction < directions.rows; direction++) {
    const values = directions.data.subarray(direction * columns, (direction + 1) * columns);
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++) matrix.data[i * columns + j] -= values[i] * values[j];
    }
  }
  return matrix;
}

/** A·B by plain loops: an export composes once, and needs no runtime for it. */
function multiply(a: Matrix64, b: Matrix64): Matrix64 {
  const product = zeros64(a.rows, b.columns);
  for (let row = 0; row < a.rows; row++) {
    const out = product.data.subarray(row * b.columns, (row + 1) * b.columns);
    for (let inner = 0; inner < a.columns; inner++) {
      const factor = a.data[row * a.columns + inner];
      if (factor === 0) continue;
      const at = inner * b.columns;
      for (let column = 0; column < b.columns; column++) out[column] += factor * b.data[at + column];
    }
  }
  return product;
}
