import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEncoder } from '../../../src/core/encoder/openEncoder';
import { readOnnxGraph } from '../../../src/core/encoder/onnx/onnxGraph';
import { exportTransform, type ExportResult } from '../../../src/core/export/transform/exportTransform';
import { encodeSafetensors } from '../../../src/core/export/transform/safetensors';
import { openProducts } from '../../../src/core/linalg/onnxProducts';
import { encodeOnnxModel } from '../../../src/core/linalg/onnxProtobuf';
import type { Products } from '../../../src/core/linalg/products';
import type { EncoderChoice } from '../../../src/core/protocol/engineProtocol';
import { openNodeRuntime } from '../../../src/core/runtime/nodeRuntime';
import type { Runtime } from '../../../src/core/runtime/runtime';
import type { Transform } from '../../../src/core/transform/transform';
import { modelFolder, sentences } from '../../golden/encoder/referenceFolder';
import { fitOn } from '../transform/fixtures';

// An encoder with its transform, as one graph and as a folder: what was written is opened and run again by the export itself, on sentences of many lengths in one batch.

let runtime: Runtime;
let products: Products;
const folder = mkdtempSync(path.join(tmpdir(), 'isoscope-export-'));
beforeAll(async () => {
  runtime = await openNodeRuntime({ threads: 1 });
  products = await openProducts(runtime);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const inside = (...names: readonly string[]) => path.join(folder, ...names);
const bert = modelFolder('bert')!;
let number = 0;

async function fitFor(choice: EncoderChoice, spec: string): Promise<Transform> {
  const encoder = await openEncoder(choice, runtime);
  const { vectors } = await encoder.encode(sentences);
  await encoder.dispose();
  return (await fitOn(spec, vectors, products)).transform;
}

async function run(
  format: 'onnx' | 'sentence-transformers',
  choice: EncoderChoice,
  spec: string,
  out: string,
  modulesOnly = false,
): Promise<ExportResult> {
  const transform = await fitFor(choice, spec);
  return exportTransform({ transform, format, out, encoder: choice, modulesOnly }, { runtime, products });
}

describe('an encoder with its transform in one graph', () => {
  const merge = (choice: EncoderChoice, spec: string) => {
    mkdirSync(inside(`merged${++number}`));
    return run('onnx', choice, spec, inside(`merged${number}`, 'merged.onnx'));
  };

  const names = [
    'bert',
    'bert-cls',
    'bert-max',
    'bert-dense',
    'bert-dynamo',
    'bert-legacy',
    'bert-optimized',
    'distilbert',
    'modernbert',
    'mpnet',
  ];
  it.each(names.filter((name) => modelFolder(name) !== undefined))('%s', async (name) => {
    const { check, notes } = await merge({ encoder: modelFolder(name)! }, 'pca:k=8');
    expect(check.largestDifference).toBeLessThan(5e-6);
    expect(notes[0]).toContain('output "sentence_embedding"');
  });

  it('float16, whose hidden states are halves', async () => {
    const { check } = await merge({ encoder: modelFolder('bert-fp16')! }, 'pca:k=8');
    expect(check.isWithinTolerance).toBe(true);
  });

  it('the encoder that ships with Isoscope, int8 weights and all', async () => {
    const { check, files } = await merge({ encoder: 'embedded' }, 'abtt:d=2+l2');
    expect(check.largestDifference).toBeLessThan(5e-6);
    const graph = readOnnxGraph(readFileSync(files[0]), 'merged');
    expect(graph.outputs).toEqual([{ name: 'sentence_embedding', elementType: 1, rank: 2 }]);
    expect(graph.inputs.map(({ name }) => name)).toEqual(['input_ids', 'attention_mask', 'token_type_ids']);
  });

  const choices: Partial<EncoderChoice>[] = [
    ...['cls', 'mean', 'max', 'last-token', 'weighted-mean', 'mean-sqrt-len', 'first-last', 'last-2'].map(
      (pooling) => ({ pooling }),
    ),
    { pooling: 'mean', layer: 0 },
    { pooling: 'max', layer: 1 },
    { pooling: 'mean', normalize: 'yes' },
    { pooling: 'mean', prefix: 'query: ' },
  ];
  it.each(choices)('pooling, layer, normalisation and prefix: %o', async (choice) => {
    const { check, notes } = await merge({ encoder: bert, ...choice }, 'center+truncate:k=16');
    expect(check.largestDifference).toBeLessThan(5e-6);
    if (choice.prefix !== undefined) expect(notes.join(' ')).toContain('"query: "');
  });

  it("leaves a prompt's tokens out of the pooling where the folder says so", async () => {
    const instructor = inside('instructor');
    cpSync(modelFolder('bert-max')!, instructor, { recursive: true });
    const config = JSON.parse(readFileSync(path.join(instructor, '1_Pooling/config.json'), 'utf8')) as object;
    writeFileSync(path.join(instructor, '1_Pooling/config.json'), JSON.stringify({ ...config, include_prompt: false }));
    for (const pooling of ['max', 'mean', 'weighted-mean', 'mean-sqrt-len', 'last-token', 'cls']) {
      const { check } = await merge({ encoder: instructor, pooling, prefix: 'a much longer prompt: ' }, 'center');
      expect(check.largestDifference, pooling).toBeLessThan(5e-6);
    }
  });

  it('merges again what was merged before, under names of its own', async () => {
    const again = inside('again');
    cpSync(bert, again, { recursive: true });
    rmSync(path.join(again, 'onnx'), { recursive: true });
    mkdirSync(path.join(again, 'onnx'));
    await run('onnx', { encoder: bert }, 'pca:k=8', path.join(again, 'onnx/model.onnx'));
    const { check, notes } = await merge({ encoder: again }, 'zscore+l2');
    expect(check.largestDifference).toBeLessThan(5e-6);
    expect(notes[0]).toContain('output "transformed_embedding"');
  });

  it('brings along the weights that lie beside the model', async () => {
    const { check, files } = await merge({ encoder: modelFolder('bert-external-data')! }, 'pca:k=8');
    expect(check.isWithinTolerance).toBe(true);
    expect(files.map((file) => path.basename(file))).toEqual(['merged.onnx', 'model.onnx_data']);
    const moved = await runtime.open(files[0]);
    await moved.release();
    // Another file of that name is not overwritten, the same one is taken as it is.
    const place = path.dirname(files[0]);
    const encoder = { encoder: modelFolder('bert-external-data')! };
    const second = await run('onnx', encoder, 'pca:k=8', path.join(place, 'second.onnx'));
    expect(second.files).toHaveLength(1);
    writeFileSync(files[1], 'something else');
    await expect(run('onnx', encoder, 'pca:k=8', path.join(place, 'third.onnx'))).rejects.toThrow('exists already');
    expect(existsSync(path.join(place, 'third.onnx'))).toBe(false);
  });

  it('gives a graph without an attention mask one for the pooling', async () => {
    const letters = writeLetters('letters', 17);
    const { check, notes } = await merge({ encoder: letters }, 'center');
    expect(check.largestDifference).toBeLessThan(5e-6);
    expect(notes[0]).toContain('Inputs input_ids, attention_mask');
  });

  it('refuses graphs of old operators, and to overwrite the graph itself', async () => {
    await expect(merge({ encoder: writeLetters('old', 9) }, 'center')).rejects.toMatchObject({
      reason: 'usage',
      message: expect.stringContaining('operator set 9') as string,
    });
    const own = inside('own');
    cpSync(bert, own, { recursive: true });
    const graph = path.join(own, 'onnx/model.onnx');
    const before = readFileSync(graph);
    await expect(run('onnx', { encoder: own }, 'center', graph)).rejects.toThrow("the encoder's own graph");
    expect(readFileSync(graph).equals(before)).toBe(true);
  });

  it('refuses encoders that have no graph', async () => {
    mkdirSync(inside('static'));
    writeFileSync(inside('static', 'words.txt'), 'a 1 2\nb 3 4\n');
    const transform = await fitFor({ encoder: bert }, 'center');
    for (const encoder of [inside('static'), inside('static', 'words.txt')]) {
      const request = { transform, format: 'onnx', out: inside('x.onnx'), encoder: { encoder } } as const;
      await expect(exportTransform(request, { runtime, products })).rejects.toThrow('has no ONNX graph');
    }
  });

  it('refuses a transform of another dimension', async () => {
    const transform = await fitFor({ encoder: bert }, 'center');
    const request = { transform, format: 'onnx', out: inside('x.onnx'), encoder: { encoder: 'embedded' } } as const;
    await expect(exportTransform(request, { runtime, products })).rejects.toThrow('32 dimensions, these have 384');
  });
});

describe('a sentence-transformers folder', () => {
  const write = (choice: EncoderChoice, spec: string, modulesOnly = false) =>
    run('sentence-transformers', choice, spec, inside(`st${++number}`), modulesOnly);
  const modulesOf = () =>
    (
      JSON.parse(readFileSync(inside(`st${number}`, 'modules.json'), 'utf8')) as {
        type: string;
        path: string;
        idx: number;
      }[]
    ).map(({ type, path: place, idx }) => `${idx} ${type.split('.').at(-1)} ${place}`);

  it('puts a Dense module behind the pooling of a bare transformer', async () => {
    const { check, files } = await write({ encoder: bert }, 'pca:k=8');
    expect(check.largestDifference).toBeLessThan(5e-6);
    expect(files).toEqual([inside(`st${number}`)]);
    expect(modulesOf()).toEqual(['0 Transformer ', '1 Pooling 1_Pooling', '2 Dense 2_Dense']);
    expect(JSON.parse(readFileSync(inside(`st${number}`, '2_Dense/config.json'), 'utf8'))).toEqual({
      in_features: 32,
      out_features: 8,
      bias: true,
      activation_function: 'torch.nn.modules.linear.Identity',
    });
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('keeps the normalisation before the transform, and adds one for l2', async () => {
    const { check, notes } = await write({ encoder: 'embedded' }, 'abtt:d=2+l2+truncate:k=64');
    expect(check.largestDifference).toBeLessThan(5e-6);
    const expected = [
      '0 Transformer ',
      '1 Pooling 1_Pooling',
      '2 Normalize 2_Normalize',
      '3 Dense 3_Dense',
      '4 Normalize 4_Normalize',
      '5 Dense 5_Dense',
    ];
    expect(modulesOf()).toEqual(expected);
    expect(notes[0]).toBe('Modules in order: Transformer, Pooling, Normalize, Dense, Normalize, Dense.');
    expect(notes[1]).toContain('backend="onnx"');
    // What belongs to Isoscope's own copy stays there.
    expect(existsSync(inside(`st${number}`, 'manifest.json'))).toBe(false);
    const opened = await openEncoder({ encoder: inside(`st${number}`) }, runtime);
    expect(opened.summary.dimension).toBe(64);
    await opened.dispose();
  });

  it.each([
    ['mpnet', {}],
    ['bert-dense', {}],
    ['bert-cls', {}],
    ['bert-cls', { normalize: 'yes' }],
    ['mpnet', { normalize: 'no' }],
    ['mpnet', { pooling: 'max' }],
    ['bert-dense', { pooling: 'weighted-mean', prefix: 'query: ' }],
    ['bert-cls', { prefix: '' }],
  ] as const)('%s with %o', async (name, choice) => {
    const { check } = await write({ encoder: modelFolder(name)!, ...choice }, 'zca:shrinkage=lw+l2');
    expect(check.largestDifference).toBeLessThan(5e-6);
  });

  it('tells where the transform makes rounding visible', async () => {
    // 48 sentences of 32 dimensions on the unit sphere: the smallest directions are noise.
    const { check, notes } = await write({ encoder: modelFolder('mpnet')! }, 'zca');
    expect(check.isWithinTolerance).toBe(check.largestDifference <= 1e-5);
    expect(check.largestDifference).toBeLessThan(1e-2);
    expect(notes.some((note) => note.includes('shrinkage'))).toBe(!check.isWithinTolerance);
  });

  it('writes the modules alone when it is asked to', async () => {
    const { check, files } = await write({ encoder: 'embedded' }, 'pca:k=8,eps=0.01', true);
    expect(check.largestDifference).toBeLessThan(5e-6);
    expect(files.map((file) => path.relative(inside(`st${number}`), file))).toEqual([
      '3_Dense/config.json',
      '3_Dense/model.safetensors',
      'modules.json',
    ]);
    expect(existsSync(inside(`st${number}`, 'tokenizer.json'))).toBe(false);
  });

  it.each([
    [{ layer: 1 }, 'not layer 1'],
    [{ pooling: 'first-last' }, 'not first-last'],
  ])('refuses what sentence-transformers has no module for: %o', async (choice, why) => {
    await expect(write({ encoder: bert, ...choice }, 'center')).rejects.toMatchObject({
      reason: 'usage',
      message: expect.stringContaining(why) as string,
    });
    expect(existsSync(inside(`st${number}`))).toBe(false);
  });

  it('refuses a folder that is not empty, and one in the model', async () => {
    mkdirSync(inside('full'));
    writeFileSync(inside('full', 'x'), '');
    await expect(run('sentence-transformers', { encoder: bert }, 'center', inside('full'))).rejects.toThrow(
      'not empty',
    );
    await expect(run('sentence-transformers', { encoder: bert }, 'center', path.join(bert, 'out'))).rejects.toThrow(
      "the model's own folder",
    );
    await expect(run('sentence-transformers', { encoder: bert }, 'center', inside('no', 'such'))).rejects.toThrow(
      'does not exist',
    );
  });
});

describe('encodeSafetensors', () => {
  it('pads its header, so that the numbers are aligned', () => {
    const [header, first, second] = encodeSafetensors([
      { name: 'a', shape: [2], data: Float32Array.of(1, 2) },
      { name: 'b', shape: [1, 1], data: Float32Array.of(3) },
    ]);
    expect(header.length % 8).toBe(0);
    const length = Number(new DataView(header.buffer).getBigUint64(0, true));
    expect(length).toBe(header.length - 8);
    expect(JSON.parse(new TextDecoder().decode(header.subarray(8)))).toEqual({
      __metadata__: { format: 'pt' },
      a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
      b: { dtype: 'F32', shape: [1, 1], data_offsets: [8, 12] },
    });
    expect([...first, ...second]).toHaveLength(12);
  });
});

/** A model folder around a table of letters: input_ids in, no attention mask. */
function writeLetters(name: string, operatorSet: number): string {
  const place = inside(name);
  mkdirSync(path.join(place, 'onnx'), { recursive: true });
  const vocab = Object.fromEntries(['[UNK]', '[PAD]', ...'abcdefgh'.split('')].map((piece, id) => [piece, id]));
  const model = {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '',
    max_input_chars_per_word: 100,
    vocab,
  };
  const tokenizer = {
    model,
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    added_tokens: [],
  };
  writeFileSync(path.join(place, 'tokenizer.json'), JSON.stringify(tokenizer));
  writeFileSync(path.join(place, 'config.json'), JSON.stringify({ max_position_embeddings: 64, pad_token_id: 1 }));
  const graph = {
    nodes: [{ operator: 'Gather', inputs: ['table', 'input_ids'], outputs: ['last_hidden_state'] }],
    inputs: [{ name: 'input_ids', type: 'int64', shape: ['batch', 'tokens'] }],
    outputs: [{ name: 'last_hidden_state', type: 'float32', shape: ['batch', 'tokens', 3] }],
    constants: [
      { name: 'table', shape: [10, 3], data: Float32Array.from({ length: 30 }, (_, i) => ((i * 7) % 11) - 5) },
    ],
  } as const;
  writeFileSync(path.join(place, 'onnx/model.onnx'), encodeOnnxModel(graph, { operatorSet, irVersion: 5 }));
  return place;
}
