import { describe, expect, it } from 'vitest';
import type { OnnxGraph, OnnxNode } from '../../../src/core/encoder/onnx/onnxGraph';
import { exposeTensors } from '../../../src/core/encoder/onnx/exposeTensors';
import { readOnnxGraph } from '../../../src/core/encoder/onnx/onnxGraph';
import { findBlockInputs } from '../../../src/core/encoder/onnx/residualStream';
import { readBlockOutputs } from '../../../src/core/encoder/vectorRecipe';
import { encodeOnnxModel } from '../../../src/core/linalg/onnxProtobuf';

/** "out = Operator(a, b)" → a node; several outputs are separated by commas. */
function node(line: string): OnnxNode {
  const [, outputs, operator, inputs] = /^(.+) = (\w+)\((.*)\)$/.exec(line)!;
  return { operator: operator, name: '', inputs: inputs.split(', '), outputs: outputs.split(', ') };
}

function graph(...lines: readonly string[]): OnnxGraph {
  const nodes = lines.map(node);
  const operators = new Set(nodes.map(({ operator }) => operator));
  return { nodes, weights: new Map(), inputs: [], outputs: [], operators, externalFiles: [] };
}

/** Post-norm: attention on x with its skip and norm, then the feed-forward half. */
const postNormBlock = (x: string, out: string) => [
  `${out}.q = MatMul(${x}, w)`,
  `${out}.scores = MatMul(${out}.q, ${x})`,
  `${out}.masked = Add(${out}.scores, mask)`,
  `${out}.p = Softmax(${out}.masked)`,
  `${out}.a = MatMul(${out}.p, ${x})`,
  `${out}.r1 = Add(${out}.a, ${x})`,
  `${out}.n1 = LayerNormalization(${out}.r1, g, b)`,
  `${out}.f = MatMul(${out}.n1, w)`,
  `${out}.h = Gelu(${out}.f)`,
  `${out}.r2 = Add(${out}.h, ${out}.n1)`,
  `${out} = LayerNormalization(${out}.r2, g, b)`,
];

/** Pre-norm: the skip goes around the norm. */
const preNormBlock = (x: string, out: string) => [
  `${out}.n1 = LayerNormalization(${x}, g, b)`,
  `${out}.p = Softmax(${out}.n1)`,
  `${out}.r1 = Add(${out}.p, ${x})`,
  `${out}.n2 = LayerNormalization(${out}.r1, g, b)`,
  `${out}.f = MatMul(${out}.n2, w)`,
  `${out} = Add(${out}.f, ${out}.r1)`,
];

const embeddings = [
  'words = Gather(table, input_ids)',
  'sum = Add(words, positions)',
  'e = LayerNormalization(sum, g, b)',
];

