import { createHash } from 'node:crypto';
import path from 'node:path';
import { openProducts } from '../../linalg/onnxProducts';
import type { EncoderChoice } from '../../protocol/engineProtocol';
import { IsoscopeError } from '../../protocol/errors';
import type { Note } from '../../protocol/snapshot';
import type { Runtime } from '../../runtime/runtime';
import type { EncodedSentences, EncodeOptions, Encoder } from '../encoder';
import { choosePrefix } from '../sentenceModules';
import { openWordVectors, type OpenWordVectorsOptions, type WordVectors } from './openWordVectors';
import { createRowMemory } from './rowMemory';
import { sifWeights } from './sif';
import { readStaticChoice, wordPoolings, type WordPooling } from './staticChoice';
import { encodeStatic, type StaticParts } from './staticEncoder';
import { findVectorSource } from './vectorSource';
import { DamagedTableError } from './vectorTableFile';
import { createWordFinder, isCasedVocabulary, splitWords } from './words';

/** A state of the file of vectors, and what encodes with it. */
interface OpenWords {
  readonly vectors: WordVectors;
  readonly parts: StaticParts;
}

/**
 * An encoder over a file of word vectors: a sentence is split at white space, its words are looked up (`createWordFinder`), unknown ones left out, the rest pooled.
 * A file that changes between two corpora is read anew.
 * @throws IsoscopeError `usage` for settings of a transformer, `encoder` for a file that cannot be used; AbortError
 */
export async function openWordEncoder(
  choice: EncoderChoice,
  runtime: Runtime,
  options: OpenWordVectorsOptions,
): Promise<Encoder> {
  const pooling = readStaticChoice(choice, wordPoolings);
  const prefix = choosePrefix({ byName: new Map(), standard: '' }, choice.prefix);
  const isNormalized = choice.normalize === 'yes';
  const file = choice.encoder;
  const reopen = async (given: OpenWordVectorsOptions, isTrusted = true): Promise<OpenWords> => {
    const vectors = await openWordVectors(file, given, isTrusted);
    return { vectors, parts: createParts(vectors, pooling, prefix, isNormalized, runtime) };
  };
  let words = await reopen(options);

  /** Another state of the file takes the place of this one. */
  async function replace(signal: AbortSignal | undefined, isTrusted: boolean): Promise<void> {
    const former = words;
    words = await reopen({ cacheFolder: options.cacheFolder, signal }, isTrusted);
    await former.vectors.close();
  }

  async function encode(sentences: readonly string[], given: EncodeOptions = {}): Promise<EncodedSentences> {
    const { fingerprint } = await findVectorSource(file);
    if (fingerprint !== words.vectors.table.file.header.fingerprint) await replace(given.signal, true);
    try {
      return await encodeStatic(words.parts, sentences, given);
    } catch (error) {
      if (!(error instanceof DamagedTableError)) throw error;
      await replace(given.signal, false);
    }
    try {
      return await encodeStatic(words.parts, sentences, given);
    } catch (error) {
      if (!(error instanceof DamagedTableError)) throw error;
      throw new IsoscopeError('encoder', `${file} changes while its vectors are read (${error.message}).`, {
        cause: error,
      });
    }
  }

  return {
    // Asked for after `encode`, they tell of the file as it was then.
    get summary() {
      const { header } = words.vectors.table.file;
      return {
        id: path.basename(file),
        sha256: header.facts.sha256,
        dimension: header.dimension,
        layer: null,
        pooling,
        normalized: isNormalized,
        maxTokens: null,
        backend: 'static',
        threads: runtime.threads,
      };
    },
    get identity() {
      const { sha256 } = words.vectors.table.file.header.facts;
      const decisive = JSON.stringify(['words', sha256, pooling, isNormalized, prefix]);
      return createHash('sha256').update(decisive).digest('hex');
    },
    get notes() {
      return wordNotes(words.vectors, pooling);
    },
    offer: { layerCount: null, poolings: wordPoolings, ownPooling: 'mean' },
    isRemembered: false,
    encode,
    dispose: () => words.vectors.close(),
  };
}

function createParts(
  { table }: WordVectors,
  pooling: WordPooling,
  prefix: string,
  isNormalized: boolean,
  runtime: Runtime,
): StaticParts {
  const { dimension, count, file } = table;
  const isCased = isCasedVocabulary(file.header.facts.capitalized, count);
  const weights = pooling === 'sif' || pooling === 'sif-weights' ? sifWeights(count) : null;
  return {
    dimension,
    noun: 'words',
    averaging: { kind: pooling === 'max' ? 'max' : 'mean', weightOf: weights && ((row) => weights[row]) },
    products: pooling === 'sif' ? () => openProducts(runtime) : null,
    isNormalized,
    createReader() {
      const find = createWordFinder((word) => table.find(word), isCased);
      return (sentence) => {
        const words = splitWords(prefix + sentence);
        const numbers = words.map(find);
        return {
          rows: Uint32Array.from(numbers.filter((number) => number >= 0)),
          unknown: words.filter((_, i) => numbers[i] < 0),
          isTruncated: false,
        };
      };
    },
    memory: createRowMemory(dimension, (numbers, into, at) => table.readRows(numbers, into, at)),
  };
}

function wordNotes({ table, isKept }: WordVectors, pooling: WordPooling): Note[] {
  const { facts, count } = table.file.header;
  const notes: Note[] = [];
  if (isCasedVocabulary(facts.capitalized, count)) {
    const message = `${percent(facts.capitalized / count)} of the vocabulary's words have capital letters: a word is looked up as it stands, then lower-cased.`;
    notes.push({ code: 'cased-vocabulary', message });
  }
  if (facts.duplicates > 0) {
    const message = `${facts.duplicates} ${facts.duplicates === 1 ? 'vector repeats a word' : 'vectors repeat words'} that stood in the file before: the first one counts.`;
    notes.push({ code: 'duplicate-words', message });
  }
  if (!facts.isUtf8) {
    const message = 'Some words of the vocabulary are not UTF-8: sentences never meet them.';
    notes.push({ code: 'undecodable-words', message });
  }
  if (pooling === 'sif' || pooling === 'sif-weights') {
    const message =
      'SIF weights 0.001/(0.001 + p) with p from the rank in the file (Zipf–Mandelbrot, 1/(rank + 2.7)): the file has no counts, and its words are taken to stand in descending order of frequency.';
    notes.push({ code: 'frequency-from-rank', message });
  }
  if (!isKept) {
    const message = 'The folder of the cache cannot be written to: the file of vectors is read whole each time.';
    notes.push({ code: 'no-vector-cache', message });
  }
  return notes;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}
