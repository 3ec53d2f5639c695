import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Encoder } from '../../../src/core/encoder/encoder';
import { openEncoder } from '../../../src/core/encoder/openEncoder';
import { encodeOnnxModel, type GraphNode, type GraphValue } from '../../../src/core/linalg/onnxProtobuf';
import type { EncoderChoice } from '../../../src/core/protocol/engineProtocol';
import { openNodeRuntime } from '../../../src/core/runtime/nodeRuntime';
import type { Runtime } from '../../../src/core/runtime/runtime';
import { modelFolder, sentences } from '../../golden/encoder/referenceFolder';

let runtime: Runtime;
let folder: string;
beforeAll(async () => {
  runtime = await openNodeRuntime({ threads: 1 });
  folder = mkdtempSync(path.join(tmpdir(), 'isoscope-graph-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function withEncoder<T>(choice: EncoderChoice, use: (encoder: Encoder) => Promise<T>): Promise<T> {
  const encoder = await openEncoder(choice, runtime);
  try {
    return await use(encoder);
  } finally {
    await encoder.dispose();
  }
}

const encodeWith = (choice: EncoderChoice, texts: readonly string[]) =>
  withEncoder(choice, (encoder) => encoder.encode(texts));

/** A model folder around a graph of our own: a vocabulary of letters, an embedding table, and `nodes` from "table" to last_hidden_state. */
function writeModel(
  name: string,
  inputs: readonly GraphValue[],
  nodes: readonly GraphNode[],
  output?: GraphValue,
): string {
  const place = path.join(folder, name);
  mkdirSync(path.join(place, 'onnx'), { recursive: true });
  const vocab = Object.fromEntries(
    ['[UNK]', '[PAD]', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((piece, id) => [piece, id]),
  );
  const json = {
    'config.json': { model_type: 'letters', max_position_embeddings: 16, pad_token_id: 1 },
    'tokenizer.json': {
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '',
        max_input_chars_per_word: 100,
        vocab,
      },
      normalizer: null,
      pre_tokenizer: null,
      post_processor: null,
      decoder: null,
      added_tokens: [],
    },
  };
  for (const [file, value] of Object.entries(json)) writeFileSync(path.join(place, file), JSON.stringify(value));
  const table = Float32Array.from({ length: 10 * 3 }, (_, i) => ((i * 7) % 11) - 5 + (i === 29 ? 300 : 0));
  const graph = {
    nodes,
    inputs,
    outputs: [output ?? { name: 'last_hidden_state', type: 'float32' as const, shape: ['batch', 'tokens', 3] }],
    constants: [{ name: 'table', shape: [10, 3], data: table }],
  };
  writeFileSync(path.join(place, 'onnx/model.onnx'), encodeOnnxModel(graph));
  return place;
}

const ids: GraphValue = { name: 'input_ids', type: 'int64', shape: ['batch', 'tokens'] };
const lookUp: GraphNode = { operator: 'Gather', inputs: ['table', 'input_ids'], outputs: ['last_hidden_state'] };

describe('encoding', () => {
  const bert = modelFolder('bert')!;

  it('keeps the order, encodes equal sentences alike, and no sentence to nothing', async () => {
    await withEncoder({ encoder: bert }, async (encoder) => {
      const texts = ['the man', 'a very much longer sentence about a guitar', 'the man', ''];
      const { vectors, truncatedRows } = await encoder.encode(texts);
      const row = (i: number) => vectors.data.slice(i * 32, (i + 1) * 32);
      expect(row(0)).toEqual(row(2));
      for (const [i, text] of texts.entries()) expect(row(i)).toEqual((await encoder.encode([text])).vectors.data);
      expect(truncatedRows).toHaveLength(0);
      expect((await encoder.encode([])).vectors).toEqual({ data: new Float32Array(0), rows: 0, columns: 32 });
    });
  });

  it('reports distinct sentences, from 0 to all', async () => {
    await withEncoder({ encoder: bert }, async (encoder) => {
      const seen: [number, number][] = [];
      await encoder.encode([...sentences, ...sentences], { onProgress: (done, total) => seen.push([done, total]) });
      expect(seen[0]).toEqual([0, 48]);
      expect(seen.at(-1)).toEqual([48, 48]);
      const counts = seen.map(([done]) => done);
      expect(counts).toEqual([...counts].sort((a, b) => a - b));
    });
  });

  it('stops between batches when it is cancelled', async () => {
    await withEncoder({ encoder: bert }, async (encoder) => {
      const controller = new AbortController();
      const many = Array.from({ length: 400 }, (_, i) => `sentence ${i} of many`);
      let last = 0;
      const encoding = encoder.encode(many, {
        signal: controller.signal,
        onProgress: (done) => {
          last = done;
          if (done > 0) controller.abort();
        },
      });
      await expect(encoding).rejects.toMatchObject({ name: 'AbortError' });
      expect(last).toBeGreaterThan(0);
      expect(last).toBeLessThan(400);
      await expect(encoder.encode(['x'], { signal: AbortSignal.abort() })).rejects.toMatchObject({
        name: 'AbortError',
      });
      // It still works afterwards.
      expect((await encoder.encode(['x'])).vectors.rows).toBe(1);
    });
  });

  it('tells which rows were cut, repeated ones too', async () => {
    const { truncatedRows } = await encodeWith({ encoder: bert }, ['short', sentences[47], 'short', sentences[47]]);
    expect([...truncatedRows]).toEqual([1, 3]);
  });
});

describe('a vector does not depend on its neighbours', () => {
  // Bit for bit on this kind of graph; 1e-5 in cosine is what is promised.
  it.each(['all-MiniLM-L6-v2', 'bert-fp16', 'modernbert', 'mpnet'])('%s', async (name) => {
    await withEncoder({ encoder: modelFolder(name)!, normalize: 'yes' }, async (encoder) => {
      const chosen = name === 'all-MiniLM-L6-v2' ? sentences.filter((_, i) => i % 6 === 1) : sentences;
      const { dimension } = encoder.summary;
      const together = (await encoder.encode(chosen)).vectors.data;
      for (const [i, sentence] of chosen.entries()) {
        const alone = (await encoder.encode([sentence])).vectors.data;
        const product = alone.reduce((sum, x, j) => sum + x * together[i * dimension + j], 0);
        // Unit vectors in float32: their product is 1 up to 2e-7.
        expect(1 - product, sentence.slice(0, 30)).toBeLessThan(1e-6);
      }
    });
  });

  it('also where the graph quantises a whole batch by one scale: it gets one sentence at a time', async () => {
    const model = writeModel(
      'dynamic',
      [ids],
      [
        { operator: 'Gather', inputs: ['table', 'input_ids'], outputs: ['x'] },
        { operator: 'DynamicQuantizeLinear', inputs: ['x'], outputs: ['q', 'scale', 'zero'] },
        { operator: 'DequantizeLinear', inputs: ['q', 'scale', 'zero'], outputs: ['last_hidden_state'] },
      ],
    );
    await withEncoder({ encoder: model }, async (encoder) => {
      expect(encoder.notes.map(({ code }) => code)).toContain('one-by-one');
      // "h" holds a number that would spoil the scale of everything beside it.
      const together = (await encoder.encode(['abc', 'hhh', 'cba'])).vectors.data;
      expect(together.slice(0, 3)).toEqual((await encoder.encode(['abc'])).vectors.data);
    });
    // The same table without the operator may run in batches.
    await withEncoder({ encoder: writeModel('plain', [ids], [lookUp]) }, (encoder) => {
      expect(encoder.notes).toEqual([]);
      return Promise.resolve();
    });
  });
});

describe('inputs by name and type', () => {
  it('gives int32 ids, a mask and positions, and only what is asked', async () => {
    const value = (name: string): GraphValue => ({ name, type: 'int32', shape: ['batch', 'tokens'] });
    const model = writeModel(
      'int32',
      [value('input_ids'), value('position_ids')],
      [
        { operator: 'Add', inputs: ['input_ids', 'position_ids'], outputs: ['sum'] },
        { operator: 'Gather', inputs: ['table', 'sum'], outputs: ['last_hidden_state'] },
      ],
    );
    // a = 2, b = 3: with positions 0 and 1 the rows 2 and 4 of the table.
    const { vectors } = await encodeWith({ encoder: model, pooling: 'last-token' }, ['ab']);
    expect([...vectors.data]).toEqual([12, 13, 14].map((i) => ((i * 7) % 11) - 5));
  });

  it('names an input that it cannot give', async () => {
    const pixels: GraphValue = { name: 'pixel_values', type: 'float32', shape: ['batch', 'tokens'] };
    await expect(
      openEncoder({ encoder: writeModel('pixels', [ids, pixels], [lookUp]) }, runtime),
    ).rejects.toMatchObject({
      reason: 'encoder',
      message: expect.stringContaining('asks for the input "pixel_values"') as string,
    });
  });

  it('pads to a fixed width and takes single sentences where the graph fixes its axes', async () => {
    const fixed: GraphValue = { ...ids, shape: [1, 8] };
    const model = writeModel('fixed', [fixed], [lookUp], {
      name: 'last_hidden_state',
      type: 'float32',
      shape: [1, 8, 3],
    });
    const free = await encodeWith({ encoder: writeModel('free', [ids], [lookUp]) }, ['abc', 'd', 'ef']);
    expect((await encodeWith({ encoder: model }, ['abc', 'd', 'ef'])).vectors).toEqual(free.vectors);
  });
});

describe('what is asked for and is not there', () => {
  const bert = () => modelFolder('bert')!;
  it.each([
    [{ pooling: 'median' }, 'usage', /no pooling "median".*cls, mean/],
    [{ layer: 4 }, 'usage', /from 0 to 3, not "4"/],
    [{ layer: 'first' }, 'usage', /"last" or a block number/],
    [{ prefix: 'name:query' }, 'usage', /no prompt named "query".*names none/],
    [{ pooling: 'pooler' }, 'encoder', /does not give the output of the pooler/],
    [{ variant: 'other.onnx' }, 'usage', /no ONNX file "other\.onnx"/],
  ] as const)('%j', async (choice, reason, message) => {
    await expect(openEncoder({ encoder: bert(), ...choice }, runtime)).rejects.toMatchObject({
      reason,
      message: expect.stringMatching(message) as string,
    });
  });

  it('a graph that gives no vectors', async () => {
    const model = writeModel('scores', [ids], [{ operator: 'Identity', inputs: ['input_ids'], outputs: ['echo'] }], {
      name: 'echo',
      type: 'int64',
      shape: ['batch', 'tokens'],
    });
    await expect(openEncoder({ encoder: model }, runtime)).rejects.toThrow(
      /gives no vectors per token or sentence \(its outputs: echo\)/,
    );
  });
});

describe('what the folder says and what is chosen', () => {
  it('normalises and says the folder’s pooling by default, not for another pooling, and warns of that', async () => {
    const encoder = modelFolder('bert-cls')!;
    await withEncoder({ encoder }, (own) => {
      expect(own.summary).toMatchObject({ pooling: 'cls', normalized: true, maxTokens: 64, dimension: 32 });
      expect(own.notes).toEqual([]);
      return Promise.resolve();
    });
    await withEncoder({ encoder, pooling: 'mean' }, (other) => {
      expect(other.summary).toMatchObject({ pooling: 'mean', normalized: false });
      expect(other.notes.map(({ code }) => code)).toEqual(['other-pooling']);
      return Promise.resolve();
    });
    await withEncoder({ encoder, pooling: 'mean', normalize: 'yes' }, (other) => {
      expect(other.summary.normalized).toBe(true);
      return Promise.resolve();
    });
  });

  it('has one identity for equal settings and another for each setting that moves a vector', async () => {
    const encoder = modelFolder('bert-cls')!;
    const identities: string[] = [];
    const choices: Omit<EncoderChoice, 'encoder'>[] = [
      {},
      { pooling: 'mean' },
      { normalize: 'no' },
      { prefix: 'search: ' },
      { pooling: 'cls' },
      { prefix: 'name:query' },
    ];
    for (const choice of choices) {
      identities.push(await withEncoder({ encoder, ...choice }, (opened) => Promise.resolve(opened.identity)));
    }
    const [plain, mean, raw, prefixed, own, named] = identities;
    expect(new Set([plain, mean, raw, prefixed]).size).toBe(4);
    expect(own).toBe(plain);
    expect(named).toBe(prefixed);
  });
});
