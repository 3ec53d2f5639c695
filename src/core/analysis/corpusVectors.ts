import path from 'node:path';
import { matchRows, pickRows } from '../corpus/matchRows';
import { readVectorFile } from '../corpus/vectorFile';
import { encodeExploring } from '../encoder/layers/encodeExploring';
import { encodeRemembering } from '../encoder/rememberVectors';
import { rowNorms, inverseNorms } from '../geometry/rowNorms';
import type { FloatArray, Matrix } from '../linalg/matrix';
import type { EncoderChoice } from '../protocol/engineProtocol';
import { IsoscopeError } from '../protocol/errors';
import type { Note } from '../protocol/snapshot';
import type { CorpusVectors, AnalysisOptions } from './analysis';
import { differingNote, repeatedRowsNote, repetitionNote, truncationNote } from './corpusNotes';
import { hashSentences, hashVectors, repeatedSentences, repeatedVectors } from './corpusSummary';
import type { Services } from './services';

/** Text to encode. */
export interface SentenceCorpus {
  /** shown as `corpus.source`, and in errors */
  readonly source: string;
  readonly sentences: readonly string[];
  readonly encoder: EncoderChoice;
  /** whether other layers and poolings are made in the same pass and remembered */
  readonly explore?: boolean | undefined;
  /** for ready vectors: see `MatchedText` */
  readonly rows?: Uint32Array | undefined;
  readonly rowCount?: number | undefined;
  readonly lines?: Uint32Array | undefined;
}

/** Ready vectors, with or without the sentences they belong to. */
export interface VectorCorpus {
  /** shown as `corpus.source`, and in errors */
  readonly source: string;
  /** shape [N, d], float32 or float64: kept as it is */
  readonly vectors: Matrix;
  /** what made the vectors, as far as it is known: the file's name and the sha256 of its bytes */
  readonly encoder: { readonly id: string; readonly sha256: string };
  /** one per row, or, with `rows`, one per row named there */
  readonly sentences?: readonly string[] | undefined;
  /** for the match with the vectors: see `MatchedText` */
  readonly rows?: Uint32Array | undefined;
  readonly rowCount?: number | undefined;
  readonly lines?: Uint32Array | undefined;
  /** what the reader of the file has to say */
  readonly notes?: readonly Note[] | undefined;
  /** each row to unit length first */
  readonly normalize?: boolean | undefined;
}

/**
 * Encodes what the memory does not hold.
 * @throws IsoscopeError `input` for no sentences, `encoder`; AbortError when cancelled
 */
export async function encodeCorpus(
  { source, sentences, encoder: choice, explore }: SentenceCorpus,
  services: Services,
  { signal, onProgress }: AnalysisOptions,
): Promise<CorpusVectors> {
  const start = performance.now();
  if (sentences.length === 0) {
    throw new IsoscopeError('input', `${source} has no sentences: every line that is not blank is one.`);
  }
  onProgress?.({ stage: 'loading', done: 0, total: 1 });
  const encoder = await services.openEncoder(choice, {
    signal,
    onProgress: (done, total) => onProgress?.({ stage: 'loading', done, total }),
  });
  signal?.throwIfAborted();
  onProgress?.({ stage: 'loading', done: 1, total: 1 });
  const encodeStart = performance.now();
  const encode = explore === true ? encodeExploring : encodeRemembering;
  const { vectors, truncatedRows, encodedCount, notes } = await encode(encoder, sentences, services, {
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
    sentences,
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
 * Sentences as vectors: read from the file of a choice with `vectors` and matched row by row, else encoded.
 * @throws as `encodeCorpus`, `readVectorFile` and `takeVectors`
 */
export async function vectorsOfSentences(
  corpus: SentenceCorpus,
  services: Services,
  options: AnalysisOptions,
): Promise<CorpusVectors> {
  const { encoder, ...text } = corpus;
  if (encoder.vectors === undefined) return encodeCorpus(corpus, services, options);
  const start = performance.now();
  const { signal, onProgress } = options;
  onProgress?.({ stage: 'loading', done: 0, total: 1 });
  const file = await readVectorFile(encoder.encoder, { array: encoder.vectors.name, ...(signal && { signal }) });
  onProgress?.({ stage: 'loading', done: 1, total: 1 });
  const taken = takeVectors(
    {
      ...text,
      vectors: file.vectors,
      encoder: { id: file.name, sha256: file.sha256 },
      notes: file.notes,
      normalize: encoder.normalize === 'yes',
    },
    services,
  );
  return { ...taken, preparationMs: performance.now() - start };
}

/**
 * Takes ready vectors as they are.
 * @throws IsoscopeError `input` for no rows, no columns, or not as many rows as sentences
 */
export function takeVectors(given: VectorCorpus, services: Services): CorpusVectors {
  const start = performance.now();
  const { source, sentences, encoder } = given;
  const { rows: rowsInFile, columns } = given.vectors;
  if (rowsInFile === 0 || columns === 0)
    throw new IsoscopeError('input', `${source} has no vectors: its shape is (${rowsInFile}, ${columns}).`);
  const matched =
    sentences === undefined ? null : matchRows({ ...given, sentences }, { name: encoder.id, rows: rowsInFile });
  const chosen = matched === null ? given.vectors : pickRows(given.vectors, matched);
  const vectors = given.normalize === true ? toUnitRows(chosen) : chosen;
  const repeated = sentences === undefined ? repeatedVectors(vectors) : repeatedSentences(sentences);
  return {
    corpus: {
      source,
      count: chosen.rows,
      sha256: sentences === undefined ? hashVectors(chosen) : hashSentences(sentences),
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
    sentences: sentences ?? null,
    truncatedRows: new Uint32Array(0),
    encodedCount: 0,
    offer: null,
    notes: [
      ...(given.notes ?? []),
      ...(sentences === undefined
        ? repeatedRowsNote(repeated, vectors)
        : [...repetitionNote(repeated, chosen.rows, 'sentence'), ...differingNote(sentences, vectors)]),
    ],
    encodeMs: 0,
    preparationMs: performance.now() - start,
  };
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
