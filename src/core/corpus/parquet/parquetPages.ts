import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { ColumnMetaData, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { damaged, guarded, type ParquetColumn, type ParquetFile } from './parquetFile';
import { unpackPage } from './parquetCodecs';
import { type PageValues, readPageValues, readPlainValues } from './pageValues';
import { readRunLengths } from './runLengths';

/** A data page: slots with levels, and the values of those slots that have one. */
export interface ParquetPage {
  readonly slots: number;
  /** definition level of each slot; `null`: every slot has a value */
  readonly definitions: Uint8Array | null;
  /** repetition level of each slot, 0 where a row begins; `null`: each slot is a row */
  readonly repetitions: Uint8Array | null;
  readonly values: PageValues;
  /** values of a dictionary are the same objects again and again */
  readonly isFromDictionary: boolean;
}

/** Dictionaries and run lengths reach 100 : 1 on real data, but not with pages of this size (writers make them of 1 MB). */
const SUSPICIOUS_BYTES = 2 ** 28;
const SUSPICIOUS_RATIO = 100;

/**
 * The pages of a column, one after the other; another piece of work gets its turn between two of them.
 * @throws IsoscopeError `input` naming the file and the column; AbortError
 */
export async function* readPages(
  file: ParquetFile,
  column: ParquetColumn,
  signal?: AbortSignal,
): AsyncGenerator<ParquetPage> {
  for (const chunk of column.chunks) {
    for (const page of readChunk(file, column, chunk)) {
      await nextTurn();
      signal?.throwIfAborted();
      yield page;
    }
  }
}

function* readChunk(file: ParquetFile, column: ParquetColumn, chunk: ColumnMetaData): Generator<ParquetPage> {
  // A row group without rows has no pages, and its offsets mean nothing.
  if (Number(chunk.num_values) === 0) return;
  const { bytes } = file;
  const label = `${file.name}, column ${column.name}`;
  const start = Math.min(Number(chunk.data_page_offset), Number(chunk.dictionary_page_offset ?? Infinity) || Infinity);
  if (!(start >= 4 && start < bytes.length)) throw damaged(label, 'its pages lie outside the file');
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: start };
  let left = Number(chunk.num_values);
  let dictionary: PageValues | undefined;
  while (left > 0) {
    const header = guarded(label, () => parquetHeader(reader));
    const body = guarded(label, () => takeBody(header, reader, bytes));
    if (header.type === 'DICTIONARY_PAGE') {
      dictionary = guarded(label, () => readDictionary(header, body, chunk, column));
    } else if (header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2') {
      const page = guarded(label, () => readDataPage(header, body, chunk, column, dictionary, left));
      left -= page.slots;
      yield page;
    }
    // Pages of other kinds (indices) hold no values.
  }
}

