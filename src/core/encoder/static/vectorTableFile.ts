import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { isJsonObject } from '../jsonObject';
import { readAt } from './vectorSource';
import type { WordIndex } from './wordIndex';

/**
 * The file of a table: rows (float32, little-endian, one after the other; none where the source holds them as such), a block of arrays (`TableFile`, in the order of its
 * fields, each filled up to eight bytes), the header as JSON, and 48 bytes of closing: magic, length of the header, sha256 of block and header. Rows are written
 * first, as they come; what is known at the end stands at the end. Each row has a checksum, so that only the rows that are used need to be looked at.
 */
export interface TableFile {
  readonly header: TableHeader;
  /** of the rows in the source; `null` when they are in the table */
  readonly rowOffsets: Float64Array | null;
  readonly rowChecks: Uint32Array;
  readonly index: WordIndex;
}

export interface TableHeader {
  readonly dimension: number;
  readonly count: number;
  readonly rowsIn: 'table' | 'source';
  readonly textByteLength: number;
  readonly slotCount: number;
  /** fingerprint of the source (`VectorSource`) */
  readonly fingerprint: string;
  readonly facts: SourceFacts;
}

/** What was learned while the source was read. */
export interface SourceFacts {
  /** of the whole file */
  readonly sha256: string;
  /** words that stood in the file before */
  readonly duplicates: number;
  /** words with a capital letter A–Z */
  readonly capitalized: number;
  /** whether all words are UTF-8 */
  readonly isUtf8: boolean;
}

/** A table that is torn, altered, or of another version: it is made anew from the file of vectors. */
export class DamagedTableError extends Error {
  override readonly name = 'DamagedTableError';
}

/** The last byte is the version of the layout. */
const MAGIC = Buffer.from('isoscop\u0001', 'latin1');
const CLOSING_BYTES = 48;
const MAX_HEADER_BYTES = 2 ** 16;

/** Block, header and closing: what follows the rows. */
export function writeTableEnd({ header, rowOffsets, rowChecks, index }: TableFile): Buffer[] {
  const arrays = [rowOffsets, rowChecks, index.starts, index.slots, index.text].filter((array) => array !== null);
  const block = arrays.map((array) => padded(Buffer.from(array.buffer, array.byteOffset, array.byteLength)));
  const json = Buffer.from(JSON.stringify(header));
  const closing = Buffer.alloc(CLOSING_BYTES);
  MAGIC.copy(closing, 0);
  closing.writeUInt32LE(json.length, 8);
  hashOf([...block, json]).copy(closing, 16);
  return [...block, json, closing];
}

/** @throws DamagedTableError */
export async function readTableFile(handle: FileHandle): Promise<TableFile> {
  const { size } = await handle.stat();
  const closing = await readAt(handle, Math.max(0, size - CLOSING_BYTES), CLOSING_BYTES);
  if (closing.length < CLOSING_BYTES || !closing.subarray(0, 8).equals(MAGIC)) {
    throw new DamagedTableError('the end is missing');
  }
  const headerLength = closing.readUInt32LE(8);
  const headerStart = size - CLOSING_BYTES - headerLength;
  if (headerLength > MAX_HEADER_BYTES || headerStart < 0) throw new DamagedTableError('the header is damaged');
  const json = await readAt(handle, headerStart, headerLength);
  const header = parseHeader(json);
  const lengths = arrayLengths(header);
  const blockLength = lengths.reduce((sum, length) => sum + Math.ceil(length / 8) * 8, 0);
  const rowsLength = header.rowsIn === 'table' ? header.count * header.dimension * 4 : 0;
  if (rowsLength + blockLength !== headerStart) throw new DamagedTableError('the length is wrong');
  const block = await readAt(handle, rowsLength, blockLength);
  if (!hashOf([block, json]).equals(closing.subarray(16))) throw new DamagedTableError('the checksum is wrong');
  return { header, ...splitBlock(block, lengths, header) };
}

/** Of a row's bits: tells a row that was altered or stands in the wrong place. */
export function checksumOf(row: Float32Array): number {
  const bits = new Uint32Array(row.buffer, row.byteOffset, row.length);
  let sum = row.length;
  for (let i = 0; i < bits.length; i++) sum = Math.imul(sum ^ bits[i], 0x01000193) ^ (sum >>> 15);
  return sum >>> 0;
}

/** Byte lengths of the arrays of the block, in their order. */
function arrayLengths({ rowsIn, count, slotCount, textByteLength }: TableHeader): number[] {
  return [rowsIn === 'source' ? count * 8 : 0, count * 4, (count + 1) * 4, slotCount * 4, textByteLength];
}

function splitBlock(block: Buffer, lengths: readonly number[], header: TableHeader): Omit<TableFile, 'header'> {
  const places: number[] = [];
  let end = block.byteOffset;
  for (const length of lengths) {
    places.push(end);
    end += Math.ceil(length / 8) * 8;
  }
  const { buffer } = block;
  const { count, slotCount, rowsIn } = header;
  return {
    rowOffsets: rowsIn === 'source' ? new Float64Array(buffer, places[0], count) : null,
    rowChecks: new Uint32Array(buffer, places[1], count),
    index: {
      count,
      starts: new Uint32Array(buffer, places[2], count + 1),
      slots: new Uint32Array(buffer, places[3], slotCount),
      text: new Uint8Array(buffer, places[4], header.textByteLength),
    },
  };
}

/** What the checksum covers is trusted; the header is needed before the checksum can be taken. */
function parseHeader(json: Buffer): TableHeader {
  try {
    const header: unknown = JSON.parse(json.toString('utf8'));
    if (isJsonObject(header)) {
      const counts = [header['dimension'], header['count'], header['textByteLength'], header['slotCount']];
      if (counts.every((count) => Number.isSafeInteger(count) && (count as number) >= 0)) {
        return header as unknown as TableHeader;
      }
    }
  } catch {
    // told below
  }
  throw new DamagedTableError('the header is damaged');
}

function padded(bytes: Buffer): Buffer {
  const missing = (8 - (bytes.length % 8)) % 8;
  return missing === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(missing)]);
}

function hashOf(parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
