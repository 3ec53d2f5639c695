import { existsSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import {
  readSafetensorsHeader,
  safetensorsHeaderLength,
  type SafetensorsEntry,
  type SafetensorsTensor,
} from '../../corpus/safetensors';
import { readTensorFloats, readTensorIntegers } from '../../corpus/safetensorsNumbers';
import { IsoscopeError } from '../../protocol/errors';
import { isJsonObject, numberAt, objectAt, textAt, type JsonObject } from '../jsonObject';
import { completeFolder, hashFile, readJsonValue, readModelJson, readOptionalJson } from '../modelFiles';
import { readPrompts, type Prompts } from '../sentenceModules';
import { readAt } from './vectorSource';

/** A folder with one vector per token, read and checked; its rows stay on disk. */
export interface StaticFolder {
  readonly path: string;
  readonly id: string;
  /** the file of the tensors */
  readonly file: string;
  readonly sha256: string;
  /** of the matrix of rows, shape [rows, d] */
  readonly rows: SafetensorsEntry;
  /** weight of each token id; `null` when all count the same */
  readonly weights: ArrayLike<number> | null;
  /** row of each token id; `null` when that is the id itself */
  readonly mapping: ArrayLike<number> | null;
  readonly tokenizer: { readonly json: JsonObject; readonly sha256: string };
  /** whose rule holds: Model2Vec drops unknown tokens and cuts texts, sentence-transformers does neither */
  readonly rule: 'model2vec' | 'sentence-transformers';
  readonly isNormalized: boolean;
  /** `null` for no limit */
  readonly maxTokens: number | null;
  readonly prompts: Prompts;
}

/** Number types that Model2Vec and PyTorch write rows in. int8 rows are taken as they are: their common scale is not in the file and no cosine depends on it. */
const ROW_TYPES = ['F32', 'F16', 'BF16', 'F64', 'I8'];
/** Of Model2Vec, where its config.json names no limit. */
const DEFAULT_MAX_TOKENS = 512;

/** Whether a folder is one of static vectors rather than of a transformer: by what it says, not by its name. */
export async function isStaticFolder(folder: string): Promise<boolean> {
  const config = await readOptionalJson(folder, 'config.json', completeFolder).catch(() => undefined);
  if (textAt(config, 'model_type') === 'model2vec') return true;
  const modules = await readModules(folder).catch(() => []);
  return modules.some(({ kind }) => kind === 'StaticEmbedding');
}

/**
 * Reads a folder of Model2Vec (config.json, model.safetensors with `embeddings` and perhaps `weights` and `mapping`, tokenizer.json) or of sentence-transformers'
 * StaticEmbedding (`embedding.weight`, in the folder itself or in the one that modules.json names).
 * @throws IsoscopeError `encoder` that names the file that is missing or unusable and the way on; AbortError
 */
export async function readStaticFolder(folder: string, signal?: AbortSignal): Promise<StaticFolder> {
  const modules = await readModules(folder);
  const place = modules.find(({ kind }) => kind === 'StaticEmbedding')?.place ?? '';
  const foreign = modules.find(({ kind }) => kind !== 'StaticEmbedding' && kind !== 'Normalize');
  if (foreign) {
    throw new IsoscopeError(
      'encoder',
      `${path.join(folder, 'modules.json')} asks for a module "${foreign.kind}" with static vectors, which Isoscope does not know: its vectors would not be the model's.`,
    );
  }
  const file = path.join(folder, place, 'model.safetensors');
  const config = await readOptionalJson(folder, 'config.json', completeFolder);
  const tokenizer = await readModelJson(folder, path.posix.join(place, 'tokenizer.json'), completeFolder);
  const tensors = await readTensors(path.posix.join(place, 'model.safetensors'), file);
  const rule = tensors.rowsName === 'embeddings' ? 'model2vec' : 'sentence-transformers';
  const names = modules.map(({ kind }) => kind);
  return {
    path: folder,
    id: path.basename(path.resolve(folder)),
    file,
    sha256: await hashFile(file, signal),
    ...tensors,
    tokenizer,
    rule,
    isNormalized: rule === 'model2vec' && config ? config['normalize'] === true : names.includes('Normalize'),
    maxTokens: readMaxTokens(rule, config, tokenizer.json),
    prompts: readPrompts(await readOptionalJson(folder, 'config_sentence_transformers.json', completeFolder)),
  };
}

/** modules.json: last words of the types, and folders. Empty when there is none. */
async function readModules(folder: string): Promise<{ readonly kind: string; readonly place: string }[]> {
  if (!existsSync(path.join(folder, 'modules.json'))) return [];
  const { value } = await readJsonValue(folder, 'modules.json', completeFolder);
  return (Array.isArray(value) ? value : []).filter(isJsonObject).map((module) => ({
    kind: (textAt(module, 'type') ?? '').split('.').at(-1) ?? '',
    place: textAt(module, 'path') ?? '',
  }));
}

function readMaxTokens(rule: StaticFolder['rule'], config: JsonObject | undefined, tokenizer: JsonObject) {
  const limit =
    rule === 'sentence-transformers'
      ? (numberAt(objectAt(tokenizer, 'truncation'), 'max_length') ?? null)
      : config?.['max_length'] === null
        ? null
        : (numberAt(config, 'max_length') ?? DEFAULT_MAX_TOKENS);
  return limit !== null && limit >= 1 && limit < 1e9 ? Math.floor(limit) : null;
}

async function readTensors(name: string, file: string) {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) throw new IsoscopeError('encoder', `${file} is missing: ${completeFolder(name)}.`);
  const handle = await open(file);
  try {
    const headerLength = safetensorsHeaderLength(await readAt(handle, 0, 64), file);
    const entries = readSafetensorsHeader(await readAt(handle, 0, headerLength), found.size, file);
    const rowsName = ['embeddings', 'embedding.weight'].find((candidate) => entries.has(candidate));
    if (rowsName === undefined) {
      const held = [...entries.keys()].slice(0, 5).join(', ');
      throw new IsoscopeError(
        'encoder',
        `${file} has no tensor "embeddings" (Model2Vec) or "embedding.weight" (sentence-transformers); it has ${held === '' ? 'none at all' : held}.`,
      );
    }
    const read = async (key: string): Promise<SafetensorsTensor | null> => {
      const entry = entries.get(key);
      return entry ? { ...entry, bytes: await readAt(handle, entry.offset, entry.byteLength) } : null;
    };
    const rows = checkRows(entries.get(rowsName)!, `${file}: tensor "${rowsName}"`);
    const weights = await read('weights');
    const mapping = await read('mapping');
    return {
      rowsName,
      rows,
      weights: weights && checkWeights(weights, `${file}: tensor "weights"`),
      mapping: mapping && checkMapping(mapping, rows.shape[0], `${file}: tensor "mapping"`),
    };
  } catch (error) {
    // The reader of the format knows inputs only.
    if (!(error instanceof IsoscopeError) || error.reason === 'encoder') throw error;
    throw new IsoscopeError('encoder', `${error.message.replace(/\.$/, '')}: ${completeFolder(name)}.`, {
      cause: error,
    });
  } finally {
    await handle.close();
  }
}

