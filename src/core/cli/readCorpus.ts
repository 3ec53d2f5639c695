import { matchRows } from '../corpus/matchRows';
import { isParquet } from '../corpus/parquet/parquetFile';
import { readBytes, STANDARD_INPUT } from '../corpus/readBytes';
import { readSentences, type TextSentences } from '../corpus/sentences';
import { readTableColumn } from '../corpus/textColumn';
import { decodeText, MAX_TEXT_BYTES } from '../corpus/textFile';
import { readVectorFile, type VectorFile } from '../corpus/vectorFile';
import { IsoscopeError } from '../protocol/errors';
import type { CorpusArguments, TextArguments, VectorArguments } from './argumentReaders';

/** What is analysed: sentences, vectors, or both row by row. */
export interface Corpus {
  /** shown as `corpus.source` */
  readonly source: string;
  readonly text: TextSentences | undefined;
  readonly vectors: VectorFile | undefined;
}

/** @throws IsoscopeError `input` for files that cannot be used or do not belong together; AbortError */
export async function readCorpus({ text, vectors }: CorpusArguments, signal: AbortSignal): Promise<Corpus> {
  const named = vectors && (await readVectors(vectors, signal));
  const sentences = text && (await readText(text, signal));
  const source = text ? nameOf(text.path) : (named?.name ?? '');
  if (sentences && named) {
    const { column } = text;
    matchRows({ source, ...sentences, isTable: column !== undefined }, { name: named.name, rows: named.vectors.rows });
  }
  return { source, text: sentences, vectors: named };
}

/** @throws IsoscopeError `input` when there is no sentence */
export async function readText({ path, column }: TextArguments, signal: AbortSignal): Promise<TextSentences> {
  const text = await readSentencesOf(path, column, signal);
  if (text.sentences.length === 0) {
    throw new IsoscopeError(
      'input',
      column === undefined
        ? `${nameOf(path)} holds no sentence: all its lines are blank.`
        : `${nameOf(path)} holds no sentence: every cell of column ${column} is blank.`,
    );
  }
  return text;
}

async function readSentencesOf(path: string, column: string | undefined, signal: AbortSignal): Promise<TextSentences> {
  // A Parquet file may be larger than a text: most of it need not be the texts.
  const isNamedParquet = /\.(parquet|pq)$/i.test(path);
  const bytes = await readBytes(path, { signal, ...(!isNamedParquet && { limitBytes: MAX_TEXT_BYTES }) });
  const isTable = column !== undefined || isParquet(bytes);
  if (isTable) return readTableColumn(bytes, column, nameOf(path), signal);
  return readSentences(decodeText(bytes, nameOf(path)));
}

/** @throws IsoscopeError; AbortError */
export function readVectors({ path, array }: VectorArguments, signal: AbortSignal): Promise<VectorFile> {
  return readVectorFile(path, { signal, array });
}

/**
 * What --fit-on names: vectors where the corpus is vectors, which have no encoder for text, or by the file's name (.npy, .npz, .safetensors); else text.
 * @param vectors those of the corpus; their --array counts for the file too if it is the same
 */
export async function readFitCorpus(
  path: string,
  vectors: VectorArguments | undefined,
  signal: AbortSignal,
): Promise<Corpus> {
  const isVectors = vectors !== undefined ? !/\.(txt|md)$/i.test(path) : /\.(npy|npz|safetensors)$/i.test(path);
  const array = vectors?.path === path ? vectors.array : undefined;
  return readCorpus(
    isVectors
      ? { text: undefined, vectors: { path, array } }
      : { text: { path, column: undefined }, vectors: undefined },
    signal,
  );
}

export function nameOf(path: string): string {
  return path === '-' ? STANDARD_INPUT : path;
}
