import { elementTypes, encodeOnnxModel } from '../../linalg/onnxProtobuf';
import type { Transform } from '../../transform/transform';
import { createGraphBuilder, type GraphBuilder } from './graphBuilder';
import { roundSteps, stepsOf, type TransformStep } from './steps';

/** In which numbers a tail computes; its input and output are float32 either way. */
export type TailPrecision = 'float32' | 'float64';

/** Operators of 2020 (ONNX 1.8): what ONNX Runtime from 1.6, OpenVINO, TensorRT and onnxruntime-web read. */
const TAIL_DETAILS = { operatorSet: 13, irVersion: 7 } as const;

/**
 * A transform as an ONNX model: `embedding` [N, d] → `transformed` [N, k], float32, of Sub, MatMul, Add and LpNormalization.
 * @throws IsoscopeError as `stepsOf` and `roundSteps` do
 */
export function encodeOnnxTail(transform: Transform, precision: TailPrecision): Uint8Array {
  const { inputDimension, outputDimension, spec } = transform;
  const builder = createGraphBuilder('');
  const value = addSteps(builder, 'embedding', stepsOf(transform), spec, precision);
  return encodeOnnxModel(
    {
      ...builder.finish(value, 'transformed'),
      inputs: [{ name: 'embedding', type: 'float32', shape: ['N', inputDimension] }],
      outputs: [{ name: 'transformed', type: 'float32', shape: ['N', outputDimension] }],
    },
    { ...TAIL_DETAILS, metadata: { 'isoscope.transform': spec } },
  );
}

/**
 * Nodes for the steps.
 * @param value name of a float32 tensor [N, d]
 * @returns name of the result, float32 [N, k]
 */
export function addSteps(
  builder: GraphBuilder,
  value: string,
  steps: readonly TransformStep[],
  spec: string,
  precision: TailPrecision,
): string {
  if (steps.length === 0) return value;
  const isDouble = precision === 'float64';
  const numbers: readonly TransformStep<Float32Array | Float64Array>[] = isDouble ? steps : roundSteps(steps, spec);
  let current = isDouble ? builder.add('Cast', [value], { to: elementTypes.float64 }) : value;
  for (const step of numbers) {
    if (step.kind === 'unit-length') {
      current = addUnitLength(builder, current);
      continue;
    }
    const { inputs, outputs, mean, matrix, bias } = step;
    current = builder.add('Sub', [current, builder.constant('mean', [inputs], mean)]);
    current = builder.add('MatMul', [current, builder.constant('matrix', [inputs, outputs], matrix)]);
    if (bias !== null) current = builder.add('Add', [current, builder.constant('bias', [outputs], bias)]);
  }
  return isDouble ? builder.add('Cast', [current], { to: elementTypes.float32 }) : current;
}

/** x/‖x‖ over the last axis; a row of zeros stays zeros. */
export function addUnitLength(builder: GraphBuilder, value: string): string {
  return builder.add('LpNormalization', [value], { axis: -1, p: 2 });
}
