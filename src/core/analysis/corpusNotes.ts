import { rowNorms } from '../geometry/rowNorms';
import type { Matrix } from '../linalg/matrix';
import type { Note } from '../protocol/snapshot';

/** Rows that a note lists at most. */
const LISTED_ROWS = 1000;

export function truncationNote(rows: Uint32Array, count: number, maxTokens: number | null): Note[] {
  if (rows.length === 0) return [];
  const limit = maxTokens === null ? 'what the encoder takes' : `${maxTokens} tokens`;
  const message = `${rows.length} of ${count} sentences are longer than ${limit} and were cut there.`;
  return [{ code: 'truncated', message, keys: ['corpus.truncated'], rows: Array.from(rows.subarray(0, LISTED_ROWS)) }];
}

/** Rows that repeat an earlier one. */
export function repetitionNote(rows: readonly number[], count: number, noun: 'sentence' | 'row'): Note[] {
  if (rows.length === 0) return [];
  const message =
    `${rows.length} of ${count} ${noun}s repeat${rows.length === 1 ? 's' : ''} an earlier one: pairs of equal ${noun}s have ` +
    'cosine 1 and raise the upper quantiles.';
  return [{ code: 'duplicates', message, keys: ['corpus.duplicates'], rows: rows.slice(0, LISTED_ROWS) }];
}

/** The same of ready vectors without text. Rows of length 0 have no cosine: of them the sentence on cosines is not true. */
export function repeatedRowsNote(rows: readonly number[], vectors: Matrix): Note[] {
  const norms = rowNorms(vectors);
  const empty = rows.filter((row) => norms[row] === 0).length;
  const [note] = repetitionNote(rows, vectors.rows, 'row');
  if (empty === 0) return rows.length === 0 ? [] : [note];
  const are = empty === 1 ? 'is' : 'are';
  const have = empty === 1 ? 'has' : 'have';
  const which =
    empty === rows.length
      ? `${empty === 1 ? 'it' : 'they'} ${are} of length 0 and ${have} no cosine.`
      : `${empty} of them ${are} of length 0 and ${have} no cosine, pairs of the other equal rows have cosine 1 and raise the upper quantiles.`;
  const message = `${rows.length} of ${vectors.rows} rows repeat${rows.length === 1 ? 's' : ''} an earlier one; ${which}`;
  return [{ ...note, message }];
}

/** Equal sentences have vectors that are equal but for the encoder's rounding; where they differ by more than this cosine, rows and lines hardly belong together. */
const SAME_SENTENCE_COSINE = 0.9;

/** A sign that rows and lines do not belong together. */
export function differingNote(sentences: readonly string[], vectors: Matrix): Note[] {
  const firstRows = new Map<string, number>();
  const norms = rowNorms(vectors);
  const differing: number[] = [];
  sentences.forEach((sentence, row) => {
    const first = firstRows.get(sentence);
    if (first === undefined) {
      firstRows.set(sentence, row);
      return;
    }
    let product = 0;
    const { data, columns } = vectors;
    for (let i = 0; i < columns; i++) product += data[row * columns + i] * data[first * columns + i];
    if (product < SAME_SENTENCE_COSINE * norms[row] * norms[first]) differing.push(row);
  });
  if (differing.length === 0) return [];
  const message =
    `${differing.length} of ${sentences.length} sentences repeat an earlier one and have quite another vector than it: ` +
    'the rows may not belong to these lines.';
  return [{ code: 'repeats-differ', message, rows: differing.slice(0, LISTED_ROWS) }];
}
