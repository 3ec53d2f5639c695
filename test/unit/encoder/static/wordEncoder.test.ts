import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EncodedSentences } from '../../../../src/core/encoder/encoder';
import { openEncoder } from '../../../../src/core/encoder/openEncoder';
import { sifWeights } from '../../../../src/core/encoder/static/sif';
import { createWordFinder, splitWords } from '../../../../src/core/encoder/static/words';
import { createRandom } from '../../../../src/core/linalg/random';
import type { EncoderChoice } from '../../../../src/core/protocol/engineProtocol';
import { openNodeRuntime } from '../../../../src/core/runtime/nodeRuntime';
import type { Runtime } from '../../../../src/core/runtime/runtime';
import { createPlace, refusalOf, word2vecBinary, type Place } from './files';

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

async function encode(choice: EncoderChoice, sentences: readonly string[]): Promise<EncodedSentences> {
  const encoder = await open(choice);
  try {
    return await encoder.encode(sentences);
  } finally {
    await encoder.dispose();
  }
}

const rowsOf = ({ vectors: { data, rows, columns } }: EncodedSentences) =>
  Array.from({ length: rows }, (_, i) => [...data.subarray(i * columns, (i + 1) * columns)]);

const noteOf = ({ notes = [] }: EncodedSentences, code: string) => notes.find((note) => note.code === code);

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);

describe('words', () => {
  it("are parted at Python's white space, punctuation stays", () => {
    expect(splitWords(' a\tb\n c\u00a0d\u3000e\u0085f\u001cg, h. ')).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
      'f',
      'g,',
      'h.',
    ]);
    expect(splitWords('a\ufeffb\u200bc')).toEqual(['a\ufeffb\u200bc']);
    expect(splitWords(' \n ')).toEqual([]);
  });

  it('of a cased vocabulary are tried as they stand first', () => {
    const vocabulary = ['may', 'May', 'us', 'NASA'];
    const find = (word: string) => vocabulary.indexOf(word);
    expect(['May', 'MAY', 'US', 'NASA', 'nasa'].map(createWordFinder(find, true))).toEqual([1, 0, 2, 3, -1]);
    // The usual rule, also where a word with a capital is in the file by chance.
    expect(['May', 'MAY', 'US', 'NASA', 'nasa'].map(createWordFinder(find, false))).toEqual([0, 0, 2, -1, -1]);
  });
});

