import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeVariants } from '../../../src/core/encoder/modelVariants';
import { readModelFolder } from '../../../src/core/encoder/modelFolder';
import type { OnnxGraph, OnnxNode } from '../../../src/core/encoder/onnx/onnxGraph';
import { findBlockInputs } from '../../../src/core/encoder/onnx/residualStream';
import { readSentenceModules } from '../../../src/core/encoder/sentenceModules';
import { readGraphOutputs } from '../../../src/core/encoder/vectorRecipe';
import { openEncoder } from '../../../src/core/encoder/openEncoder';
import { openNodeRuntime } from '../../../src/core/runtime/nodeRuntime';
import { modelFolder } from '../../golden/encoder/referenceFolder';

const folder = mkdtempSync(path.join(tmpdir(), 'isoscope-outputs-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('outputs of a graph', () => {
  const value = (name: string, rank: number | null, elementType = 1) => ({ name, rank, elementType });
  const nothing = { lastLayer: null, pooler: null, sentence: null };

  it.each([
    [
      'by their names',
      [value('last_hidden_state', 3), value('pooler_output', 2)],
      { lastLayer: 'last_hidden_state', pooler: 'pooler_output', sentence: 'pooler_output' },
    ],
    [
      'of sentence-transformers',
      [value('token_embeddings', 3), value('sentence_embedding', 2)],
      { lastLayer: 'token_embeddings', sentence: 'sentence_embedding' },
    ],
    [
      'by their shape, where there is one of it',
      [value('output_0', 3), value('output_1', 2)],
      { lastLayer: 'output_0', sentence: 'output_1' },
    ],
    [
      'also of a shape that the file does not tell',
      [value('last_hidden_state', null, 0)],
      { lastLayer: 'last_hidden_state' },
    ],
    [
      'beside a decoder’s scores and state',
      [value('logits', 3), value('hidden_states', 3), value('present.0.key', 4)],
      { lastLayer: 'hidden_states' },
    ],
  ])('%s', (_, outputs, expected) => {
    expect(readGraphOutputs(outputs, 'model.onnx')).toEqual({ ...nothing, ...expected });
  });

  it.each([
    ['scores of words', [value('logits', 3)]],
    ['scores of classes', [value('logits', 2)]],
    ['start and end of an answer', [value('start_logits', 2), value('end_logits', 2)]],
    ['two tensors of unknown meaning', [value('a', 3), value('b', 3)]],
    ['whole numbers', [value('last_hidden_state', 3, 7)]],
  ])('are not guessed: %s', (_, outputs) => {
    expect(() => readGraphOutputs(outputs, 'model.onnx')).toThrow(
      /gives no vectors per token or sentence .*feature extraction/,
    );
  });
});

describe('the residual stream of an odd graph', () => {
  const graphOf = (nodes: readonly OnnxNode[]): OnnxGraph => ({
    nodes,
    weights: new Map(),
    inputs: [],
    outputs: [],
    operators: new Set(),
    externalFiles: [],
  });
  const node = (operator: string, inputs: string[], outputs: string[]): OnnxNode => ({
    operator,
    name: '',
    inputs,
    outputs,
  });

  it.each([
    ['no nodes', []],
    [
      'nodes without inputs or outputs',
      [node('Gather', [], []), node('Identity', [], ['x']), node('Cast', ['input_ids'], [])],
    ],
    ['an output that nothing makes', [node('Gather', ['table', 'input_ids'], ['x'])]],
    [
      'a node that feeds itself',
      [node('Gather', ['table', 'input_ids'], ['x']), node('Add', ['x', 'y'], ['y']), node('Softmax', ['y'], ['y'])],
    ],
    [
      'inputs that are left out',
      [node('Gather', ['table', 'input_ids'], ['x']), node('Attention', ['', '', 'x'], ['y', ''])],
    ],
  ])('%s', (_, nodes) => {
    expect(Array.isArray(findBlockInputs(graphOf(nodes), 'y'))).toBe(true);
  });
});

