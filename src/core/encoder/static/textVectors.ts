import { IsoscopeError } from '../../protocol/errors';
import { parseDecimal } from './decimal';
import { MAX_LINE_BYTES } from './vectorFormat';
import type { VectorParser, VectorSink } from './vectorParser';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

export interface TextLayout {
  readonly dimension: number;
  /** words that the first line promises; `null` where there is no such line */
  readonly count: number | null;
  /** bytes before the first vector */
  readonly dataOffset: number;
}

/**
 * GloVe's and word2vec's text: a word and d decimal numbers a line, parted by spaces. A word may hold spaces (glove.840B has ". . ." and "at name@domain.com"): the last d
 * fields are the numbers, what stands before them is the word.
 */
export function createTextParser(layout: TextLayout, sink: VectorSink, path: string): VectorParser {
  const { dimension, count } = layout;
  const row = new Float32Array(dimension);
  // Starts and ends of a line's fields; a field more than a word with many spaces needs is not kept.
  const fields = new Int32Array(2 * (dimension + 64));
  const mostFields = fields.length / 2;
  let line = count === null ? 0 : 1;
  let words = 0;
  let emptyLine = 0;
  let skipped = 0;

  function takeLine(bytes: Buffer, start: number, end: number): void {
    line++;
    const found = splitLine(bytes, start, end, fields);
    if (found === 0) {
      emptyLine ||= line;
      return;
    }
    if (emptyLine > 0) refuse(`line ${emptyLine} is empty`);
    if (count !== null && words === count)
      refuse(`line ${line} is one more than the ${count} words that the first line promises`);
    const extra = Math.min(found, mostFields) - dimension - 1;
    if (extra < 0)
      refuse(`line ${line} has ${found - 1} ${found === 2 ? 'number' : 'numbers'} where ${dimension} are needed`);
    const isNumberToo = extra > 0 && !Number.isNaN(parseDecimal(bytes, fields[2 * extra], fields[2 * extra + 1]));
    if (isNumberToo || found > mostFields) refuse(`line ${line} has more than ${dimension} numbers`);
    for (let j = 0; j < dimension; j++) {
      const at = 2 * (j + 1 + extra);
      const number = Math.fround(parseDecimal(bytes, fields[at], fields[at + 1]));
      if (!Number.isFinite(number)) refuseNumber(bytes, fields[at], fields[at + 1], j);
      row[j] = number;
    }
    words++;
    sink.add(bytes, fields[0], fields[2 * extra + 1], row, -1);
  }

  function refuseNumber(bytes: Buffer, start: number, end: number, column: number): never {
    const text = JSON.stringify(bytes.toString('utf8', start, Math.min(end, start + 40)));
    refuse(`number ${column + 1} of line ${line} is ${text}, not a finite float32 number`);
  }

  function refuse(problem: string): never {
    throw new IsoscopeError('encoder', `${path} cannot be used: ${problem}.`);
  }

  return {
    take(bytes, isLast) {
      let start = Math.min(layout.dataOffset - skipped, bytes.length);
      skipped += start;
      if (skipped < layout.dataOffset) return start;
      for (;;) {
        const end = bytes.indexOf(LINE_FEED, start);
        if (end < 0) break;
        takeLine(bytes, start, end);
        start = end + 1;
      }
      if (bytes.length - start > MAX_LINE_BYTES) refuse(`line ${line + 1} is longer than ${MAX_LINE_BYTES} bytes`);
      if (!isLast) return start;
      if (start < bytes.length) takeLine(bytes, start, bytes.length);
      if (count !== null && words < count) {
        refuse(`its first line promises ${count} words and ${words} are there, so it is cut short`);
      }
      return bytes.length;
    },
  };
}

/** Writes where the fields of a line start and end; returns their number, which may be larger than what could be written. */
function splitLine(bytes: Buffer, start: number, end: number, fields: Int32Array): number {
  const last = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
  let found = 0;
  for (let at = start; at < last;) {
    while (at < last && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
    if (at === last) break;
    const begin = at;
    while (at < last && bytes[at] !== SPACE && bytes[at] !== TAB) at++;
    if (2 * found < fields.length) {
      fields[2 * found] = begin;
      fields[2 * found + 1] = at;
    }
    found++;
  }
  return found;
}
