import type { DataReader, Encoding, ParquetType } from 'hyparquet';
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { readVarInt } from 'hyparquet/src/thrift.js';
import { readRunLengths } from './runLengths';

/** The numbers or byte strings of a page, without its nulls. */
export type PageValues = Float32Array | Float64Array | Int32Array | BigInt64Array | readonly unknown[];

/** How the values of a column are written. */
export interface ValueType {
  readonly type: ParquetType;
  /** of FIXED_LEN_BYTE_ARRAY */
  readonly byteLength: number | undefined;
}

const FIXED_BYTES: Partial<Record<ParquetType, number>> = { INT32: 4, INT64: 8, INT96: 12, FLOAT: 4, DOUBLE: 8 };

/**
 * Decodes the values of a page: every count is checked against the bytes that are there before anything of that size is made.
 * @param reader behind the levels
 * @param count values, nulls not counted
 * @throws Error or RangeError for damaged bytes or an encoding that is not known
 */
export function readPageValues(
  reader: DataReader,
  count: number,
  encoding: Encoding,
  value: ValueType,
  dictionary: PageValues | undefined,
): PageValues {
  if (count === 0) return [];
  switch (encoding) {
    case 'PLAIN':
      return readPlainValues(reader, count, value);
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      return readDictionaryValues(reader, count, dictionary);
    case 'RLE':
      return readBooleans(reader, count, value.type);
    case 'BYTE_STREAM_SPLIT':
      requireBytes(reader, count, value);
      return byteStreamSplit(reader, count, value.type, value.byteLength) as PageValues;
    case 'DELTA_BINARY_PACKED':
      return unpackDeltas(reader, value.type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count));
    case 'DELTA_LENGTH_BYTE_ARRAY':
      return takeStrings(reader, unpackDeltas(reader, new Int32Array(count)));
    case 'DELTA_BYTE_ARRAY': {
      const prefixes = unpackDeltas(reader, new Int32Array(count));
      return joinPrefixes(prefixes, takeStrings(reader, unpackDeltas(reader, new Int32Array(count))));
    }
    default:
      throw new Error(`values in the encoding ${encoding} cannot be read`);
  }
}

/** @throws Error */
export function readPlainValues(reader: DataReader, count: number, value: ValueType): PageValues {
  requireBytes(reader, count, value);
  return readPlain(reader, value.type, count, value.byteLength) as PageValues;
}

function requireBytes({ view, offset }: DataReader, count: number, { type, byteLength }: ValueType): void {
  const bits =
    type === 'BOOLEAN' ? 1 : type === 'BYTE_ARRAY' ? 32 : 8 * (FIXED_BYTES[type] ?? Math.max(1, byteLength ?? 0));
  const held = view.byteLength - offset;
  if (Math.ceil((count * bits) / 8) > held) {
    throw new Error(`a page holds ${held} bytes for its ${count} values, which are too few`);
  }
}

function readDictionaryValues(reader: DataReader, count: number, dictionary: PageValues | undefined): PageValues {
  if (dictionary === undefined) throw new Error('a page refers to a dictionary that is missing');
  const indices = new Uint32Array(count);
  readRunLengths(reader, reader.view.getUint8(reader.offset++), indices);
  for (let i = 0; i < count; i++) {
    if (indices[i] >= dictionary.length) throw new Error('a page refers to what its dictionary does not hold');
  }
  if (!isTyped(dictionary)) return Array.from(indices, (index) => dictionary[index]);
  const out = new (dictionary.constructor as new (length: number) => Float32Array)(count);
  for (let i = 0; i < count; i++) out[i] = (dictionary as Float32Array)[indices[i]];
  return out;
}

function isTyped(values: PageValues): values is Exclude<PageValues, readonly unknown[]> {
  return ArrayBuffer.isView(values);
}

function readBooleans(reader: DataReader, count: number, type: ParquetType): readonly boolean[] {
  if (type !== 'BOOLEAN') throw new Error(`run lengths of ${type} are damaged`);
  // The length of what follows, which is all that is left.
  reader.offset += 4;
  const bits = new Uint8Array(count);
  readRunLengths(reader, 1, bits);
  return Array.from(bits, (bit) => bit === 1);
}

/** The library trusts the block's sizes; those that the format forbids would make it run in circles. */
function unpackDeltas<Numbers extends Int32Array | BigInt64Array>(reader: DataReader, out: Numbers): Numbers {
  const ahead = { view: reader.view, offset: reader.offset };
  const blockSize = readVarInt(ahead);
  const miniblocks = readVarInt(ahead);
  const isSound = blockSize > 0 && blockSize <= 2 ** 20 && miniblocks > 0 && (blockSize / miniblocks) % 8 === 0;
  if (!isSound) throw new Error(`delta blocks of ${blockSize} values in ${miniblocks} parts are damaged`);
  deltaBinaryUnpack(reader, out.length, out);
  return out;
}

function takeStrings(reader: DataReader, lengths: Int32Array): Uint8Array[] {
  const { view } = reader;
  return Array.from(lengths, (length) => {
    if (length < 0 || reader.offset + length > view.byteLength) throw new Error('a text is longer than its page');
    const bytes = new Uint8Array(view.buffer, view.byteOffset + reader.offset, length);
    reader.offset += length;
    return bytes;
  });
}

/** More text than this from one page, whose own bytes are some MB, is no text. */
const MAX_JOINED_BYTES = 2 ** 28;

function joinPrefixes(prefixes: Int32Array, suffixes: readonly Uint8Array[]): Uint8Array[] {
  let previous = new Uint8Array(0);
  let joinedBytes = 0;
  return suffixes.map((suffix, i) => {
    const prefix = prefixes[i];
    if (prefix < 0 || prefix > previous.length) throw new Error('a text continues more than the one before it');
    joinedBytes += prefix + suffix.length;
    if (joinedBytes > MAX_JOINED_BYTES) throw new Error('a page grows beyond what real texts do');
    const joined = new Uint8Array(prefix + suffix.length);
    joined.set(previous.subarray(0, prefix));
    joined.set(suffix, prefix);
    previous = joined;
    return joined;
  });
}