describe('odd modules', () => {
  const read = (files: Record<string, unknown>) =>
    readSentenceModules('folder', (file) => Promise.resolve(files[file]));
  const pooling = { type: 'sentence_transformers.models.Pooling', path: '1_Pooling' };

  it.each([
    ['no list', { 'modules.json': { modules: [] } }, /modules\.json holds no list of modules/],
    ['a list of names', { 'modules.json': ['Pooling'] }, /modules\.json holds no list of modules/],
    [
      'a pooling that is missing',
      { 'modules.json': [pooling] },
      /1_Pooling.config\.json, which modules\.json speaks of, is missing/,
    ],
    [
      'an unknown pooling',
      { 'modules.json': [pooling], '1_Pooling/config.json': { pooling_mode: 'attention' } },
      /names none of the poolings that Isoscope knows/,
    ],
    [
      'flags that are all off',
      { 'modules.json': [pooling], '1_Pooling/config.json': { pooling_mode_mean_tokens: false } },
      /names none of the poolings/,
    ],
  ])('%s', async (_, files, message) => {
    await expect(read(files)).rejects.toThrow(message);
  });

  it('a pooling that says nothing is the mean, as in sentence-transformers', async () => {
    expect(
      (await read({ 'modules.json': [pooling], '1_Pooling/config.json': { word_embedding_dimension: 8 } })).pooling,
    ).toBe('mean');
  });
});

describe('the variants of a folder', () => {
  it('tells size, kind and what is wrong with each', async () => {
    const place = path.join(folder, 'variants');
    mkdirSync(path.join(place, 'onnx'), { recursive: true });
    const copy = (model: string, from: string, to: string) =>
      copyFileSync(path.join(modelFolder(model)!, 'onnx', from), path.join(place, 'onnx', to));
    copy('bert', 'model.onnx', 'model.onnx');
    copy('bert', 'model.onnx', 'model_cut.onnx');
    truncateSync(path.join(place, 'onnx/model_cut.onnx'), 5000);
    copy('bert-fp16', 'model_fp16.onnx', 'model_fp16.onnx');
    copy('bert-external-data', 'model.onnx', 'model_ext.onnx');
    writeFileSync(
      path.join(place, 'onnx/model_lfs.onnx'),
      'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n',
    );
    const variants = await describeVariants(place);
    const size = (file: string) => readFileSync(path.join(place, file)).length;
    expect(
      variants.map(({ file, byteLength, kind, isDynamic }) => [file, byteLength === size(file), kind, isDynamic]),
    ).toEqual([
      ['onnx/model.onnx', true, 'fp32', false],
      ['onnx/model_cut.onnx', true, null, false],
      ['onnx/model_ext.onnx', true, 'fp32', false],
      ['onnx/model_fp16.onnx', true, 'fp16', false],
      ['onnx/model_lfs.onnx', true, null, false],
    ]);
    expect(variants.map(({ problem }) => problem)).toEqual([
      null,
      expect.stringMatching(/not a whole ONNX model/),
      expect.stringMatching(/model\.onnx_data, which holds its weights, is missing/),
      null,
      expect.stringMatching(/Git LFS pointer/),
    ]);
  });

  it('counts the weights beside a graph', async () => {
    const place = modelFolder('bert-external-data')!;
    const [variant] = await describeVariants(place);
    const graph = readFileSync(path.join(place, variant.file)).length;
    expect(variant.byteLength).toBeGreaterThan(graph);
    expect(variant.problem).toBeNull();
  });

  it('is refused where there is no folder', async () => {
    await expect(describeVariants(path.join(folder, 'nowhere'))).rejects.toThrow(/no model folder/);
  });
});

describe('weights beside a graph', () => {
  it('that are a Git LFS pointer are recognised', async () => {
    const place = path.join(folder, 'external');
    cpSync(modelFolder('bert-external-data')!, place, { recursive: true });
    writeFileSync(
      path.join(place, 'onnx/model.onnx_data'),
      'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n',
    );
    expect((await readModelFolder(place)).graphFile).toBe('onnx/model.onnx');
    await expect(openEncoder({ encoder: place }, await openNodeRuntime({ threads: 1 }))).rejects.toMatchObject({
      reason: 'encoder',
      message: expect.stringMatching(
        /model\.onnx_data, which holds weights of onnx\/model\.onnx, is a Git LFS pointer/,
      ) as string,
    });
  });
});