describe('findBlockInputs', () => {
  it('post-norm: the closing norm of each block', () => {
    const bert = graph(...embeddings, ...postNormBlock('e', 'b1'), ...postNormBlock('b1', 'b2'));
    expect(findBlockInputs(bert, 'b2')).toEqual(['e', 'b1']);
  });

  it('pre-norm: the raw residual stream', () => {
    const modern = graph(
      ...embeddings,
      ...preNormBlock('e', 'b1'),
      ...preNormBlock('b1', 'b2'),
      'final = LayerNormalization(b2, g, b)',
    );
    expect(findBlockInputs(modern, 'final')).toEqual(['e', 'b1']);
  });

  it('ELECTRA and ALBERT: the projection of the embeddings comes before the first block', () => {
    const projected = [...embeddings, 'm = MatMul(e, w)', 'h = Add(m, b)'];
    expect(
      findBlockInputs(graph(...projected, ...postNormBlock('h', 'b1'), ...postNormBlock('b1', 'b2')), 'b2'),
    ).toEqual(['h', 'b1']);
  });

  it('LayerNorm as a chain, a table in two parts, ids in another type, dynamic quantisation', () => {
    const norm = (x: string, out: string) => [
      `${out}.m = ReduceMean(${x})`,
      `${out}.c = Sub(${x}, ${out}.m)`,
      `${out}.s = Pow(${out}.c, two)`,
      `${out}.v = ReduceMean(${out}.s)`,
      `${out}.d = Sqrt(${out}.v)`,
      `${out}.n = Div(${out}.c, ${out}.d)`,
      `${out} = Mul(${out}.n, g)`,
    ];
    const old = graph(
      'ids = Cast(input_ids)',
      'int8 = Gather(table, ids)',
      'scales = Gather(table_scale, ids)',
      'float = Cast(int8)',
      'words = Mul(float, scales)',
      ...norm('words', 'e'),
      'q, qs, qz = DynamicQuantizeLinear(e)',
      'i = MatMulInteger(q, w, qz)',
      'x = Mul(i, qs)',
      'p = Softmax(x)',
      'r = Add(p, e)',
      ...norm('r', 'b1'),
    );
    expect(findBlockInputs(old, 'b1')).toEqual(['e']);
  });

  it('fused operators: mask_index runs beside the stream, optional outputs have no name', () => {
    const fused = graph(
      'e, mask_index = EmbedLayerNormalization(input_ids, types, table)',
      'a1 = Attention(e, w, b, mask_index)',
      'n1, , , s1 = SkipLayerNormalization(a1, e, g, b)',
      'f1 = MatMul(n1, w)',
      'b1, , , s2 = SkipLayerNormalization(f1, n1, g, b)',
      'a2 = Attention(b1, w, b, mask_index)',
      'b2 = SkipLayerNormalization(a2, b1, g, b)',
    );
    expect(findBlockInputs(fused, 'b2')).toEqual(['e', 'b1']);
  });

  it('shapes that are read off a tensor are no way around it', () => {
    const [first, ...rest] = postNormBlock('b1', 'b2');
    const shaped = graph(
      ...embeddings,
      'shape = Shape(e)',
      'mask = Expand(one, shape)',
      ...postNormBlock('e', 'b1'),
      first,
      ...rest,
    );
    expect(findBlockInputs(shaped, 'b2')).toEqual(['e', 'b1']);
    expect(
      findBlockInputs(
        graph(...embeddings, 'mask = CastLike(given, e)', ...postNormBlock('e', 'b1'), ...postNormBlock('b1', 'b2')),
        'b2',
      ),
    ).toEqual(['e', 'b1']);
  });

  it('finds nothing where words do not lead to the output', () => {
    expect(findBlockInputs(graph('y = MatMul(pixels, w)'), 'y')).toEqual([]);
    expect(findBlockInputs(graph(...embeddings), 'elsewhere')).toEqual([]);
  });
});

describe('readBlockOutputs', () => {
  it('numbers them as transformers does, the last one being the output', () => {
    const blocks = readBlockOutputs(
      graph(...embeddings, ...postNormBlock('e', 'b1'), ...postNormBlock('b1', 'b2')),
      'b2',
      2,
      'm',
    );
    expect([0, 1, 2].map((block) => blocks.outputOf(block))).toEqual(['e', 'b1', 'b2']);
  });

  it('never gives a tensor that may be the wrong one', () => {
    // A skip from the embeddings to the second block: there is no waist between the blocks.
    const unet = graph(
      ...embeddings,
      ...postNormBlock('e', 'b1'),
      'x = Add(b1, e)',
      ...postNormBlock('x', 'b2'),
      'y = Add(b2, e)',
    );
    const blocks = readBlockOutputs(unet, 'y', 2, '/m/model.onnx');
    expect(() => blocks.outputOf(1)).toThrow(
      /inner layers of \/m\/model\.onnx cannot be told with certainty \(1 blocks/,
    );
    expect(blocks.outputOf(2)).toBe('y');
  });
});

it('exposes inner tensors without touching the model, and each once', () => {
  const value = (name: string) => ({ name, type: 'float32' as const, shape: ['n'] });
  const model = encodeOnnxModel({
    nodes: [
      { operator: 'Abs', inputs: ['x'], outputs: ['inner'] },
      { operator: 'Neg', inputs: ['inner'], outputs: ['y'] },
    ],
    inputs: [value('x')],
    outputs: [value('y')],
  });
  const parsed = readOnnxGraph(model, 'm');
  const extended = exposeTensors(model, parsed, ['inner', 'y']);
  expect(extended.subarray(0, model.length)).toEqual(Buffer.from(model));
  expect(readOnnxGraph(extended, 'm').outputs.map(({ name }) => name)).toEqual(['y', 'inner']);
  expect(exposeTensors(model, parsed, ['y'])).toBe(model);
});
