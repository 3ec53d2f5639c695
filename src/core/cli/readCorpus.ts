import { createHash } from 'node:crypto';
import { STANDARD_INPUT } from '../corpus/readBytes';
import { readSentences, type TextSentences } from '../corpus/sentences';
import { readTextColumn } from '../corpus/textColumn';
import { readTextFile } from '../corpus/textFile';
import { readVectorFile } from '../corpus/vectorFile';
import { formatCount } from '../export/numberText';
import type { Matrix } from '../linalg/matrix';
import { IsoscopeError } from '../protocol/errors';
import type { CorpusArguments, TextArguments, VectorArguments } from './argumentReaders';

/** What is analysed: sentences, vectors, or both row by row. */
export interface Corpus {
  /** shown as `corpus.source` */
  readonly source: string;
  readonly text: TextSentences | undefined;
  readonly vectors: NamedVectors | undefined;
}

export interface NamedVectors {
  readonly name: string;
  readonly vectors: Matrix;
  /** of the file's bytes */
  readonly sha256: string;
}

/** @throws IsoscopeError `input` for files that cannot be used or do not belong together; AbortError */
export async function readCorpus({ text, vectors }: CorpusArguments, signal: AbortSignal): Promise<Corpus> {
  const named = vectors && (await readVectors(vectors, signal));
  const sentences = text && (await readText(text, signal));
  const source = text ? nameOf(text.path) : (named?.name ?? '');
  if (sentences && named && sentences.sentences.length !== named.vectors.rows) {
    throw mismatch(source, sentences, named);
  }
  return { source, text: sentences, vectors: named };
}

/** @throws IsoscopeError `input` when there is no sentence */
export async function readText({ path, column }: TextArguments, signal: AbortSignal): Promise<TextSentences> {
  if (column === undefined && /\.parquet$/i.test(path)) {
    throw new IsoscopeError(
      'input',
      `${path} is a Parquet file, which this version does not read: save it as CSV or JSON Lines.`,
    );
  }
  const content = await readTextFile(path, { signal });
  const text = column === undefined ? readSentences(content) : readTextColumn(content, column, nameOf(path));
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

export async function readVectors({ path, array }: VectorArguments, signal: AbortSignal): Promise<NamedVectors> {
  const { vectors, bytes } = await readVectorFile(path, { signal, ...(array !== undefined && { array }) });
  return { name: nameOf(path), vectors, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** What --fit-on names: vectors by the file's name (.npy, .npz), else text. */
export async function readFitCorpus(path: string, signal: AbortSignal): Promise<Corpus> {
  const isVectors = /\.(npy|npz)$/i.test(path);
  return readCorpus(
    isVectors
      ? { text: undefined, vectors: { path, array: undefined } }
      : { text: { path, column: undefined }, vectors: undefined },
    signal,
  );
}

export function nameOf(path: string): string {
  return path === '-' ? STANDARD_INPUT : path;
}

function mismatch(source: string, { sentences, lines }: TextSentences, { name, vectors }: NamedVectors): IsoscopeError {
  const lastLine = lines[lines.length - 1] + 1;
  const blank = lastLine - sentences.length;
  const why =
    blank > 0 && lastLine === vectors.rows
      ? `: it looks as if the ${formatCount(blank)} blank line${blank === 1 ? ' was' : 's were'} encoded too, and blank lines are no sentences`
      : '; row i must belong to sentence i';
  return new IsoscopeError(
    'input',
    `${name} has ${formatCount(vectors.rows)} rows and ${source} ${formatCount(sentences.length)} sentences${why}.`,
  );
}
