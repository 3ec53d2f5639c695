import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEncoder } from '../../../../src/core/encoder/openEncoder';
import type { EncoderChoice } from '../../../../src/core/protocol/engineProtocol';
import { openNodeRuntime } from '../../../../src/core/runtime/nodeRuntime';
import type { Runtime } from '../../../../src/core/runtime/runtime';
import { createPlace, refusalOf, type Place } from './files';

/** Written by model2vec: see makeStatic.py there. */
const golden = (name: string) => path.join(__dirname, '../../../golden/encoder/static', name);

let place: Place;
let runtime: Runtime;
beforeAll(async () => {
  place = createPlace();
  runtime = await openNodeRuntime({ threads: 1 });
});
afterAll(() => {
  place.remove();
});

const open = (choice: EncoderChoice) => openEncoder(choice, runtime, { cacheFolder: place.cacheFolder });

async function encode(choice: EncoderChoice, sentences: readonly string[]) {
  const encoder = await open(choice);
  try {
    const encoded = await encoder.encode(sentences);
    return { ...encoded, summary: encoder.summary, rows: rowsOf(encoded.vectors) };
  } finally {
    await encoder.dispose();
  }
}

const rowsOf = ({ data, rows, columns }: { data: Float32Array; rows: number; columns: number }) =>
  Array.from({ length: rows }, (_, i) => [...data.subarray(i * columns, (i + 1) * columns)]);

interface Tensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
}

function safetensors(tensors: Readonly<Record<string, Tensor>>): Buffer {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, { dtype, shape, data }]) => {
    const offsets = [end, (end += data.byteLength)];
    return [name, { dtype, shape, data_offsets: offsets }] as const;
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeUInt32LE(header.length);
  const bytes = Object.values(tensors).map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  return Buffer.concat([length, header, ...bytes]);
}

