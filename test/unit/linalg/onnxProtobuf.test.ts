import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeOnnxModel } from '../../../src/core/linalg/onnxProtobuf';

describe('encodeOnnxModel', () => {
  it('writes the bytes that the onnx package writes', () => {
    const bytes = encodeOnnxModel({
      nodes: [
        { operator: 'Gemm', inputs: ['x', 'weights'], outputs: ['y'], attributes: { transB: 1 } },
        { operator: 'Transpose', inputs: ['y'], outputs: ['z'], attributes: { perm: [1, 0] } },
        { operator: 'ReduceSum', inputs: ['z', 'axes'], outputs: ['sums'], attributes: { keepdims: 0 } },
      ],
      inputs: [{ name: 'x', type: 'float64', shape: ['n', 300] }],
      outputs: [
        { name: 'z', type: 'float64', shape: [2, 'n'] },
        { name: 'sums', type: 'float64', shape: ['n'] },
      ],
      constants: [
        { name: 'weights', shape: [2, 300], data: Float64Array.from({ length: 600 }, (_, i) => i / 4) },
        { name: 'axes', shape: [1], data: BigInt64Array.of(-2n) },
      ],
    });
    const golden = readFileSync(path.join(__dirname, '../../golden/linalg/smallGraph.onnx'));
    expect(Buffer.from(bytes).toString('hex')).toBe(golden.toString('hex'));
  });
});
