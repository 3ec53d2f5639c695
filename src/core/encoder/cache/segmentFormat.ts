import { crc32 } from 'node:zlib';

/**
 * A segment: a file of vectors of one encoder, written once from front to back, a block at a time.
 *
 *     header  64 bytes: magic, dimension, sha256 of the encoder's identity, CRC of the header
 *     block   16 bytes: magic, number of entries n, CRC of the table; the table, n × 24 bytes: key, CRC of key, flags and vector, flags; n vectors of `dimension` float32
 *
 * Whatever a kill, a full disk or a power cut leaves of it, each entry can be told whole or not by itself. Little-endian, as every platform of Isoscope is.
 */
export const HEADER_BYTES = 64;
export const BLOCK_HEADER_BYTES = 16;
export const TABLE_ENTRY_BYTES = 24;
/** Of a sha256: 128 bits tell apart all sentences that there will ever be. */
export const KEY_BYTES = 16;
/** Most entries of a block: bounds what a damaged number can ask for. */
export const MAX_BLOCK_ENTRIES = 65_536;
/** Real encoders have at most some thousands. */
export const MAX_DIMENSION = 65_536;

const MAGIC = Buffer.from('isovecs1', 'latin1');
const BLOCK_MAGIC = 0x4b4c4256;
const TRUNCATED_FLAG = 1;

export interface CachedVector {
  readonly vector: Float32Array;
  /** whether the sentence was cut at the maximum number of tokens */
  readonly isTruncated: boolean;
}

export interface KeyedVector extends CachedVector {
  /** `KEY_BYTES` characters of latin1 */
  readonly key: string;
}

/** Where an entry lies in its segment. */
export interface EntryPlace {
  readonly key: string;
  /** of its vector */
  readonly offset: number;
  readonly crc: number;
  readonly flags: number;
}

/** @param identity sha256 of the encoder's identity, 32 bytes */
export function writeSegmentHeader(dimension: number, identity: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(dimension, 8);
  header.set(identity, 12);
  header.writeUInt32LE(crc32(header.subarray(0, 60)), 60);
  return header;
}

/** The dimension of a segment, or `null` where the bytes are no header of a segment of that encoder. */
export function readSegmentHeader(header: Buffer, identity: Uint8Array): number | null {
  if (header.length < HEADER_BYTES || !header.subarray(0, 8).equals(MAGIC)) return null;
  if (header.readUInt32LE(60) !== crc32(header.subarray(0, 60))) return null;
  if (!header.subarray(12, 44).equals(identity)) return null;
  const dimension = header.readUInt32LE(8);
  return dimension >= 1 && dimension <= MAX_DIMENSION ? dimension : null;
}

/** @param entries 1 … `MAX_BLOCK_ENTRIES`, all of one dimension */
export function writeBlock(entries: readonly KeyedVector[]): Buffer {
  const vectorBytes = entries[0].vector.byteLength;
  const block = Buffer.allocUnsafe(blockBytes(entries.length, vectorBytes / 4));
  const vectorsStart = BLOCK_HEADER_BYTES + entries.length * TABLE_ENTRY_BYTES;
  entries.forEach(({ key, vector, isTruncated }, i) => {
    const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vectorBytes);
    const flags = isTruncated ? TRUNCATED_FLAG : 0;
    const at = BLOCK_HEADER_BYTES + i * TABLE_ENTRY_BYTES;
    block.write(key, at, KEY_BYTES, 'latin1');
    block.writeUInt32LE(flags, at + 20);
    block.writeUInt32LE(entryCrc(block.subarray(at, at + KEY_BYTES), flags, bytes), at + 16);
    block.set(bytes, vectorsStart + i * vectorBytes);
  });
  block.writeUInt32LE(BLOCK_MAGIC, 0);
  block.writeUInt32LE(entries.length, 4);
  block.writeUInt32LE(crc32(block.subarray(BLOCK_HEADER_BYTES, vectorsStart)), 8);
  block.writeUInt32LE(0, 12);
  return block;
}

export function blockBytes(count: number, dimension: number): number {
  return BLOCK_HEADER_BYTES + count * (TABLE_ENTRY_BYTES + 4 * dimension);
}

/** Number of entries of a block, or `null` where no block begins. */
export function readBlockHeader(bytes: Buffer): number | null {
  if (bytes.length < BLOCK_HEADER_BYTES || bytes.readUInt32LE(0) !== BLOCK_MAGIC) return null;
  const count = bytes.readUInt32LE(4);
  return count >= 1 && count <= MAX_BLOCK_ENTRIES ? count : null;
}

/**
 * The entries of a block.
 * @param front header and table
 * @param start of the block in its segment
 * @returns `null` when the table is damaged
 */
export function readBlockTable(front: Buffer, count: number, start: number, dimension: number): EntryPlace[] | null {
  const end = BLOCK_HEADER_BYTES + count * TABLE_ENTRY_BYTES;
  const table = front.subarray(BLOCK_HEADER_BYTES, end);
  if (front.length < end || crc32(table) !== front.readUInt32LE(8)) return null;
  return Array.from({ length: count }, (_, i) => {
    const at = i * TABLE_ENTRY_BYTES;
    return {
      key: table.toString('latin1', at, at + KEY_BYTES),
      crc: table.readUInt32LE(at + 16),
      flags: table.readUInt32LE(at + 20),
      offset: start + end + i * 4 * dimension,
    };
  });
}

/** The vector of an entry, in memory of its own, or `null` where its bytes are not those that were written. */
export function readEntry({ key, crc, flags }: EntryPlace, bytes: Uint8Array): CachedVector | null {
  if (entryCrc(Buffer.from(key, 'latin1'), flags, bytes) !== crc) return null;
  const vector = new Float32Array(bytes.length / 4);
  new Uint8Array(vector.buffer).set(bytes);
  return { vector, isTruncated: (flags & TRUNCATED_FLAG) !== 0 };
}

function entryCrc(key: Uint8Array, flags: number, vector: Uint8Array): number {
  return crc32(vector, crc32(Uint8Array.of(flags & 255), crc32(key)));
}
