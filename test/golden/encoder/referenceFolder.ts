import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resourcePath } from '../../../src/core/resources';

/** The reference files: the copies in this folder, or the whole of them where the environment says so (README.md). */
export const referenceFolder = process.env['ISOSCOPE_ENCODER_REFERENCE'] ?? resourcePath('test/golden/encoder/reference');

const golden = path.join(referenceFolder, 'golden/encoder');

/** One array of the reference: how it was made. */
export interface ReferenceArray {
  readonly file: string;
  readonly pipeline?: string;
  readonly pooling: string | null;
  readonly layer: number | 'last' | null;
  readonly prefix: string;
  readonly normalized: boolean;
}

export interface ReferenceIndex {
  readonly model: string;
  readonly maxTokens: number;
  readonly layers: number;
  readonly arrays: readonly ReferenceArray[];
}

export const sentences = readJson(path.join(golden, 'sentences.json')) as readonly string[];

/** Names of the models that the reference speaks of. */
export function listModels(): string[] {
  return readdirSync(golden).filter((name) => existsSync(path.join(golden, name, 'ids.json')));
}

export function readIndex(name: string): ReferenceIndex {
  return readJson(path.join(golden, name, 'index.json')) as ReferenceIndex;
}

export interface ReferenceIds {
  readonly prefix: string;
  readonly ids: readonly (readonly number[])[];
}

export function readIds(name: string): ReferenceIds {
  return readJson(path.join(golden, name, 'ids.json')) as ReferenceIds;
}

/** The arrays of a model that are here. */
export function listArrays(name: string): (ReferenceArray & { readonly path: string })[] {
  return readIndex(name)
    .arrays.map((array) => ({ ...array, path: path.join(golden, name, array.file) }))
    .filter((array) => existsSync(array.path));
}

/**
 * The folder of a model, whole; `undefined` when its graph is not here. Folders that differ from bert's in a few files are put together in a temporary folder.
 */
export function modelFolder(name: string): string | undefined {
  if (name === 'all-MiniLM-L6-v2') return resourcePath('media/models', name);
  const folder = path.join(referenceFolder, 'models', readIndex(name).model);
  if (!existsSync(folder)) return undefined;
  if (existsSync(path.join(folder, 'config.json'))) return existsSync(path.join(folder, 'onnx')) ? folder : undefined;
  const whole = path.join(mkdtempSync(path.join(tmpdir(), 'isoscope-encoder-')), name);
  cpSync(folder, whole, { recursive: true });
  const bert = path.join(referenceFolder, 'models/tiny/bert');
  cpSync(bert, whole, { recursive: true, force: false, filter: (file) => !file.includes('onnx') || !existsSync(path.join(folder, 'onnx')) });
  return whole;
}

/** tokenizer.json of a model. */
export function readTokenizerJson(name: string): Record<string, unknown> {
  const folder = name === 'all-MiniLM-L6-v2' ? resourcePath('media/models', name) : path.join(referenceFolder, 'models', readIndex(name).model);
  const file = path.join(folder, 'tokenizer.json');
  const found = existsSync(file) ? file : path.join(referenceFolder, 'models/tiny/bert/tokenizer.json');
  return readJson(found) as Record<string, unknown>;
}

export function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
