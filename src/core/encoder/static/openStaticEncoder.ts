import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { EncoderChoice } from '../../protocol/engineProtocol';
import { IsoscopeError } from '../../protocol/errors';
import type { Runtime } from '../../runtime/runtime';
import type { Encoder } from '../encoder';
import { isStaticFolder } from './staticFolder';
import { defaultTableFolder } from './tableFolder';
import { openTokenRowEncoder } from './tokenRowEncoder';
import { openWordEncoder } from './wordEncoder';

export interface OpenStaticOptions {
  readonly signal?: AbortSignal | undefined;
  /** bytes read and in all, of a large file */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** where tables of word vectors are kept; default: in the user's cache */
  readonly cacheFolder?: string | undefined;
}

/**
 * Opens static vectors: any file (GloVe, word2vec, told apart by what is in them), or a folder of Model2Vec or StaticEmbedding.
 * @returns `null` when the choice is something else: a folder of a transformer, nothing at all
 * @throws IsoscopeError `usage`, `encoder`; AbortError
 */
export async function openStaticEncoder(
  choice: EncoderChoice,
  runtime: Runtime,
  options: OpenStaticOptions = {},
): Promise<Encoder | null> {
  const { encoder, variant } = choice;
  const found = await stat(encoder).catch(() => null);
  if (found === null) return null;
  if (found.isDirectory()) {
    // Some folders of static vectors hold an ONNX file too: who names it wants it.
    if (variant !== undefined || !(await isStaticFolder(encoder))) return null;
    return openTokenRowEncoder(choice, runtime, options.signal);
  }
  if (!found.isFile()) {
    throw new IsoscopeError('encoder', `${encoder} is neither a file nor a folder: word vectors are read from a file.`);
  }
  if (/\.(onnx|json|safetensors)$/i.test(encoder)) {
    throw new IsoscopeError(
      'encoder',
      `${encoder} is a file of a model folder: name the folder, ${path.dirname(encoder)}.`,
    );
  }
  const { cacheFolder = defaultTableFolder(), signal, onProgress } = options;
  return openWordEncoder(choice, runtime, { cacheFolder, signal, onProgress });
}
