import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy } from '../../../../src/core/corpus/npy';
import { openEncoder } from '../../../../src/core/encoder/openEncoder';
import { openNodeRuntime } from '../../../../src/core/runtime/nodeRuntime';
import type { Runtime } from '../../../../src/core/runtime/runtime';
import { referenceFolder } from '../referenceFolder';

/** An array of index.json: which encoder gives it with which pooling. `whole` names the file that the encoder is a part of. */
interface StaticArray {
  readonly encoder: string;
  readonly file: string;
  readonly pooling: string;
  readonly whole: string | null;
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(path.join(__dirname, file), 'utf8'));
const arrays = readJson('index.json') as readonly StaticArray[];
const sentences = readJson('sentences.json') as readonly string[];
const isWholeHere = process.env['ISOSCOPE_ENCODER_REFERENCE'] !== undefined;

let runtime: Runtime;
let cacheFolder: string;
beforeAll(async () => {
  runtime = await openNodeRuntime({ threads: 1 });
  cacheFolder = mkdtempSync(path.join(tmpdir(), 'isoscope-static-'));
});
afterAll(() => {
  rmSync(cacheFolder, { recursive: true });
});

// Sums of float64 in the same order give the same float32 numbers; Model2Vec sums and normalises in float32 (float16 in its float16 folders, 1e-3 at length 1), and the
// first singular vector comes from another decomposition.
function tolerance({ encoder, pooling }: StaticArray): number {
  if (encoder === 'm2v-float16') return 1e-3;
  return pooling === 'sif' || !/\.(txt|bin|gz)$/.test(encoder) ? 5e-7 : 0;
}

async function compare(array: StaticArray, encoderPath: string): Promise<void> {
  const expected = readNpy(readFileSync(path.join(__dirname, array.file)), array.file);
  // The first time from the file itself, the second from its table.
  for (let time = 0; time < 2; time++) {
    const encoder = await openEncoder({ encoder: encoderPath, pooling: array.pooling }, runtime, { cacheFolder });
    const { vectors } = await encoder.encode(sentences);
    await encoder.dispose();
    expect([vectors.rows, vectors.columns]).toEqual([expected.rows, expected.columns]);
    const sizes = Array.from(expected.data, Math.abs);
    const differences = Array.from(expected.data, (value, i) => Math.abs(value - vectors.data[i]));
    const largest = Math.max(...differences);
    const scale = Math.max(1, ...sizes);
    expect(largest / scale).toBeLessThanOrEqual(tolerance(array));
  }
}

describe.each(arrays)('$encoder, $pooling', (array) => {
  it('gives the vectors of its library', () => compare(array, path.join(__dirname, array.encoder)));

  it.runIf(isWholeHere && array.whole !== null)('gives them from the whole file', () =>
    compare(array, path.join(referenceFolder, 'models', array.whole!)),
  );
});
