import path from 'node:path';
import { encodeRemembering } from '../encoder/vectorMemory';
import { rowNorms, inverseNorms } from '../geometry/rowNorms';
import type { FloatArray, Matrix } from '../linalg/matrix';
import type { EncoderChoice } from '../protocol/engineProtocol';
import { IsoscopeError } from '../protocol/errors';
import type { Note } from '../protocol/snapshot';
import type { CorpusVectors, AnalysisOptions } from './analysis';
import { hashSentences, hashVectors, repeatedSentences, repeatedVectors } from './corpusSummary';
import type { Services } from './services';

/** Text to encode. */
export interface SentenceCorpus {
  /** shown as `corpus.source`, and in errors */
  readonly source: string;
  readonly sentences: readonly string[];
  readonly encoder: EncoderChoice;
}

/** Ready vectors, with or without the sentences they belong to. */
export interface VectorCorpus {
  /** shown as `corpus.source`, and in errors */
  readonly source: string;
  /** shape [N, d], float32 or float64: kept as it is */
  readonly vectors: Matrix;
  /** what made the vectors, as far as it is known: the file's name and the sha256 of its bytes */
  readonly encoder: { readonly id: string; readonly sha256: string };
  /** one per row */
  readonly sentences?: readonly string[] | undefined;
  /** each row to unit length first */
  readonly normalize?: boolean | undefined;
}

/** Rows that a note lists at most. */
const LISTED_ROWS = 1000;

/**
 * Encodes what the memory does not hold.
 * @throws IsoscopeError `input` for no sentences, `encoder`; AbortError when cancelled
 */
export async function encodeCorpus(
  { source, sentences, encoder: choice }: SentenceCorpus,
  services: Services,
  { signal, onProgress }: AnalysisOptions,
): Promise<CorpusVectors> {
  const start = performance.now();
  if (sentences.length === 0) {
    throw new IsoscopeError('input', `${source} has no sentences: every line that is not blank is one.`);
  }
  onProgress?.({ stage: 'loading', done: 0, total: 1 });
  const encoder = await services.openEncoder(choice);
  signal?.throwIfAborted();
  onProgress?.({ stage: 'loading', done: 1, total: 1 });
  const encodeStart = performance.now();
  const { vectors, truncatedRows, encodedCount, notes } = await encodeRemembering(encoder, sentences, services.memory, {
    ...(signal && { signal }),
    onProgress: (done, total) => onProgress?.({ stage: 'encoding', done, total }),
  });
  const end = performance.now();
  const repeated = repeatedSentences(sentences);
  return {
    corpus: {
      source,
      count: sentences.length,
      sha256: hashSentences(sentences),
      truncated: truncatedRows.length,
      duplicates: repeated.length,
    },
    encoder: encoder.summary,
    vectors,
    truncatedRows,
    encodedCount,
    offer: encoder.offer,
    notes: [
      ...encoder.notes,
      ...(notes ?? []),
      ...truncationNote(truncatedRows, sentences.length, encoder.summary.maxTokens),
      ...repetitionNote(repeated, sentences.length, 'sentence'),
    ],
    encodeMs: end - encodeStart,
    preparationMs: end - start,
  };
}

/**
 * Takes ready vectors as they are.
 * @throws IsoscopeError `input` for no rows, no columns, or not as many rows as sentences
 */
export function takeVectors(given: VectorCorpus, services: Services): CorpusVectors {
  const start = performance.now();
  const { source, sentences, encoder } = given;
  const { rows, columns } = given.vectors;
  if (rows === 0 || columns === 0)
    throw new IsoscopeError('input', `${source} has no vectors: its shape is (${rows}, ${columns}).`);
  if (sentences !== undefined && sentences.length !== rows) {
    throw new IsoscopeError(
      'input',
      `${source} has ${sentences.length} sentences and ${encoder.id} ${rows} rows: they must belong together line by line.`,
    );
  }
  const vectors = given.normalize === true ? toUnitRows(given.vectors) : given.vectors;
  const repeated = sentences === undefined ? repeatedVectors(vectors) : repeatedSentences(sentences);
  return {
    corpus: {
      source,
      count: rows,
      sha256: sentences === undefined ? hashVectors(given.vectors) : hashSentences(sentences),
      truncated: null,
      duplicates: repeated.length,
    },
    encoder: {
      id: path.basename(encoder.id),
      sha256: encoder.sha256,
      dimension: columns,
      layer: null,
      pooling: null,
      normalized: given.normalize === true,
      maxTokens: null,
      backend: 'none',
      threads: services.runtime.threads,
    },
    vectors,
    truncatedRows: new Uint32Array(0),
    encodedCount: 0,
    offer: null,
    notes: repetitionNote(repeated, rows, sentences === undefined ? 'row' : 'sentence'),
    encodeMs: 0,
    preparationMs: performance.now() - start,
  };
}

function truncationNote(rows: Uint32Array, count: number, maxTokens: number | null): Note[] {
  if (rows.length === 0) return [];
  const limit = maxTokens === null ? 'what the encoder takes' : `${maxTokens} tokens`;
  const message = `${rows.length} of ${count} sentences are longer than ${limit} and were cut there.`;
  return [{ code: 'truncated', message, keys: ['corpus.truncated'], rows: Array.from(rows.subarray(0, LISTED_ROWS)) }];
}

function repetitionNote(rows: readonly number[], count: number, noun: 'sentence' | 'row'): Note[] {
  if (rows.length === 0) return [];
  const message =
    `${rows.length} of ${count} ${noun}s repeat${rows.length === 1 ? 's' : ''} an earlier one: pairs of equal ${noun}s have ` +
    'cosine 1 and raise the upper quantiles.';
  return [{ code: 'duplicates', message, keys: ['corpus.duplicates'], rows: rows.slice(0, LISTED_ROWS) }];
}

/** Rows of unit length, in the same precision; a row of length 0 stays. */
export function toUnitRows<Data extends FloatArray>(matrix: Matrix<Data>): Matrix<Data> {
  const inverse = inverseNorms(rowNorms(matrix));
  const data = matrix.data.slice() as Data;
  for (let row = 0, at = 0; row < matrix.rows; row++) {
    if (inverse[row] === 0) at += matrix.columns;
    else for (let column = 0; column < matrix.columns; column++, at++) data[at] *= inverse[row];
  }
  return { ...matrix, data };
}
