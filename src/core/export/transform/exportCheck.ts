import { lengthOf } from '../../geometry/rowNorms';
import type { FloatArray, Matrix, Matrix32 } from '../../linalg/matrix';
import type { Products } from '../../linalg/products';
import { applyTransform } from '../../transform/applyTransform';
import type { Transform } from '../../transform/transform';
import type { TransformStep } from './steps';

/** What came out when an export was run again. */
export interface ExportCheck {
  readonly rows: number;
  /** largest ‖ŷ − y‖/‖y‖ over the rows, y as Isoscope has it (‖ŷ‖ itself where y = 0) */
  readonly largestDifference: number;
  readonly isWithinTolerance: boolean;
}

export const CHECKED_ROWS = 16;
export const EXPORT_TOLERANCE = 1e-5;

/** Told where an export differs by more. */
export const ROUNDING_NOTE =
  "The transform stretches some directions so much that float32's rounding of the vectors themselves shows: fit it with eps or shrinkage, or keep fewer components (k).";

/** Sentences that an encoder with its transform is tried on: short and long, several scripts, padding in between. */
export const CHECKED_SENTENCES: readonly string[] = [
  'Where is my parcel?',
  'I want a refund.',
  'Wo ist mein Paket?',
  'The cat sat on the mat.',
  'A man is playing a guitar on the stage while several people are listening to him.',
  'Yes.',
  'How do I change the language of the menu, and why does it forget my choice whenever I restart it?',
  'Das Wetter ist heute schön, und wir gehen im Park spazieren.',
  'She reads.',
  '42 apples cost 17.50 euros.',
  "Don't stop; it's nearly finished!",
  'La traduction automatique a beaucoup progressé ces dernières années.',
  'これは短い文です。',
  'Embeddings of sentences lie in a narrow cone of the space they live in, which makes their cosines large.',
  'Невероятно, но факт.',
  'the quick brown fox jumps over the lazy dog the quick brown fox jumps over the lazy dog',
];

/** Up to 16 rows, evenly taken, in float32: what exports are fed. */
export function takeRows(matrix: Matrix): Matrix32 {
  const rows = Math.min(CHECKED_ROWS, matrix.rows);
  const { columns } = matrix;
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const start = Math.floor((row * matrix.rows) / rows) * columns;
    data.set(matrix.data.subarray(start, start + columns), row * columns);
  }
  return { data, rows, columns };
}

/** What Isoscope itself makes of the rows, in float64. */
export function expectedRows(transform: Transform, rows: Matrix, products: Products): Promise<Matrix<Float64Array>> {
  const { data, ...shape } = rows;
  return applyTransform(transform, { ...shape, data: Float64Array.from(data) }, products);
}

export function compareRows(expected: Matrix, actual: Matrix): ExportCheck {
  const { rows, columns } = expected;
  let largestDifference = actual.rows === rows && actual.columns === columns ? 0 : Infinity;
  for (let row = 0; row < rows && largestDifference < Infinity; row++) {
    const [start, end] = [row * columns, (row + 1) * columns];
    const difference = Float64Array.from(
      { length: columns },
      (_, i) => actual.data[start + i] - expected.data[start + i],
    );
    const length = lengthOf(expected.data, start, end);
    const relative = lengthOf(difference, 0, columns) / (length === 0 ? 1 : length);
    // Written so that a NaN is not passed over.
    if (!(relative <= largestDifference)) largestDifference = Number.isFinite(relative) ? relative : Infinity;
  }
  return { rows, largestDifference, isWithinTolerance: largestDifference <= EXPORT_TOLERANCE };
}

/** Runs the numbers of an export as they were written, by plain loops in float64. */
export function runSteps(steps: readonly TransformStep<FloatArray>[], rows: Matrix): Matrix<Float64Array> {
  let current: Matrix<Float64Array> = { data: Float64Array.from(rows.data), rows: rows.rows, columns: rows.columns };
  for (const step of steps) current = step.kind === 'affine' ? runAffine(step, current) : runUnitLength(current);
  return current;
}

function runAffine(
  { mean, matrix, bias, inputs, outputs }: Extract<TransformStep<FloatArray>, { kind: 'affine' }>,
  { data, rows }: Matrix<Float64Array>,
): Matrix<Float64Array> {
  const result = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    const out = result.subarray(row * outputs, (row + 1) * outputs);
    if (bias !== null) out.set(bias);
    for (let i = 0; i < inputs; i++) {
      const value = data[row * inputs + i] - mean[i];
      for (let j = 0; j < outputs; j++) out[j] += value * matrix[i * outputs + j];
    }
  }
  return { data: result, rows, columns: outputs };
}

function runUnitLength({ data, rows, columns }: Matrix<Float64Array>): Matrix<Float64Array> {
  const result = data.slice();
  for (let row = 0; row < rows; row++) {
    const length = lengthOf(data, row * columns, (row + 1) * columns);
    if (length === 0) continue;
    for (let at = row * columns; at < (row + 1) * columns; at++) result[at] /= length;
  }
  return { data: result, rows, columns };
}