function checkRows(rows: SafetensorsEntry, name: string): SafetensorsEntry {
  const { dtype, shape } = rows;
  if (shape.length !== 2 || shape[0] === 0 || shape[1] === 0) {
    throw new IsoscopeError(
      'encoder',
      `${name} has the shape [${shape.join(', ')}], where one row per token is needed.`,
    );
  }
  if (ROW_TYPES.includes(dtype)) return rows;
  throw new IsoscopeError(
    'encoder',
    `${name} holds numbers of type ${dtype}, where ${ROW_TYPES.join(', ')} can be read.`,
  );
}

function checkWeights(tensor: SafetensorsTensor, name: string): ArrayLike<number> {
  const weights = readTensorFloats(tensor, name);
  const bad = weights.findIndex((weight) => !Number.isFinite(weight));
  if (bad < 0) return weights;
  throw new IsoscopeError('encoder', `${name}: the weight of token ${bad} is ${weights[bad]}.`);
}

function checkMapping(tensor: SafetensorsTensor, rowCount: number, name: string): ArrayLike<number> {
  const mapping = Array.from(readTensorIntegers(tensor, name));
  const bad = mapping.findIndex((row) => row < 0 || row >= rowCount);
  if (bad < 0) return mapping;
  throw new IsoscopeError(
    'encoder',
    `${name} sends token ${bad} to row ${mapping[bad]}, and there are ${rowCount} rows.`,
  );
}
