import { crc32, inflateRawSync } from 'node:zlib';
import { IsoscopeError } from '../protocol/errors';

/** One file of a zip archive, not unpacked yet. */
export interface ZipEntry {
  readonly path: string;
  readonly byteLength: number;
  readonly packedByteLength: number;
  readonly method: number;
  readonly crc: number;
  readonly headerOffset: number;
}

const END_SIGNATURE = 0x06054b50;
const END64_LOCATOR_SIGNATURE = 0x07064b50;
const END64_SIGNATURE = 0x06064b50;
const DIRECTORY_SIGNATURE = 0x02014b50;
const FILE_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const MAX_ENTRIES = 10_000;
const STORED = 0;
const DEFLATED = 8;
/** Deflate reaches 1,032 : 1 on equal bytes. Float vectors stay below 3 : 1; a large file that claims far more is a bomb, not data. */
const SUSPICIOUS_BYTES = 256 * 2 ** 20;
const SUSPICIOUS_RATIO = 100;

/**
 * Lists the files of a zip archive (APPNOTE 6.3.10; zip64 sizes and offsets included), from its central directory.
 * @param name of the archive, for errors
 * @throws IsoscopeError `input` when it is no zip archive, damaged, or split over several disks
 */
export function listZip(bytes: Uint8Array, name: string): readonly ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  if (end < 0) throw damaged(name, 'it is no zip archive or is cut short');
  try {
    return readDirectory(bytes, view, end, name);
  } catch (error) {
    if (error instanceof RangeError) throw damaged(name, 'its directory points outside the file');
    throw error;
  }
}

/**
 * Unpacks one file of the archive and checks its length and CRC.
 * @param maxBytes unpack only so much of the front (the CRC is not checked then); default: all
 * @throws IsoscopeError `input`; memory stays below the length that the entry claims, and an entry that claims an absurd one is refused
 */
export function unpackZipEntry(bytes: Uint8Array, entry: ZipEntry, name: string, maxBytes = Infinity): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { headerOffset, packedByteLength, byteLength, method } = entry;
  if (headerOffset + 30 > bytes.length || view.getUint32(headerOffset, true) !== FILE_SIGNATURE) {
    throw damaged(name, `${entry.path} is not where the directory says`);
  }
  const start = headerOffset + 30 + view.getUint16(headerOffset + 26, true) + view.getUint16(headerOffset + 28, true);
  if (start + packedByteLength > bytes.length) throw damaged(name, `${entry.path} is cut short`);
  const packed = bytes.subarray(start, start + packedByteLength);
  const isPart = maxBytes < byteLength;
  let unpacked: Uint8Array;
  if (method === STORED) {
    unpacked = isPart ? packed.subarray(0, maxBytes) : packed;
  } else if (method !== DEFLATED) {
    throw damaged(name, `${entry.path} is packed by method ${method}; stored and deflated files can be read`);
  } else if (isPart) {
    unpacked = inflateFront(packed, maxBytes, entry, name);
  } else {
    if (byteLength > SUSPICIOUS_BYTES && byteLength > SUSPICIOUS_RATIO * packedByteLength) {
      throw damaged(
        name,
        `${entry.path} would grow from ${packedByteLength} to ${byteLength} bytes, which no real vectors do`,
      );
    }
    unpacked = inflateAll(packed, entry, name);
  }
  if (!isPart) {
    if (unpacked.length !== byteLength) throw damaged(name, `${entry.path} has not the length that the directory says`);
    if (crc32(unpacked) !== entry.crc) throw damaged(name, `the checksum of ${entry.path} is wrong`);
  }
  return unpacked;
}

function damaged(name: string, problem: string): IsoscopeError {
  return new IsoscopeError('input', `${name} cannot be read as a zip archive: ${problem}.`);
}

/** The end record lies before a comment of unknown length: searched from the back. */
function findEnd(view: DataView): number {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT_BYTES); at--) {
    if (view.getUint32(at, true) === END_SIGNATURE) return at;
  }
  return -1;
}

