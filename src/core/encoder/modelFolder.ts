import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { IsoscopeError } from '../protocol/errors';
import { resourcePath } from '../resources';
import { isJsonObject, textAt, type JsonObject } from './jsonObject';
import { readManifest, type ModelManifest } from './manifest';
import {
  completeFolder,
  readJsonValue,
  readModelFile,
  readModelJson,
  readOptionalJson,
  reinstallIsoscope,
  requireFolder,
  type WayOn,
} from './modelFiles';
import { readMaxTokens, readPrompts, readSentenceModules, type Prompts, type SentenceModules } from './sentenceModules';

/** A model folder in the layout of the Hugging Face hub, read and checked; the graph is not opened yet. */
export interface ModelFolder {
  readonly path: string;
  readonly id: string;
  /** config.json */
  readonly config: JsonObject;
  readonly tokenizer: TokenizerFiles;
  /** path relative to the folder */
  readonly graphFile: string;
  readonly graph: { readonly bytes: Buffer; readonly sha256: string };
  readonly modules: SentenceModules;
  readonly prompts: Prompts;
  /** `null` when no file names a limit */
  readonly maxTokens: number | null;
  readonly wayOn: WayOn;
}

export interface TokenizerFiles {
  /** tokenizer.json */
  readonly json: JsonObject;
  readonly sha256: string;
  /** text of the padding token, where the folder names one */
  readonly padToken: string | undefined;
  readonly truncationSide: 'left' | 'right';
  /** sentence_bert_config.json's `do_lower_case`: sentences are lowered before anything else */
  readonly lowersText: boolean;
}

/** The folder of the encoder that ships with Isoscope. */
export function embeddedModelFolder(): string {
  return resourcePath('media', 'models', 'all-MiniLM-L6-v2');
}

/**
 * A folder that ships with Isoscope: every file is held against its manifest.
 * @throws IsoscopeError `encoder` that names what is missing or damaged
 */
export async function readShippedFolder(folder: string): Promise<ModelFolder> {
  const manifest = await readManifest(folder, reinstallIsoscope);
  return readFolder(folder, manifest.graph, reinstallIsoscope, manifest);
}

/**
 * A folder that the user chose.
 * @param variant which ONNX file, relative to the folder or to its `onnx` folder
 * @throws IsoscopeError `encoder` that names what is missing or unusable and the way on, `usage` when the variant cannot be told
 */
export async function readModelFolder(folder: string, variant?: string): Promise<ModelFolder> {
  await requireFolder(folder);
  const graphFile = chooseVariant(folder, await listVariants(folder), variant);
  return readFolder(folder, graphFile, completeFolder);
}

async function readFolder(
  folder: string,
  graphFile: string,
  wayOn: WayOn,
  manifest?: ModelManifest,
): Promise<ModelFolder> {
  const expected = (file: string) => manifest?.files.get(file);
  const optional = (file: string) => readOptionalJson(folder, file, wayOn, expected(file));
  const { json: config } = await readModelJson(folder, 'config.json', wayOn, expected('config.json'));
  const tokenizerConfig = await optional('tokenizer_config.json');
  const sentence = await optional('sentence_bert_config.json');
  return {
    path: folder,
    id: manifest?.id ?? path.basename(path.resolve(folder)),
    config,
    tokenizer: {
      ...(await readModelJson(folder, 'tokenizer.json', wayOn, expected('tokenizer.json'))),
      padToken: padTokenOf(tokenizerConfig) ?? padTokenOf(await optional('special_tokens_map.json')),
      truncationSide: textAt(tokenizerConfig, 'truncation_side') === 'left' ? 'left' : 'right',
      lowersText: sentence?.['do_lower_case'] === true,
    },
    graphFile,
    graph: await readModelFile(folder, graphFile, wayOn, expected(graphFile)),
    modules: await readSentenceModules(folder, async (file) => {
      if (!expected(file) && !existsSync(path.join(folder, file))) return undefined;
      return (await readJsonValue(folder, file, wayOn, expected(file))).value;
    }),
    prompts: readPrompts(await optional('config_sentence_transformers.json')),
    maxTokens: readMaxTokens({ config, tokenizer: tokenizerConfig, sentence }),
    wayOn,
  };
}

/** "[PAD]", or { "content": "[PAD]", … } */
function padTokenOf(config: JsonObject | undefined): string | undefined {
  const token = config?.['pad_token'];
  return isJsonObject(token) ? textAt(token, 'content') : textAt(config, 'pad_token');
}

/** The ONNX files of a model folder, relative to it; those under `onnx/` first, `onnx/model.onnx` at the head. */
export async function listVariants(folder: string): Promise<readonly string[]> {
  const list = async (place: string) => {
    const files = await readdir(path.join(folder, place)).catch(() => []);
    return files
      .filter((file) => file.endsWith('.onnx'))
      .sort()
      .map((file) => path.posix.join(place, file));
  };
  const variants = [...(await list('onnx')), ...(await list('.'))];
  const preferred = ['onnx/model.onnx', 'model.onnx'].find((file) => variants.includes(file));
  return preferred === undefined ? variants : [preferred, ...variants.filter((file) => file !== preferred)];
}

function chooseVariant(folder: string, variants: readonly string[], wanted: string | undefined): string {
  if (wanted !== undefined) {
    const relative = path.isAbsolute(wanted) ? path.relative(folder, wanted) : path.normalize(wanted);
    const spelled = relative.split(path.sep).join('/');
    const found = variants.find((file) => file === spelled) ?? variants.find((file) => file === `onnx/${spelled}`);
    if (found !== undefined) return found;
    const known = variants.length > 0 ? `it has ${variants.join(', ')}` : 'it has no ONNX file at all';
    throw new IsoscopeError('usage', `${folder} has no ONNX file "${wanted}"; ${known}.`);
  }
  if (variants.length === 0) {
    throw new IsoscopeError('encoder', `${folder} has no ONNX file: ${completeFolder('model.onnx')}.`);
  }
  const [first] = variants;
  if (variants.length === 1 || first === 'onnx/model.onnx' || first === 'model.onnx') return first;
  throw new IsoscopeError(
    'usage',
    `${folder} has several ONNX files (${variants.join(', ')}): name the one to use with --variant.`,
  );
}
