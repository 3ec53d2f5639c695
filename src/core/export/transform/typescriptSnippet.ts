import type { Transform } from '../../transform/transform';
import { roundSteps, stepsOf, type TransformStep } from './steps';

/**
 * A TypeScript module of one function that holds the transform's numbers (float32, little-endian, base64) and needs nothing else: browsers, Node, Deno, Bun.
 * @throws IsoscopeError as `stepsOf` and `roundSteps` do
 */
export function typescriptSnippet(transform: Transform): string {
  const { inputDimension: inputs, outputDimension: outputs } = transform;
  const steps = roundSteps(stepsOf(transform), transform.spec);
  const literals = steps.map((step) => `  ${stepLiteral(step)},\n`).join('');
  return `// Isoscope transform ${transform.spec.replace(/[^ -~]/g, '?')}: a vector of ${inputs} numbers becomes one of ${outputs}.

interface AffineStep {
  /** y = (x - mean) matrix + bias; matrix is row-major, shape [inputs, outputs] */
  readonly kind: 'affine';
  readonly inputs: number;
  readonly outputs: number;
  readonly mean: Float32Array;
  readonly matrix: Float32Array;
  readonly bias: Float32Array | null;
}

interface UnitLengthStep {
  /** y = x / |x|; a vector of zeros stays */
  readonly kind: 'unit-length';
}

// prettier-ignore
const steps: readonly (AffineStep | UnitLengthStep)[] = [
${literals}];

/** float32 numbers, little-endian, as base64. */
function numbers(base64: string): Float32Array {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

/**
 * @param vector ${inputs} numbers
 * @returns ${outputs} numbers
 */
export function transform(vector: ArrayLike<number>): Float64Array {
  if (vector.length !== ${inputs}) throw new RangeError(\`a vector of ${inputs} numbers is needed, not \${vector.length}\`);
  let y = Float64Array.from(vector);
  for (const step of steps) {
    if (step.kind === 'affine') {
      const { inputs, outputs, mean, matrix, bias } = step;
      const out = new Float64Array(outputs);
      if (bias !== null) out.set(bias);
      for (let i = 0; i < inputs; i++) {
        const value = y[i]! - mean[i]!;
        for (let j = 0; j < outputs; j++) out[j]! += value * matrix[i * outputs + j]!;
      }
      y = out;
    } else {
      const length = Math.sqrt(y.reduce((sum, value) => sum + value * value, 0));
      if (length > 0) y = y.map((value) => value / length);
    }
  }
  return y;
}
`;
}

function stepLiteral(step: TransformStep<Float32Array>): string {
  if (step.kind === 'unit-length') return "{ kind: 'unit-length' }";
  const { inputs, outputs, mean, matrix, bias } = step;
  const biasText = bias === null ? 'null' : numbersText(bias);
  return `{ kind: 'affine', inputs: ${inputs}, outputs: ${outputs}, mean: ${numbersText(mean)}, matrix: ${numbersText(matrix)}, bias: ${biasText} }`;
}

function numbersText({ buffer, byteOffset, byteLength }: Float32Array): string {
  return `numbers('${Buffer.from(buffer, byteOffset, byteLength).toString('base64')}')`;
}

/** The steps as they stand in a module of ours: what a check runs. */
export function readSnippetSteps(
  module: string,
  steps: readonly TransformStep[],
): readonly TransformStep<Float32Array>[] {
  const literals = [...module.matchAll(/^ {2}\{ kind: '(?:affine|unit-length)'.*$/gm)].map(([line]) => line);
  return steps.map((step, i) => {
    if (step.kind === 'unit-length') return step;
    const [mean, matrix, bias] = [...literals[i].matchAll(/numbers\('([^']*)'\)/g)].map(([, base64]) => decode(base64));
    return { ...step, mean, matrix, bias: literals[i].includes('bias: null') ? null : bias };
  });
}

function decode(base64: string): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
  return new Float32Array(bytes.buffer);
}