function readDirectory(bytes: Uint8Array, view: DataView, end: number, name: string): readonly ZipEntry[] {
  let entryCount = view.getUint16(end + 10, true);
  let offset = view.getUint32(end + 16, true);
  let isSplit = view.getUint16(end + 4, true) > 0 && view.getUint16(end + 4, true) < 0xffff;
  const locator = end - 20;
  if (locator >= 0 && view.getUint32(locator, true) === END64_LOCATOR_SIGNATURE) {
    const end64 = readUint64(view, locator + 8);
    if (view.getUint32(end64, true) !== END64_SIGNATURE) throw damaged(name, 'its zip64 record is missing');
    entryCount = readUint64(view, end64 + 32);
    offset = readUint64(view, end64 + 48);
    isSplit = view.getUint32(end64 + 16, true) > 0;
  }
  if (isSplit) throw damaged(name, 'it is one part of several');
  if (entryCount > MAX_ENTRIES) throw damaged(name, `it claims ${entryCount} files`);
  const entries: ZipEntry[] = [];
  for (let i = 0; i < entryCount; i++) {
    if (view.getUint32(offset, true) !== DIRECTORY_SIGNATURE) throw damaged(name, 'its directory is damaged');
    const flags = view.getUint16(offset + 8, true);
    const pathLength = view.getUint16(offset + 28, true);
    const extraLength = view.getUint16(offset + 30, true);
    const commentLength = view.getUint16(offset + 32, true);
    const path = new TextDecoder(flags & 0x800 ? 'utf-8' : 'latin1').decode(
      bytes.subarray(offset + 46, offset + 46 + pathLength),
    );
    if (flags & 1) throw damaged(name, `${path} is encrypted`);
    const sizes = readSizes(view, offset, offset + 46 + pathLength, extraLength);
    entries.push({ path, method: view.getUint16(offset + 10, true), crc: view.getUint32(offset + 16, true), ...sizes });
    offset += 46 + pathLength + extraLength + commentLength;
  }
  return entries;
}

/** The directory's 32-bit fields, or the zip64 extra field's where they are saturated: it holds only those, in this order. */
function readSizes(
  view: DataView,
  entry: number,
  extra: number,
  extraLength: number,
): Pick<ZipEntry, 'byteLength' | 'packedByteLength' | 'headerOffset'> {
  let byteLength = view.getUint32(entry + 24, true);
  let packedByteLength = view.getUint32(entry + 20, true);
  let headerOffset = view.getUint32(entry + 42, true);
  for (let at = extra; at + 4 <= extra + extraLength; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let field = at + 4;
    const next = () => readUint64(view, (field += 8) - 8);
    if (byteLength === 0xffffffff) byteLength = next();
    if (packedByteLength === 0xffffffff) packedByteLength = next();
    if (headerOffset === 0xffffffff) headerOffset = next();
  }
  return { byteLength, packedByteLength, headerOffset };
}

/** @throws RangeError beyond 2^53 or outside the file, which only a damaged archive has */
function readUint64(view: DataView, offset: number): number {
  const value = Number(view.getBigUint64(offset, true));
  if (!Number.isSafeInteger(value)) throw new RangeError('beyond 2^53');
  return value;
}

function inflateAll(packed: Uint8Array, { path, byteLength }: ZipEntry, name: string): Uint8Array {
  try {
    // One byte more than claimed is enough to see a lie; zlib stops there.
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, byteLength + 1) });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw damaged(
      name,
      code === 'ERR_BUFFER_TOO_LARGE' ? `${path} is longer than the directory says` : `${path} is damaged`,
    );
  }
}

/** The first `maxBytes` bytes, from a first piece of the packed bytes that surely holds them if they are there. */
function inflateFront(packed: Uint8Array, maxBytes: number, { path }: ZipEntry, name: string): Uint8Array {
  // Stored blocks grow by 5 bytes in 65,535, the worst that deflate does; Z_SYNC_FLUSH makes zlib give what it has.
  const piece = packed.subarray(0, maxBytes + 1024);
  try {
    // What such a piece can unfold to at most (1,032 : 1) bounds the memory.
    return inflateRawSync(piece, { finishFlush: 2, maxOutputLength: 1100 * piece.length }).subarray(0, maxBytes);
  } catch {
    throw damaged(name, `${path} is damaged`);
  }
}
