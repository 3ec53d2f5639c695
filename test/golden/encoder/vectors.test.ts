import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readNpy } from '../../../src/core/corpus/npy';
import { openEncoder } from '../../../src/core/encoder/openEncoder';
import type { Matrix } from '../../../src/core/linalg/matrix';
import { openNodeRuntime } from '../../../src/core/runtime/nodeRuntime';
import type { Runtime } from '../../../src/core/runtime/runtime';
import { listArrays, listModels, modelFolder, sentences, type ReferenceArray } from './referenceFolder';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await openNodeRuntime({ threads: 2 });
});

// float32 graphs differ from torch by at most 6e-6 per number, relative to max(1, |x|); float16 by 3e-3. A dynamically quantised graph repeats on the same kind of CPU
// only: elsewhere rounding flips move a cosine by up to 2e-3, and with it a number by up to 7.5e-2 (seen on two kinds of AMD EPYC).
const numberTolerance = (name: string) => (name.includes('fp16') ? 1e-2 : name.endsWith('-q') ? 1e-1 : 2e-5);
const cosineTolerance = (name: string) => (name.endsWith('-q') ? 5e-3 : 1e-5);

const models = listModels()
  .map((name) => ({ name, folder: modelFolder(name), arrays: listArrays(name) }))
  .filter(({ folder, arrays }) => folder !== undefined && arrays.length > 0);

describe.each(models)('$name', ({ name, folder, arrays }) => {
  it.each(arrays)('$file', async (array) => {
    const expected = readNpy(readFileSync(array.path), array.file);
    const encoder = await openEncoder({ encoder: folder!, ...choiceOf(array) }, runtime);
    const { vectors } = await encoder.encode(sentences);
    await encoder.dispose();
    expect([vectors.rows, vectors.columns]).toEqual([expected.rows, expected.columns]);
    expect(encoder.summary.normalized).toBe(array.normalized);
    for (let row = 0; row < vectors.rows; row++) {
      expect(1 - cosine(vectors, expected, row), `cosine of sentence ${row}`).toBeLessThan(cosineTolerance(name));
    }
    expect(largestDifference(vectors, expected)).toBeLessThan(numberTolerance(name));
  });
});

describe('the embedded encoder', () => {
  it('gives the vectors of sentence-transformers without any setting', async () => {
    const encoder = await openEncoder({ encoder: 'embedded' }, runtime);
    const { vectors, truncatedRows } = await encoder.encode(sentences);
    const final = listArrays('all-MiniLM-L6-v2').find((array) => array.pipeline !== undefined)!;
    expect(largestDifference(vectors, readNpy(readFileSync(final.path), final.file))).toBeLessThan(2e-5);
    // The 220 joined sentences; the longest of the others has 101 tokens.
    expect([...truncatedRows]).toEqual([47]);
    expect(encoder.summary).toMatchObject({
      id: 'all-MiniLM-L6-v2',
      sha256: '65f51f256c7c36499f02912b7f5a0a99ff2675532cd8ffabcd14ea8b3368b204',
      dimension: 384,
      layer: 'last',
      pooling: 'mean',
      normalized: true,
      maxTokens: 256,
    });
    await encoder.dispose();
  });
});


/** The settings that ask for this array; the folder's own way for what its whole pipeline gives. */
function choiceOf({ pipeline, pooling, layer, prefix, normalized }: ReferenceArray) {
  if (pipeline !== undefined || normalized) return { prefix };
  return { prefix, normalize: 'no' as const, ...(pooling !== null && { pooling }), ...(layer !== null && { layer }) };
}

function cosine(a: Matrix, b: Matrix, row: number): number {
  let product = 0;
  let lengthA = 0;
  let lengthB = 0;
  for (let j = row * a.columns; j < (row + 1) * a.columns; j++) {
    product += a.data[j] * b.data[j];
    lengthA += a.data[j] ** 2;
    lengthB += b.data[j] ** 2;
  }
  return product / Math.sqrt(lengthA * lengthB);
}

/** max |a − b| / max(1, |b|) */
function largestDifference(a: Matrix, b: Matrix): number {
  let largest = 0;
  for (let j = 0; j < b.data.length; j++) {
    largest = Math.max(largest, Math.abs(a.data[j] - b.data[j]) / Math.max(1, Math.abs(b.data[j])));
  }
  return largest;
}