/** A Model2Vec folder of our own: words a, b, c after [UNK], rows of two numbers. */
function writeFolder(name: string, files: Readonly<Record<string, unknown>> = {}): string {
  const folder = path.join(place.folder, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const tokenizer = {
    model: { type: 'WordLevel', unk_token: '[UNK]', vocab: { '[UNK]': 0, a: 1, b: 2, c: 3 } },
    normalizer: null,
    pre_tokenizer: { type: 'Whitespace' },
    // Special tokens are never part of an average.
    post_processor: { type: 'BertProcessing', sep: ['c', 3], cls: ['c', 3] },
    added_tokens: [],
  };
  const embeddings = { dtype: 'F32', shape: [4, 2], data: Float32Array.of(9, 9, 3, 4, 0, -2, -1, 6) };
  const all: Record<string, unknown> = {
    'config.json': { model_type: 'model2vec' },
    'tokenizer.json': tokenizer,
    'model.safetensors': safetensors({ embeddings }),
    ...files,
  };
  for (const [file, content] of Object.entries(all)) {
    if (content === undefined) continue;
    const bytes = Buffer.isBuffer(content) || typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(path.join(folder, file), bytes);
  }
  return folder;
}

const rows = { dtype: 'F32', shape: [4, 2], data: Float32Array.of(9, 9, 3, 4, 0, -2, -1, 6) };

describe('a folder of Model2Vec', () => {
  it('averages rows without special tokens and unknown ones', async () => {
    const { rows: vectors, notes = [] } = await encode({ encoder: writeFolder('m') }, ['a b', 'a x x b', 'x', '']);
    expect(vectors).toEqual([
      [1.5, 1],
      [1.5, 1],
      [0, 0],
      [0, 0],
    ]);
    expect(notes).toEqual([
      { code: 'out-of-vocabulary', message: '3 of 7 tokens (43 %) are not in the vocabulary and were left out.' },
      { code: 'no-known-word', message: '2 of 4 sentences have no known token: their vectors are zero.', rows: [2, 3] },
    ]);
  });

  it('weighs and maps token ids, reads every type of numbers, and takes the maximum', async () => {
    const weights = { dtype: 'F64', shape: [4], data: Float64Array.of(1, 2, 0.5, 1) };
    const mapping = { dtype: 'I64', shape: [4], data: BigInt64Array.of(0n, 1n, 1n, 0n) };
    const embeddings = { dtype: 'I8', shape: [2, 2], data: Int8Array.of(-8, 8, 4, -2) };
    const file = safetensors({ embeddings, weights, mapping });
    const folder = writeFolder('mapped', { 'model.safetensors': file });
    expect((await encode({ encoder: folder }, ['a b c', 'b'])).rows).toEqual([
      [(8 + 2 - 8) / 3, (-4 - 1 + 8) / 3].map(Math.fround),
      [2, -1],
    ]);
    expect((await encode({ encoder: folder, pooling: 'max' }, ['a b c'])).rows).toEqual([[8, 8]]);
    const brain = { dtype: 'BF16', shape: [4, 2], data: Uint16Array.of(0, 0, 0x3fc0, 0xc010, 0, 0, 0, 0) };
    const half = writeFolder('bf16', { 'model.safetensors': safetensors({ embeddings: brain }) });
    expect((await encode({ encoder: half }, ['a'])).rows).toEqual([[1.5, -2.25]]);
  });

  it('normalises as config.json says, or as asked', async () => {
    const unit = [[0.6, 0.8].map(Math.fround)];
    const normalized = writeFolder('n', { 'config.json': { model_type: 'model2vec', normalize: true } });
    expect((await encode({ encoder: normalized }, ['a'])).rows).toEqual(unit);
    expect((await encode({ encoder: normalized, normalize: 'no' }, ['a'])).rows).toEqual([[3, 4]]);
    expect((await encode({ encoder: writeFolder('m'), normalize: 'yes' }, ['a'])).rows).toEqual(unit);
  });

  it('cuts at config.json’s length, before unknown tokens are dropped, and says so', async () => {
    const short = writeFolder('s', { 'config.json': { model_type: 'model2vec', max_length: 3 } });
    const { rows: vectors, truncatedRows, summary } = await encode({ encoder: short }, ['a', 'a b c a', 'xa']);
    expect(summary.maxTokens).toBe(3);
    // Texts are cut at three times the median token's length first: 3 characters here.
    expect(vectors[1]).toEqual([1.5, 1]);
    expect([...truncatedRows]).toEqual([1]);
    const unlimited = writeFolder('u', { 'config.json': { model_type: 'model2vec', max_length: null } });
    const long = await encode({ encoder: unlimited }, [`${'a '.repeat(2000)}b`]);
    expect([[...long.truncatedRows], long.summary.maxTokens]).toEqual([[], null]);
  });

  it('is told from a transformer by what it says; a named ONNX file is meant', async () => {
    const folder = path.join(place.folder, 'both');
    cpSync(golden('model2vec-tiny'), folder, { recursive: true });
    mkdirSync(path.join(folder, 'onnx'));
    writeFileSync(path.join(folder, 'onnx/model.onnx'), 'no graph');
    expect((await encode({ encoder: folder }, ['the'])).summary).toMatchObject({ backend: 'static', dimension: 16 });
    await refusalOf(open({ encoder: folder, variant: 'onnx/model.onnx' }));
  });

  it('of sentence-transformers keeps unknown tokens, and has prompts', async () => {
    const folder = golden('static-embedding');
    const [plain, unknown, prompted, same] = (
      await Promise.all([
        encode({ encoder: folder }, ['is playing', 'ж is playing']),
        encode({ encoder: folder, prefix: 'name:query' }, ['is playing']),
        encode({ encoder: folder }, ['a man : is playing']),
      ])
    ).flatMap(({ rows: vectors }) => vectors);
    expect(unknown).not.toEqual(plain);
    expect(prompted).toEqual(same);
  });

  it.each([
    [{ pooling: 'sif' }, 'which can be pooled with mean, max, not "sif"'],
    [{ layer: 1 }, 'which have no layers'],
    [{ prefix: 'name:query' }, 'no prompt named "query"'],
  ])('refuses %j', async (choice, problem) => {
    expect(await refusalOf(open({ encoder: golden('model2vec-tiny'), ...choice }), 'usage')).toContain(problem);
  });
});

describe('malformed twins', () => {
  const nan = { ...rows, data: Float32Array.of(9, 9, 3, NaN, 0, -2, -1, 6) };
  const good = safetensors({ embeddings: rows });

  it.each<[string, Record<string, unknown>, string]>([
    ['no tensors', { 'model.safetensors': undefined }, 'model.safetensors is missing: '],
    ['no tokenizer', { 'tokenizer.json': undefined }, 'tokenizer.json is missing: '],
    ['an empty file', { 'model.safetensors': '' }, 'model.safetensors is empty: '],
    ['a web page', { 'model.safetensors': '<!DOCTYPE html>' }, 'it looks like a web page'],
    [
      'a pointer',
      { 'model.safetensors': 'version https://git-lfs.github.com/spec/v1\n' },
      'it looks like a Git LFS pointer',
    ],
    ['a cut file', { 'model.safetensors': good.subarray(0, good.length - 1) }, 'is cut short'],
    ['a cut header', { 'model.safetensors': good.subarray(0, 20) }, 'is cut short within its header'],
    [
      'other tensors',
      { 'model.safetensors': safetensors({ weight: rows }) },
      'has no tensor "embeddings" (Model2Vec) or',
    ],
    [
      'a vector of vectors',
      { 'model.safetensors': safetensors({ embeddings: { ...rows, shape: [8] } }) },
      'has the shape [8]',
    ],
    [
      'no dimensions',
      { 'model.safetensors': safetensors({ embeddings: { ...rows, shape: [4, 0], data: new Float32Array(0) } }) },
      'has the shape [4, 0]',
    ],
    [
      'integers',
      { 'model.safetensors': safetensors({ embeddings: { ...rows, dtype: 'I32' } }) },
      'holds numbers of type I32',
    ],
    ['NaN', { 'model.safetensors': safetensors({ embeddings: nan }) }, 'number 2 of the vector of token 1 is NaN'],
    [
      'fewer rows than tokens',
      { 'model.safetensors': safetensors({ embeddings: { ...rows, shape: [2, 4] } }) },
      'token 3 is beyond the 2 entries of its matrix',
    ],
    [
      'fewer weights than tokens',
      {
        'model.safetensors': safetensors({
          embeddings: rows,
          weights: { dtype: 'F32', shape: [1], data: Float32Array.of(1) },
        }),
      },
      'token 3 is beyond the 1 entries of its tensor "weights"',
    ],
    [
      'an infinite weight',
      {
        'model.safetensors': safetensors({
          embeddings: rows,
          weights: { dtype: 'F32', shape: [4], data: Float32Array.of(1, 1, Infinity, 1) },
        }),
      },
      'the weight of token 2 is Infinity',
    ],
    [
      'a mapping beyond the rows',
      {
        'model.safetensors': safetensors({
          embeddings: rows,
          mapping: { dtype: 'I32', shape: [4], data: Int32Array.of(0, 1, 4, 2) },
        }),
      },
      'sends token 2 to row 4, and there are 4 rows',
    ],
    [
      'a negative mapping',
      {
        'model.safetensors': safetensors({
          embeddings: rows,
          mapping: { dtype: 'I32', shape: [4], data: Int32Array.of(0, -1, 1, 2) },
        }),
      },
      'sends token 1 to row -1',
    ],
    ['a tokenizer without vocabulary', { 'tokenizer.json': { model: { type: 'WordLevel' } } }, 'no usable vocabulary'],
    ['a tokenizer that is no JSON', { 'tokenizer.json': '{' }, 'is not JSON'],
    [
      'a module that changes the vectors',
      {
        'modules.json': [
          { type: 'sentence_transformers.models.StaticEmbedding', path: '' },
          { type: 'x.LSTM', path: '1' },
        ],
      },
      'asks for a module "LSTM"',
    ],
  ])('%s', async (_, files, problem) => {
    const folder = writeFolder('twin', files);
    const message = await refusalOf(encode({ encoder: folder }, ['a b']));
    expect(message).toContain(problem);
    expect(message.endsWith('.')).toBe(true);
  });

  it('a folder that changes while it is in use', async () => {
    const folder = writeFolder('changing');
    const encoder = await open({ encoder: folder });
    await encoder.encode(['a']);
    const file = path.join(folder, 'model.safetensors');
    writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from('x')]));
    expect(await refusalOf(encoder.encode(['b']))).toContain('was changed while its vectors were in use');
    await encoder.dispose();
  });
});
