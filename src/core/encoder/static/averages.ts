import type { Matrix64 } from '../../linalg/matrix';
import type { RowMemory } from './rowMemory';
import type { WordSequence } from './wordSequences';

/** How the rows of a sentence become one vector. */
export interface Averaging {
  readonly kind: 'mean' | 'max';
  /** what a word's row is multiplied by; `null` for equal weights */
  readonly weightOf: ((row: number) => number) | null;
}

/** Numbers of the rows that are in memory at once, at most: 64 MB. */
const NUMBERS_AT_ONCE = 2 ** 24;

/**
 * Vectors of sentences, float64, shape [sentences, d]: (1/n)·Σ w·row over the n words that are known (Arora, Liang & Ma 2017, Algorithm 1, line 2), or the largest number of
 * each dimension. No known word gives the zero vector.
 * @param pause is called between pieces of work; throws when the work is cancelled
 */
export async function averageRows(
  sequences: readonly WordSequence[],
  { kind, weightOf }: Averaging,
  memory: RowMemory,
  dimension: number,
  pause: () => Promise<void>,
): Promise<Matrix64> {
  const vectors = new Float64Array(sequences.length * dimension);
  if (kind === 'max') vectors.fill(-Infinity);
  const take = kind === 'max' ? takeLarger : addWeighted;
  for (const { sentence, from, rows } of cutIntoPieces(sequences, Math.ceil(NUMBERS_AT_ONCE / dimension))) {
    await pause();
    await memory.load(rows);
    const { data } = memory;
    let owner = sentence;
    let left = sequences[owner].rows.length - from;
    for (const row of rows) {
      while (left === 0) left = sequences[++owner].rows.length;
      left--;
      take(vectors, owner * dimension, data, memory.offsetOf(row), dimension, weightOf ? weightOf(row) : 1);
    }
  }
  sequences.forEach(({ rows }, i) => {
    const vector = vectors.subarray(i * dimension, (i + 1) * dimension);
    if (rows.length === 0) vector.fill(0);
    else if (kind === 'mean') for (let j = 0; j < dimension; j++) vector[j] /= rows.length;
  });
  return { data: vectors, rows: sequences.length, columns: dimension };
}

/** Rows of all sentences one after the other, in pieces; each says with which word of which sentence it begins. */
function* cutIntoPieces(sequences: readonly WordSequence[], mostWords: number) {
  let piece = new Uint32Array(Math.min(mostWords, countWords(sequences)));
  let used = 0;
  let start = { sentence: 0, from: 0 };
  for (let sentence = 0; sentence < sequences.length; sentence++) {
    const { rows } = sequences[sentence];
    for (let from = 0; from < rows.length;) {
      if (used === piece.length) {
        yield { ...start, rows: piece };
        piece = new Uint32Array(piece.length);
        used = 0;
        start = { sentence, from };
      }
      const taken = Math.min(rows.length - from, piece.length - used);
      piece.set(rows.subarray(from, from + taken), used);
      used += taken;
      from += taken;
    }
  }
  if (used > 0) yield { ...start, rows: piece.subarray(0, used) };
}

function countWords(sequences: readonly WordSequence[]): number {
  return sequences.reduce((sum, { rows }) => sum + rows.length, 0);
}

function addWeighted(
  vectors: Float64Array,
  at: number,
  data: Float32Array,
  from: number,
  dimension: number,
  weight: number,
): void {
  for (let j = 0; j < dimension; j++) vectors[at + j] += weight * data[from + j];
}

function takeLarger(
  vectors: Float64Array,
  at: number,
  data: Float32Array,
  from: number,
  dimension: number,
  weight: number,
): void {
  for (let j = 0; j < dimension; j++) vectors[at + j] = Math.max(vectors[at + j], weight * data[from + j]);
}
