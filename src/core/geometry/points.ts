import type { FloatArray, Matrix } from '../linalg/matrix';

/** Points of d-space without a copy of their numbers: some rows of a matrix, each times a factor. */
export interface Points {
  readonly matrix: Matrix;
  /** the row of each point, length n, ascending */
  readonly rows: Int32Array;
  /** a factor per ROW of the matrix (inverse norms make the points unit rows), or `null` */
  readonly factors: Float64Array | null;
  /** squared distances that round to the same multiple of it, as a share of the squared radius of the cloud, are equal; 0 for distances as they come */
  readonly resolution: number;
}

/**
 * Coordinates in which products are taken: moved to the mean of the points and scaled to a largest length of 1. Near a common mean, which is where raw
 * sentence vectors live, products of uncentred rows would differ in their last digits only.
 */
export interface Frame {
  readonly centre: Float64Array;
  /** framed = (point − centre)·factor */
  readonly factor: number;
  /** lengths of the framed points, 0 … 1 */
  readonly lengths: Float64Array;
  /** bound on the length of what rounding (float64) does to a framed point */
  readonly error: number;
}

/** Writes a point into `target` (length d). */
export function loadPoint({ matrix, rows, factors }: Points, point: number, target: Float64Array): void {
  const { data, columns } = matrix;
  const row = rows[point];
  const factor = factors ? factors[row] : 1;
  const start = row * columns;
  for (let k = 0; k < columns; k++) target[k] = data[start + k] * factor;
}

/** Σ_k (from_k − point_k)², float64: differences first, so that near neighbours keep all their digits. */
export function squaredDistance({ matrix, rows, factors }: Points, from: Float64Array, point: number): number {
  const { data, columns } = matrix;
  const row = rows[point];
  const factor = factors ? factors[row] : 1;
  const start = row * columns;
  const even = columns - (columns % 4);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let k = 0;
  for (; k < even; k += 4) {
    const p = from[k] - data[start + k] * factor;
    const q = from[k + 1] - data[start + k + 1] * factor;
    const r = from[k + 2] - data[start + k + 2] * factor;
    const s = from[k + 3] - data[start + k + 3] * factor;
    a += p * p;
    b += q * q;
    c += r * r;
    d += s * s;
  }
  for (; k < columns; k++) {
    const p = from[k] - data[start + k] * factor;
    a += p * p;
  }
  return a + b + (c + d);
}

/** The frame of the points. One pass for the mean, one for the lengths. */
export function frameOf(points: Points): Frame {
  const { columns } = points.matrix;
  const count = points.rows.length;
  const centre = new Float64Array(columns);
  const point = new Float64Array(columns);
  for (let p = 0; p < count; p++) {
    loadPoint(points, p, point);
    for (let k = 0; k < columns; k++) centre[k] += point[k];
  }
  for (let k = 0; k < columns; k++) centre[k] /= Math.max(1, count);

  const lengths = new Float64Array(count);
  let largest = 0;
  let farthest = 0;
  for (let p = 0; p < count; p++) {
    loadPoint(points, p, point);
    let fromCentre = 0;
    let fromOrigin = 0;
    for (let k = 0; k < columns; k++) {
      fromCentre += (point[k] - centre[k]) ** 2;
      fromOrigin += point[k] ** 2;
    }
    lengths[p] = Math.sqrt(fromCentre);
    largest = Math.max(largest, lengths[p]);
    farthest = Math.max(farthest, Math.sqrt(fromOrigin));
  }
  const factor = largest > 0 ? 1 / largest : 1;
  return { centre, factor, lengths: lengths.map((length) => length * factor), error: 2 ** -50 * farthest * factor };
}

/** Writes a framed point into `target` from `at` on. */
export function loadFramed(
  { matrix, rows, factors }: Points,
  frame: Frame,
  point: number,
  target: FloatArray,
  at: number,
): void {
  const { data, columns } = matrix;
  const row = rows[point];
  const factor = factors ? factors[row] : 1;
  const start = row * columns;
  for (let k = 0; k < columns; k++) target[at + k] = (data[start + k] * factor - frame.centre[k]) * frame.factor;
}
