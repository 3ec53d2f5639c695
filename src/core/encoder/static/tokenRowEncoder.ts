import { createHash } from 'node:crypto';
import type { EncoderChoice } from '../../protocol/engineProtocol';
import { IsoscopeError } from '../../protocol/errors';
import type { Runtime } from '../../runtime/runtime';
import type { Encoder } from '../encoder';
import { choosePrefix } from '../sentenceModules';
import { createTokenizer } from '../tokenizer/tokenizer';
import { createRowMemory } from './rowMemory';
import { readStaticChoice, tokenRowPoolings } from './staticChoice';
import { encodeStatic, type StaticParts } from './staticEncoder';
import { readStaticFolder, type StaticFolder } from './staticFolder';
import { openTokenRows } from './tokenRows';
import { readVocabulary } from './tokenVocabulary';
import type { WordSequence } from './wordSequences';

/**
 * An encoder over a Model2Vec folder or one of sentence-transformers' StaticEmbedding: the mean of weight × row over a sentence's tokens, without special tokens.
 * @throws IsoscopeError `usage` for settings of a transformer, `encoder` for a folder that cannot be used; AbortError
 */
export async function openTokenRowEncoder(
  choice: EncoderChoice,
  runtime: Runtime,
  signal?: AbortSignal,
): Promise<Encoder> {
  const pooling = readStaticChoice(choice, tokenRowPoolings);
  const folder = await readStaticFolder(choice.encoder, signal);
  const prefix = choosePrefix(folder.prompts, choice.prefix);
  const isNormalized = choice.normalize === 'yes' || (choice.normalize !== 'no' && folder.isNormalized);
  const createReader = prepareReader(folder, prefix);
  const rows = await openTokenRows(folder);
  const dimension = folder.rows.shape[1];
  const { weights, sha256, tokenizer, maxTokens, rule } = folder;
  const parts: StaticParts = {
    dimension,
    noun: 'tokens',
    averaging: { kind: pooling === 'max' ? 'max' : 'mean', weightOf: weights && ((token) => weights[token]) },
    products: null,
    isNormalized,
    createReader: () => createReader,
    memory: createRowMemory(dimension, (tokens, into, at) => rows.read(tokens, into, at)),
  };
  const decisive = ['tokens', sha256, tokenizer.sha256, rule, maxTokens, pooling, isNormalized, prefix];
  return {
    summary: {
      id: folder.id,
      sha256,
      dimension,
      layer: null,
      pooling,
      normalized: isNormalized,
      maxTokens,
      backend: 'static',
      threads: runtime.threads,
    },
    identity: createHash('sha256').update(JSON.stringify(decisive)).digest('hex'),
    notes: [],
    offer: { layerCount: null, poolings: tokenRowPoolings, ownPooling: 'mean' },
    isRemembered: false,
    encode: (sentences, options = {}) => encodeStatic(parts, sentences, options),
    dispose: () => rows.close(),
  };
}

/** Sentence → token ids, by the rule of the library that wrote the folder. */
function prepareReader(folder: StaticFolder, prefix: string): (sentence: string) => Omit<WordSequence, 'repeats'> {
  const { tokenizer, maxTokens, rule } = folder;
  const vocabulary = readVocabulary(tokenizer.json);
  requireRows(folder, vocabulary.largestId);
  const cutter = createTokenizer({ ...tokenizer.json, post_processor: null }, { maxTokens: maxTokens ?? Infinity });
  // Model2Vec cuts a text at so many characters before it cuts it into tokens.
  const mostCharacters = rule === 'model2vec' && maxTokens !== null ? maxTokens * vocabulary.medianLength : Infinity;
  const dropped = rule === 'model2vec' ? vocabulary.unknownId : null;
  return (sentence) => {
    const text = cut(prefix + sentence, mostCharacters);
    const { ids, isTruncated } = cutter.encode(text);
    const known = ids.filter((id) => id !== dropped);
    return {
      rows: Uint32Array.from(known),
      unknown: new Array<string>(ids.length - known.length).fill(''),
      isTruncated: isTruncated || text.length < prefix.length + sentence.length,
    };
  };
}

function requireRows({ file, rows, mapping, weights }: StaticFolder, largestId: number): void {
  const counts = [
    [mapping?.length ?? rows.shape[0], mapping ? 'tensor "mapping"' : 'matrix of vectors'],
    [weights?.length ?? Infinity, 'tensor "weights"'],
  ] as const;
  for (const [count, name] of counts) {
    if (largestId < count) continue;
    throw new IsoscopeError(
      'encoder',
      `${file} does not fit its tokenizer.json: token ${largestId} is beyond the ${count} entries of its ${name}.`,
    );
  }
}

/** The first `length` characters (code points). */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  let end = 0;
  for (let count = 0; count < length && end < text.length; count++) end += text.codePointAt(end)! > 0xffff ? 2 : 1;
  return text.slice(0, end);
}