/** The packed bytes behind a header, whose sizes and checksum are looked at first. The header's types are not to be trusted: any field may be anything. */
function takeBody(header: PageHeader, reader: { offset: number }, bytes: Uint8Array): Uint8Array {
  const { compressed_page_size: packed, uncompressed_page_size: unpacked, crc } = header;
  if (!isCount(packed) || !isCount(unpacked) || reader.offset + packed > bytes.length) {
    throw new Error('it is cut short within a page');
  }
  if (unpacked > SUSPICIOUS_BYTES && unpacked > SUSPICIOUS_RATIO * packed) {
    throw new Error(`a page would grow from ${packed} to ${unpacked} bytes, which no real page does`);
  }
  const body = bytes.subarray(reader.offset, reader.offset + packed);
  reader.offset += packed;
  if (crc !== undefined && (crc32(body) | 0) !== crc) throw new Error('the checksum of a page is wrong');
  return body;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function readDictionary(header: PageHeader, body: Uint8Array, chunk: ColumnMetaData, column: ParquetColumn) {
  const page = unpackPage(body, header.uncompressed_page_size, chunk.codec);
  const count = header.dictionary_page_header?.num_values;
  if (!isCount(count)) throw new Error('a dictionary does not say how long it is');
  return readPlainValues(readerOf(page), count, column);
}

function readDataPage(
  header: PageHeader,
  body: Uint8Array,
  chunk: ColumnMetaData,
  column: ParquetColumn,
  dictionary: PageValues | undefined,
  left: number,
): ParquetPage {
  const facts = header.data_page_header_v2 ?? header.data_page_header;
  if (!facts) throw new Error('the header of a page is incomplete');
  const slots = facts.num_values;
  // An empty page is allowed; pages that never end are not.
  if (!isCount(slots) || slots > left || (slots === 0 && body.length === 0)) {
    throw new Error(`a page claims ${slots} values where ${left} are left`);
  }
  const { page, definitions, repetitions, offset } = readLevels(header, body, chunk, column, slots);
  const reader = readerOf(page, offset);
  const { maxDefinition } = column;
  let count = slots;
  if (definitions) {
    count = 0;
    for (let i = 0; i < slots; i++) if (definitions[i] === maxDefinition) count++;
  }
  return {
    slots,
    definitions: count === slots ? null : definitions,
    repetitions,
    values: readPageValues(reader, count, facts.encoding, column, dictionary),
    isFromDictionary: facts.encoding.endsWith('_DICTIONARY'),
  };
}

/** Levels stand before the values: packed with them in version 1, each with its length; unpacked in version 2. */
function readLevels(
  header: PageHeader,
  body: Uint8Array,
  chunk: ColumnMetaData,
  { maxDefinition, maxRepetition }: ParquetColumn,
  slots: number,
) {
  const second = header.data_page_header_v2;
  if (second === undefined) {
    const first = header.data_page_header;
    const page = unpackPage(body, header.uncompressed_page_size, chunk.codec);
    const reader = readerOf(page);
    const read = (maximum: number, encoding: string | undefined) => {
      if (maximum === 0) return null;
      if (encoding !== 'RLE') throw new Error(`levels in the encoding ${String(encoding)} cannot be read`);
      const end = reader.offset + 4 + reader.view.getUint32(reader.offset, true);
      reader.offset += 4;
      const levels = levelsOf(reader, maximum, slots);
      reader.offset = end;
      return levels;
    };
    const repetitions = read(maxRepetition, first?.repetition_level_encoding);
    const definitions = read(maxDefinition, first?.definition_level_encoding);
    return { page, repetitions, definitions, offset: reader.offset };
  }
  const { repetition_levels_byte_length: repetitionBytes, definition_levels_byte_length: definitionBytes } = second;
  const levelBytes = repetitionBytes + definitionBytes;
  if (!isCount(repetitionBytes) || !isCount(definitionBytes) || levelBytes > body.length) {
    throw new Error('the levels of a page are longer than it');
  }
  const repetitions = maxRepetition === 0 ? null : levelsOf(readerOf(body), maxRepetition, slots);
  const definitions = maxDefinition === 0 ? null : levelsOf(readerOf(body, repetitionBytes), maxDefinition, slots);
  const values = body.subarray(levelBytes);
  const byteLength = header.uncompressed_page_size - levelBytes;
  const isPacked = second.is_compressed !== false && byteLength > 0;
  const page = isPacked ? unpackPage(values, byteLength, chunk.codec) : values;
  return { page, repetitions, definitions, offset: 0 };
}

function levelsOf(reader: { view: DataView; offset: number }, maximum: number, slots: number): Uint8Array {
  const levels = new Uint8Array(slots);
  readRunLengths(reader, 32 - Math.clz32(maximum), levels);
  for (let i = 0; i < slots; i++) if (levels[i] > maximum) throw new Error('a level is higher than its column allows');
  return levels;
}

function readerOf(bytes: Uint8Array, offset = 0): { view: DataView; offset: number } {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset };
}