describe('a file of word vectors as an encoder', () => {
  const content = 'a 3 4\nb 0 -2\nc -1 6\n';

  it('averages the words that it knows; each pooling by its definition', async () => {
    const file = place.write('abc.txt', content);
    const sentences = ['a b x', 'A  c C', 'x y', ''];
    const weights = sifWeights(3);
    const weighted = [
      [(3 * weights[0]) / 2, (4 * weights[0] - 2 * weights[1]) / 2],
      [(3 * weights[0] - 2 * weights[2]) / 3, (4 * weights[0] + 12 * weights[2]) / 3],
      [0, 0],
      [0, 0],
    ];
    expect(rowsOf(await encode({ encoder: file }, sentences))).toEqual([
      [1.5, 1],
      [1 / 3, 16 / 3].map(Math.fround),
      [0, 0],
      [0, 0],
    ]);
    expect(rowsOf(await encode({ encoder: file, pooling: 'max' }, sentences))).toEqual([
      [3, 4],
      [3, 6],
      [0, 0],
      [0, 0],
    ]);
    const sif = rowsOf(await encode({ encoder: file, pooling: 'sif-weights' }, sentences));
    expect(sif).toEqual(weighted.map((row) => row.map((x) => expect.closeTo(x, 7) as number)));
    const unit = rowsOf(await encode({ encoder: file, normalize: 'yes' }, ['a', 'x']));
    expect(unit).toEqual([[0.6, 0.8].map(Math.fround), [0, 0]]);
    expect(rowsOf(await encode({ encoder: file, prefix: 'b ' }, ['a']))).toEqual([[1.5, 1]]);
  });

  it('tells what it is', async () => {
    const file = place.write('abc.txt', content);
    const encoder = await open({ encoder: file, layer: 'last', normalize: 'auto' });
    expect(encoder).toMatchObject({
      isRemembered: false,
      notes: [],
      offer: { layerCount: null, poolings: ['mean', 'sif', 'sif-weights', 'max'], ownPooling: 'mean' },
      summary: {
        id: 'abc.txt',
        dimension: 2,
        layer: null,
        pooling: 'mean',
        normalized: false,
        maxTokens: null,
        backend: 'static',
      },
    });
    const identities = await Promise.all(
      [{}, { pooling: 'sif' }, { normalize: 'yes' as const }, { prefix: 'b ' }].map(async (choice) => {
        const other = await open({ encoder: file, ...choice });
        await other.dispose();
        return other.identity;
      }),
    );
    expect(new Set(identities).size).toBe(4);
    expect(identities[0]).toBe(encoder.identity);
    await encoder.dispose();
  });

  it('notes unknown words and sentences without any known word', async () => {
    const file = place.write('abc.txt', content);
    const encoded = await encode({ encoder: file }, ['x a', 'a b c', 'x Y', 'x a', '']);
    expect(noteOf(encoded, 'out-of-vocabulary')?.message).toBe(
      '4 of 9 words (44 %) are not in the vocabulary and were left out: "x", "Y".',
    );
    expect(noteOf(encoded, 'no-known-word')).toEqual({
      code: 'no-known-word',
      message: '2 of 5 sentences have no known word: their vectors are zero.',
      rows: [2, 4],
    });
    expect((await encode({ encoder: file }, ['a'])).notes).toEqual([]);
    const many = await encode(
      { encoder: file },
      Array.from({ length: 3000 }, (_, i) => `x${i}`),
    );
    expect(noteOf(many, 'no-known-word')?.rows).toHaveLength(1000);
  });

  it('notes a cased vocabulary, repeated words, words that are not UTF-8, and where frequencies come from', async () => {
    const file = place.write(
      'odd.bin',
      word2vecBinary([
        ['May', [1]],
        ['may', [2]],
        ['may', [3]],
        [Uint8Array.of(0xff), [4]],
      ]),
    );
    const encoder = await open({ encoder: file, pooling: 'sif-weights' });
    expect(encoder.notes.map(({ code }) => code)).toEqual([
      'cased-vocabulary',
      'duplicate-words',
      'undecodable-words',
      'frequency-from-rank',
    ]);
    await encoder.dispose();
    expect(rowsOf(await encode({ encoder: file }, ['May', 'MAY']))).toEqual([[1], [2]]);
  });

  it.each([
    [{ pooling: 'cls' }, 'which can be pooled with mean, sif, sif-weights, max, not "cls"'],
    [{ pooling: 'first-last' }, 'not "first-last"'],
    [{ layer: 3 }, 'which have no layers: leave --layer 3 out'],
    [{ layer: 'all' }, 'which have no layers: leave --layer all out'],
    [{ variant: 'model.onnx' }, 'no ONNX files: leave --variant model.onnx out'],
    [{ prefix: 'name:query' }, 'no prompt named "query"'],
  ])('refuses %j', async (choice, problem) => {
    const file = place.write('abc.txt', content);
    expect(await refusalOf(open({ encoder: file, ...choice }), 'usage')).toContain(problem);
  });

  it('refuses a file of a model folder, and a model refuses sif', async () => {
    expect(await refusalOf(open({ encoder: place.write('model.onnx', 'x') }))).toContain('is a file of a model folder');
    expect(await refusalOf(open({ encoder: 'embedded', pooling: 'sif' }), 'usage')).toContain(
      'The pooling "sif" is for files of word vectors',
    );
  });

  it('takes a sentence of more words than are read at once', async () => {
    const dimension = 400;
    const words = Array.from({ length: 50 }, (_, i): [string, number[]] => [
      `w${i}`,
      Array.from({ length: dimension }, (_, j) => (i * 31 + j * 7) % 64),
    ]);
    const file = place.write('wide.bin', word2vecBinary(words));
    const text = Array.from({ length: 100_000 }, (_, i) => `w${i % 50}`).join(' ');
    const mean = words[0][1].map((_, j) => Math.fround(words.reduce((sum, [, row]) => sum + row[j], 0) / 50));
    expect(rowsOf(await encode({ encoder: file }, ['', text, 'w3', text]))).toEqual([
      new Array(dimension).fill(0),
      mean,
      words[3][1],
      mean,
    ]);
  });

  it('is cancelled between pieces, and tells how far it is', async () => {
    const file = place.write('abc.txt', content);
    const sentences = Array.from({ length: 5_000 }, (_, i) => `a b ${i}`);
    const encoder = await open({ encoder: file, pooling: 'sif' });
    const steps: (readonly [number, number])[] = [];
    await encoder.encode([...sentences, ...sentences], { onProgress: (done, total) => steps.push([done, total]) });
    expect(steps[0]).toEqual([0, 5_000]);
    expect(steps.at(-1)).toEqual([5_000, 5_000]);
    expect(steps.map(([done]) => done)).toEqual(steps.map(([done]) => done).sort((a, b) => a - b));
    const controller = new AbortController();
    const work = encoder.encode(sentences, {
      signal: controller.signal,
      onProgress: (done) => {
        if (done > 0) controller.abort();
      },
    });
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    await encoder.dispose();
  });
});

