import { IsoscopeError } from '../../protocol/errors';
import type { VectorParser, VectorSink } from './vectorParser';

const LINE_FEED = 0x0a;
const SPACE = 0x20;
/** word2vec itself cuts words at 100 bytes, gensim at none. */
const MAX_WORD_BYTES = 10_000;

export interface BinaryLayout {
  readonly dimension: number;
  readonly count: number;
  /** bytes before the first word */
  readonly dataOffset: number;
}

/**
 * word2vec's binary: word, space, d little-endian float32 numbers. The original tool writes a line feed after a vector, gensim none: one before a word does not belong to it.
 */
export function createBinaryParser(layout: BinaryLayout, sink: VectorSink, path: string): VectorParser {
  const { dimension, count } = layout;
  const row = new Float32Array(dimension);
  const rowBytes = new Uint8Array(row.buffer);
  let words = 0;
  /** of the first byte of `bytes` in the file */
  let offset = 0;
  let skipped = 0;

  /** Reads a word and its vector at `start`; returns where they end, or −1 when they do not end in `bytes`. */
  function takeVector(bytes: Buffer, start: number): number {
    let from = start;
    while (from < bytes.length && bytes[from] === LINE_FEED) from++;
    const space = bytes.indexOf(SPACE, from);
    if ((space < 0 ? bytes.length : space) - from > MAX_WORD_BYTES) {
      refuse(
        `word ${words + 1} of ${count} has no end, so the file is damaged or its vectors do not have ${dimension} dimensions`,
      );
    }
    const end = space + 1 + 4 * dimension;
    if (space < 0 || end > bytes.length) return -1;
    rowBytes.set(bytes.subarray(space + 1, end));
    words++;
    for (let j = 0; j < dimension; j++) if (!Number.isFinite(row[j])) refuseNumber(bytes, from, space, j);
    sink.add(bytes, from, space, row, offset + space + 1);
    return end;
  }

  function refuseNumber(bytes: Buffer, start: number, end: number, column: number): never {
    const word = JSON.stringify(bytes.toString('utf8', start, Math.min(end, start + 40)));
    refuse(`number ${column + 1} of word ${words} of ${count} (${word}) is ${row[column]}`);
  }

  function refuse(problem: string): never {
    throw new IsoscopeError('encoder', `${path} cannot be used: ${problem}.`);
  }

  return {
    take(bytes, isLast) {
      let start = Math.min(layout.dataOffset - skipped, bytes.length);
      skipped += start;
      while (skipped === layout.dataOffset && words < count) {
        const end = takeVector(bytes, start);
        if (end < 0) break;
        start = end;
      }
      if (words === count) {
        while (start < bytes.length && bytes[start] === LINE_FEED) start++;
        if (start < bytes.length) refuse(`it goes on after the ${count} words that its first line promises`);
      } else if (isLast) {
        refuse(`its first line promises ${count} words and it ends within word ${words + 1}, so it is cut short`);
      }
      offset += start;
      return start;
    },
  };
}
