import { IsoscopeError } from '../../protocol/errors';
import { describeDisguise } from '../modelFiles';
import { parseDecimal } from './decimal';

/** How a file of word vectors is written, told from its first bytes. */
export type VectorFormat =
  /** a word and its numbers per line */
  | { readonly kind: 'glove'; readonly dimension: number; readonly dataOffset: number }
  /** the same after a line "words dimension" (word2vec's text format, fastText's .vec) */
  | { readonly kind: 'word2vec-text'; readonly dimension: number; readonly count: number; readonly dataOffset: number }
  /** after that line: word, space, little-endian float32 numbers */
  | {
      readonly kind: 'word2vec-binary';
      readonly dimension: number;
      readonly count: number;
      readonly dataOffset: number;
    };

/** Longest line that is read, and what `recognizeFormat` wants to see of a file. */
export const MAX_LINE_BYTES = 2 ** 20;
const MAX_DIMENSION = 65_536;
/** Of the bytes after the header: binary numbers show themselves within a few. */
const TEXT_SAMPLE_BYTES = 2 ** 16;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * @param head the first MAX_LINE_BYTES (unpacked) or the whole file
 * @throws IsoscopeError `encoder` that says what the file is instead
 */
export function recognizeFormat(head: Buffer, path: string): VectorFormat {
  const foreign = describeDisguise(head) ?? guessForeignFormat(head);
  if (foreign !== undefined) refuse(path, `is ${foreign}`);
  const start = BYTE_ORDER_MARK.every((byte, i) => head[i] === byte) ? BYTE_ORDER_MARK.length : 0;
  const lineEnd = head.indexOf(0x0a, start);
  const firstLine = head.toString('latin1', start, Math.min(lineEnd < 0 ? head.length : lineEnd, start + 100)).trim();
  const header = /^(\d{1,15})[ \t]+(\d{1,15})$/.exec(firstLine);
  if (header && lineEnd >= 0) return readHeader(header, head.subarray(lineEnd + 1), lineEnd + 1, path);
  if (!looksLikeText(head)) {
    refuse(
      path,
      'is neither GloVe nor word2vec: its first line is not "words dimension", and what follows is not text. Name a GloVe .txt file, a word2vec .txt or .bin file, or a model folder',
    );
  }
  if (lineEnd < 0 && head.length >= MAX_LINE_BYTES)
    refuse(path, 'is no file of word vectors: its first line has no end');
  const dimension = countNumbers(head.subarray(start, lineEnd < 0 ? head.length : lineEnd));
  if (dimension === 0) {
    refuse(path, 'is no file of word vectors: its first line is not a word and its numbers, nor "words dimension"');
  }
  return { kind: 'glove', dimension: checkDimension(dimension, path), dataOffset: start };
}

function readHeader(match: RegExpExecArray, rest: Buffer, dataOffset: number, path: string): VectorFormat {
  const count = Number(match[1]);
  const dimension = checkDimension(Number(match[2]), path);
  if (count === 0) refuse(path, 'promises 0 words in its first line: it holds nothing');
  return { kind: looksLikeText(rest) ? 'word2vec-text' : 'word2vec-binary', dimension, count, dataOffset };
}

function checkDimension(dimension: number, path: string): number {
  if (dimension === 0) refuse(path, 'promises vectors of 0 dimensions in its first line');
  if (dimension > MAX_DIMENSION) {
    refuse(
      path,
      `claims ${dimension} dimensions, where ${MAX_DIMENSION} are the limit: it is damaged or no file of word vectors`,
    );
  }
  return dimension;
}

/** Binary numbers hold control characters, at the latest in the second vector; words and decimal numbers do not. */
function looksLikeText(bytes: Buffer): boolean {
  return bytes.subarray(0, TEXT_SAMPLE_BYTES).every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

/** Numbers at the end of a line whose first field is a word: a word may be a number itself, or hold spaces. */
function countNumbers(line: Buffer): number {
  const fields = line
    .toString('latin1')
    .trim()
    .split(/[ \t]+/);
  let numbers = 0;
  while (numbers < fields.length - 1) {
    const field = Buffer.from(fields[fields.length - 1 - numbers], 'latin1');
    if (Number.isNaN(parseDecimal(field, 0, field.length))) break;
    numbers++;
  }
  return numbers;
}

/** What else people have in their folders of vectors. */
function guessForeignFormat(head: Buffer): string | undefined {
  const starts = (...signature: readonly number[]) => signature.every((byte, i) => head[i] === byte);
  if (starts(0x50, 0x4b, 3, 4)) return 'a zip archive: unpack it and name the .txt or .bin file inside';
  if (starts(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59)) return 'a NumPy array: ready vectors are given with --vectors';
  if (starts(0x80) && head[1] >= 2 && head[1] <= 5) {
    return "a Python pickle (gensim's own format), which can run code and is never loaded: write it with save_word2vec_format";
  }
  if (starts(0xba, 0x16, 0x4f, 0x2f)) return "fastText's own .bin format: take the .vec file that comes with it";
  if (starts(0x89, 0x48, 0x44, 0x46)) return 'an HDF5 file: write the vectors in word2vec format';
  if (starts(0x28, 0xb5, 0x2f, 0xfd) || starts(0xfd, 0x37, 0x7a, 0x58) || starts(0x42, 0x5a, 0x68)) {
    return 'compressed in a format other than gzip: unpack it';
  }
  if (head[8] === 0x7b && head.readUInt32LE(4) === 0) return 'a .safetensors file: name the folder that it lies in';
  return undefined;
}

function refuse(path: string, problem: string): never {
  throw new IsoscopeError('encoder', `${path} ${problem}.`);
}
