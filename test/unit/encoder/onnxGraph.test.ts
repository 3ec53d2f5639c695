import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOnnxGraph } from '../../../src/core/encoder/onnx/onnxGraph';
import { resourcePath } from '../../../src/core/resources';

const tiny = (file: string) => readFileSync(path.join(resourcePath('test/golden/encoder/reference/models/tiny'), file));

describe('readOnnxGraph', () => {
  it('reads nodes, weights and borders of a graph without decoding a weight', () => {
    const graph = readOnnxGraph(tiny('bert/onnx/model.onnx'), 'model.onnx');
    expect(graph.inputs).toEqual(
      ['input_ids', 'attention_mask', 'token_type_ids'].map((name) => ({ name, elementType: 7, rank: 2 })),
    );
    expect(graph.outputs).toEqual([{ name: 'last_hidden_state', elementType: 1, rank: 3 }]);
    expect(graph.nodes).toHaveLength(306);
    expect(graph.weights.get('model.embeddings.word_embeddings.weight')).toEqual({ dims: [600, 32], elementType: 1 });
    expect(graph.operators.has('LayerNormalization')).toBe(true);
    expect(graph.operators.has('DynamicQuantizeLinear')).toBe(false);
    expect(graph.externalFiles).toEqual([]);
  });

  it('names files that hold weights, and half precision', () => {
    expect(readOnnxGraph(tiny('bert-external-data/onnx/model.onnx'), 'm').externalFiles).toEqual(['model.onnx_data']);
    const half = readOnnxGraph(tiny('bert-fp16/onnx/model_fp16.onnx'), 'm');
    expect([...half.weights.values()].some(({ elementType }) => elementType === 10)).toBe(true);
  });

  it('says that a cut file is not whole, wherever it is cut', () => {
    const bytes = tiny('bert/onnx/model.onnx');
    for (const length of [1, 50, 1000, bytes.length - 100_000]) {
      expect(() => readOnnxGraph(bytes.subarray(0, length), '/m/model.onnx')).toThrow(
        /\/m\/model\.onnx is not a whole ONNX model/,
      );
    }
    expect(() => readOnnxGraph(new TextEncoder().encode('just some text'), 'm')).toThrow(/not a whole ONNX model/);
    expect(() => readOnnxGraph(new Uint8Array(0), 'm')).toThrow(/holds no graph/);
  });
});