describe('SIF', () => {
  const random = createRandom(5);
  const words = Array.from({ length: 60 }, (_, i): [string, number[]] => [
    `w${i}`,
    // A strong common direction, as real vectors have it.
    Array.from({ length: 12 }, (_, j) => 2 * Number(j === 3) + random.normal()),
  ]);
  const sentences = Array.from({ length: 200 }, () =>
    Array.from({ length: 5 }, () => `w${Math.floor(random.next() * 60)}`).join(' '),
  );
  let file: string;
  beforeAll(() => {
    file = place.write('sif.bin', word2vecBinary(words));
  });

  it('weights fall with the rank as a/(a + p), p from the Zipf–Mandelbrot law', () => {
    const weights = sifWeights(1000);
    const law = Array.from({ length: 1000 }, (_, i) => 1 / (i + 3.7));
    const sum = law.reduce((a, b) => a + b);
    expect(weights[0]).toBeCloseTo(1e-3 / (1e-3 + law[0] / sum), 14);
    expect(weights[999]).toBeCloseTo(1e-3 / (1e-3 + law[999] / sum), 14);
    expect(weights.every((weight, i) => i === 0 || weight > weights[i - 1])).toBe(true);
  });

  it('leaves nothing along one direction, and all else as it was', async () => {
    const before = rowsOf(await encode({ encoder: file, pooling: 'sif-weights' }, sentences));
    const encoded = await encode({ encoder: file, pooling: 'sif' }, sentences);
    const after = rowsOf(encoded);
    // What was removed is the same direction everywhere: the first singular vector of `before`.
    const removed = before.map((row, i) => row.map((x, j) => x - after[i][j]));
    const direction = removed[0].map((x) => x / Math.sqrt(dot(removed[0], removed[0])));
    removed.forEach((row, i) => {
      const length = dot(row, direction);
      row.forEach((x, j) => expect(x).toBeCloseTo(length * direction[j], 6));
      expect(dot(after[i], direction)).toBeCloseTo(0, 6);
    });
    const energy = (rows: number[][]) => rows.reduce((sum, row) => sum + dot(row, row), 0);
    const share = 1 - energy(after) / energy(before);
    expect(noteOf(encoded, 'common-component')?.message).toContain(`held ${(100 * share).toFixed(0)} %`);
    // No other direction holds more.
    for (let j = 0; j < 12; j++) {
      const along = before.reduce((sum, row) => sum + row[j] ** 2, 0);
      expect(along).toBeLessThanOrEqual(energy(removed) * (1 + 1e-9));
    }
  });

  it('counts a sentence as often as it stands in the corpus', async () => {
    const repeated = [...sentences, ...new Array<string>(300).fill(sentences[7])];
    const once = rowsOf(await encode({ encoder: file, pooling: 'sif' }, sentences));
    const often = rowsOf(await encode({ encoder: file, pooling: 'sif' }, repeated));
    // Written differently, the repeats are distinct sentences with equal vectors.
    const spelled = rowsOf(
      await encode(
        { encoder: file, pooling: 'sif' },
        repeated.map((sentence, i) => sentence + ' '.repeat(i)),
      ),
    );
    often.forEach((row, i) => row.forEach((x, j) => expect(x).toBeCloseTo(spelled[i][j], 6)));
    expect(Math.abs(often[0][0] - once[0][0])).toBeGreaterThan(1e-6);
  });

  it('of one sentence, or of sentences in one direction, nothing is left, not even rounding', async () => {
    expect(rowsOf(await encode({ encoder: file, pooling: 'sif' }, ['w1 w2 w3']))).toEqual([new Array(12).fill(0)]);
    const same = await encode({ encoder: file, pooling: 'sif', normalize: 'yes' }, ['w4', 'w4 w4', 'x']);
    expect(rowsOf(same)).toEqual([1, 2, 3].map(() => new Array<number>(12).fill(0)));
  });

  it('of vectors that are all zero removes nothing', async () => {
    const encoded = await encode({ encoder: file, pooling: 'sif' }, ['x', 'y z']);
    expect(rowsOf(encoded)).toEqual([new Array(12).fill(0), new Array(12).fill(0)]);
    expect(noteOf(encoded, 'common-component')?.message).toContain('no common component');
    expect((await encode({ encoder: file, pooling: 'sif' }, [])).vectors.rows).toBe(0);
  });
});
