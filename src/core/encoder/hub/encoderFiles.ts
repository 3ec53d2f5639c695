import path from 'node:path';
import { IsoscopeError } from '../../protocol/errors';
import { isJsonObject, textAt } from '../jsonObject';
import { isSafePath } from './safePath';

/** What is read of a model folder besides graphs and modules; small files. */
const settingsFiles = [
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'sentence_bert_config.json',
  'config_sentence_transformers.json',
  'modules.json',
] as const;

/** For the reader, and because a licence goes with what it licenses. */
const papers = /^(readme|licen[cs]e|notice|copying)(\.(md|txt|rst))?$/i;

/** The file that a folder of Model2Vec or static vectors keeps them in. */
const STATIC_VECTORS = 'model.safetensors';

/** A file or group of files that an encoder can be: an ONNX graph with the weights beside it, or static vectors. */
export interface EncoderVariant {
  /** path relative to the folder */
  readonly file: string;
  readonly kind: 'onnx' | 'static';
  /** weights that lie beside the graph, by the names that exporters give them */
  readonly weights: readonly string[];
}

/**
 * The variants in a list of paths, in the order of `listVariants`: those under `onnx/` first, `onnx/model.onnx` at the head; static vectors before all of them where config.json
 * says that the folder holds those.
 */
export function findVariants(paths: readonly string[], config: unknown): readonly EncoderVariant[] {
  const graphs = paths.filter((file) => /^(onnx\/)?[^/]+\.onnx$/.test(file)).sort();
  const rank = (file: string): number => (file === 'onnx/model.onnx' ? 0 : file.startsWith('onnx/') ? 1 : 2);
  const variants = graphs
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map((file): EncoderVariant => ({ file, kind: 'onnx', weights: weightsBeside(file, paths) }));
  const isStatic = isJsonObject(config) && textAt(config, 'model_type') === 'model2vec';
  return isStatic && paths.includes(STATIC_VECTORS)
    ? [{ file: STATIC_VECTORS, kind: 'static', weights: [] }, ...variants]
    : variants;
}

/** "model.onnx_data", "model.onnx_data_1", "model.onnx.data", "model.data", "model.weights": what exporters write beside "model.onnx". */
function weightsBeside(graph: string, paths: readonly string[]): readonly string[] {
  const stem = graph.slice(0, -'.onnx'.length);
  return paths.filter((file) => {
    if (!file.startsWith(stem) || path.posix.dirname(file) !== path.posix.dirname(graph)) return false;
    return /^(\.onnx[._]data(_\d+)?|[._](data|weights|bin))$/.test(file.slice(stem.length));
  });
}

/**
 * Everything that belongs to an encoder besides its variants: settings, tokenizer, the folders that modules.json names, licence and readme. Other frameworks' weights do not.
 * @param modules content of modules.json, `undefined` without one
 * @throws IsoscopeError `encoder` when modules.json points outside the folder
 */
export function findSharedFiles(paths: readonly string[], modules: unknown, name: string): readonly string[] {
  const places = modulePlaces(modules, name);
  return paths.filter((file) => {
    if ((settingsFiles as readonly string[]).includes(file) || papers.test(file)) return true;
    const place = path.posix.dirname(file);
    const base = path.posix.basename(file);
    return places.has(place) && (base === 'config.json' || base === STATIC_VECTORS);
  });
}

function modulePlaces(modules: unknown, name: string): ReadonlySet<string> {
  const places = new Set<string>();
  for (const module of Array.isArray(modules) ? modules.filter(isJsonObject) : []) {
    const place = path.posix.normalize(textAt(module, 'path') ?? '').replace(/\/$/, '');
    // The transformer itself lies in the folder's root.
    if (place === '.') continue;
    if (!isSafePath(place)) {
      throw new IsoscopeError(
        'encoder',
        `modules.json of ${name} names a module outside of its folder (${place}): it is not used.`,
      );
    }
    places.add(place);
  }
  return places;
}

/** Files without which no variant can be opened. */
export function missingFile(paths: readonly string[], variants: readonly EncoderVariant[]): string | undefined {
  if (variants.length === 0) return 'model.onnx';
  return ['config.json', 'tokenizer.json'].find((file) => !paths.includes(file));
}
