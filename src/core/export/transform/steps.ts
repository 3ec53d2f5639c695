import type { Matrix64 } from '../../linalg/matrix';
import { IsoscopeError } from '../../protocol/errors';
import { affineOf } from '../../transform/affine';
import { composeTransforms } from '../../transform/composeTransforms';
import { partsOf, type SingleTransform, type Transform } from '../../transform/transform';

/** What an exported transform does, step by step; a row-vector convention throughout. */
export type TransformStep<Numbers = Float64Array> = AffineStep<Numbers> | UnitLengthStep;

/** y = (x − mean) matrix + bias */
export interface AffineStep<Numbers = Float64Array> {
  readonly kind: 'affine';
  readonly inputs: number;
  readonly outputs: number;
  /** shape [inputs] */
  readonly mean: Numbers;
  /** row-major, shape [inputs, outputs] */
  readonly matrix: Numbers;
  /** shape [outputs]; `null` = 0 */
  readonly bias: Numbers | null;
}

/** y = x/‖x‖; a row of length 0 stays */
export interface UnitLengthStep {
  readonly kind: 'unit-length';
}

/** 128 million numbers: 1 GB while the matrix is made. */
const LARGEST_MATRIX = 2 ** 27;

/**
 * A transform as affine maps and normalisations in turn: neighbouring affine parts become one. Empty for the identity.
 * @throws IsoscopeError `usage` for a transform that has no such form, or one whose matrix would not fit into memory
 */
export function stepsOf(transform: Transform): readonly TransformStep[] {
  const steps: TransformStep[] = [];
  let run: SingleTransform[] = [];
  const closeRun = () => {
    const [first, ...rest] = run;
    if (run.length > 0) steps.push(affineStep(composeTransforms(first, ...rest)));
    run = [];
  };
  for (const part of partsOf(transform)) {
    if (part.kind === 'identity') continue;
    if (part.kind !== 'unit-length') {
      run.push(part);
      continue;
    }
    closeRun();
    steps.push({ kind: 'unit-length' });
  }
  closeRun();
  return steps;
}

function affineStep(transform: Transform): AffineStep {
  const { spec, inputDimension, outputDimension } = transform;
  // A chain passes through its widest part.
  const widest = Math.max(...partsOf(transform).map((part) => part.inputDimension * part.outputDimension));
  if (widest > LARGEST_MATRIX) {
    throw new IsoscopeError(
      'usage',
      `"${spec}" would be written as a matrix of ${widest} numbers, which is too large: keep fewer dimensions first, as in "truncate:k=1024+…".`,
    );
  }
  const map = affineOf(transform);
  if (map === null) {
    throw new IsoscopeError(
      'usage',
      `"${spec}" is not a matrix and a vector, so only Isoscope's own JSON can hold it: use --to json.`,
    );
  }
  const weights: Matrix64 = map.weights;
  return {
    kind: 'affine',
    inputs: inputDimension,
    outputs: outputDimension,
    mean: map.mean,
    matrix: weights.data,
    bias: map.offset,
  };
}

/**
 * The steps in float32. What the mean loses by rounding goes into the bias, (mean − round(mean)) matrix, so that the
 * difference of nearby numbers, x − mean, keeps all its digits.
 * @throws IsoscopeError `input` where a number is out of float32's range
 */
export function roundSteps(steps: readonly TransformStep[], spec: string): readonly TransformStep<Float32Array>[] {
  return steps.map((step) => {
    if (step.kind === 'unit-length') return step;
    const mean = Float32Array.from(step.mean);
    const lost = step.mean.map((value, i) => mean[i] - value);
    const bias = Float32Array.from(addProduct(step.bias ?? new Float64Array(step.outputs), lost, step));
    const matrix = Float32Array.from(step.matrix);
    if (![mean, matrix, bias].every((numbers) => numbers.every(Number.isFinite))) {
      throw new IsoscopeError(
        'input',
        `"${spec}" holds numbers beyond what float32 can, and this format is float32: fit it with eps or shrinkage, or use --to npz.`,
      );
    }
    const isZero = bias.every((value) => value === 0);
    return { ...step, mean, matrix, bias: isZero ? null : bias };
  });
}

/** The bias of y = x matrix + bias, the mean multiplied out: bias − mean·matrix, shape [outputs]. */
export function foldedBias(step: AffineStep): Float64Array {
  return addProduct(
    step.bias ?? new Float64Array(step.outputs),
    step.mean.map((value) => -value),
    step,
  );
}

/** to + row · matrix */
function addProduct(to: Float64Array, row: Float64Array, { matrix, inputs, outputs }: AffineStep): Float64Array {
  const sum = to.slice();
  for (let i = 0; i < inputs; i++) {
    if (row[i] === 0) continue;
    for (let j = 0; j < outputs; j++) sum[j] += row[i] * matrix[i * outputs + j];
  }
  return sum;
}
