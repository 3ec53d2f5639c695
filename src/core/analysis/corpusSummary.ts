import { createHash } from 'node:crypto';
import { groupEqualRows } from '../geometry/distinctRows';
import type { Matrix } from '../linalg/matrix';

/** sha256 of the sentences joined by line feeds, UTF-8, hexadecimal. Nothing is joined in memory. */
export function hashSentences(sentences: readonly string[]): string {
  const hash = createHash('sha256');
  sentences.forEach((sentence, row) => {
    if (row > 0) hash.update('\n');
    hash.update(sentence, 'utf8');
  });
  return hash.digest('hex');
}

/** sha256 of the float bytes, row-major, little-endian, in the matrix's own precision; hexadecimal. */
export function hashVectors({ data }: Matrix): string {
  // All platforms that run Node are little-endian, so memory is what is asked for.
  return createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex');
}

/** Rows whose sentence stood in an earlier row, ascending. */
export function repeatedSentences(sentences: readonly string[]): number[] {
  const seen = new Set<string>();
  const repeated: number[] = [];
  sentences.forEach((sentence, row) => {
    if (seen.has(sentence)) repeated.push(row);
    else seen.add(sentence);
  });
  return repeated;
}

/** Rows that equal an earlier row to the bit, ascending. */
export function repeatedVectors(vectors: Matrix): number[] {
  const { firstRows, groupOf } = groupEqualRows(vectors, null);
  const repeated: number[] = [];
  groupOf.forEach((group, row) => {
    if (firstRows[group] !== row) repeated.push(row);
  });
  return repeated;
}
