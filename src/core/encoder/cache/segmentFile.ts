import { open, type FileHandle } from 'node:fs/promises';
import {
  BLOCK_HEADER_BYTES,
  blockBytes,
  type CachedVector,
  type EntryPlace,
  HEADER_BYTES,
  readBlockHeader,
  readBlockTable,
  readEntry,
  readSegmentHeader,
  TABLE_ENTRY_BYTES,
} from './segmentFormat';

/** Header and table of most blocks in one read. */
const FRONT_BYTES = 8192;
/** Vectors that lie closer than this are read together, at most so many bytes at once. */
const NEAR_BYTES = 65_536;
const READ_AT_ONCE = 2 ** 22;

export interface ScannedSegment {
  /** of the whole entries that are new */
  readonly entries: readonly EntryPlace[];
  /** where the next scan goes on: after the last whole block */
  readonly end: number;
  /** whether bytes follow that can never become a block */
  readonly isDamaged: boolean;
}

/** What the header says: a dimension, `null` for a file that is no segment of that encoder, `undefined` for one that has no header yet. */
export async function readHeader(file: FileHandle, identity: Uint8Array): Promise<number | null | undefined> {
  const header = await readAt(file, 0, HEADER_BYTES);
  return header.length < HEADER_BYTES ? undefined : readSegmentHeader(header, identity);
}

/** The entries from a place on. Of a block that is cut, or still being written, those that are there; it is scanned again the next time. */
export async function scanSegment(file: FileHandle, from: number, dimension: number): Promise<ScannedSegment> {
  const entries: EntryPlace[] = [];
  const { size } = await file.stat();
  let end = Math.max(from, HEADER_BYTES);
  while (end < size) {
    let front = await readAt(file, end, FRONT_BYTES);
    if (front.length < BLOCK_HEADER_BYTES) break;
    const count = readBlockHeader(front);
    if (count === null) return { entries, end, isDamaged: true };
    const frontBytes = BLOCK_HEADER_BYTES + count * TABLE_ENTRY_BYTES;
    if (end + frontBytes > size) break;
    if (front.length < frontBytes) front = await readAt(file, end, frontBytes);
    const table = readBlockTable(front, count, end, dimension);
    if (table === null) return { entries, end, isDamaged: true };
    entries.push(...table.filter(({ offset }) => offset + 4 * dimension <= size));
    const next = end + blockBytes(count, dimension);
    if (next > size) break;
    end = next;
  }
  return { entries, end, isDamaged: false };
}

/** Number of entries in whole blocks, from their headers alone. */
export async function countEntries(file: FileHandle, dimension: number): Promise<number> {
  const { size } = await file.stat();
  let total = 0;
  for (let at = HEADER_BYTES; at < size;) {
    const count = readBlockHeader(await readAt(file, at, BLOCK_HEADER_BYTES));
    if (count === null) break;
    at += blockBytes(count, dimension);
    if (at <= size) total += count;
  }
  return total;
}

/** The vectors at these places, in their order; `null` for those that are damaged. */
export async function readVectors(
  file: FileHandle,
  places: readonly EntryPlace[],
  dimension: number,
): Promise<(CachedVector | null)[]> {
  const vectorBytes = 4 * dimension;
  const order = Array.from(places.keys()).sort((a, b) => places[a].offset - places[b].offset);
  const vectors = new Array<CachedVector | null>(places.length).fill(null);
  for (let start = 0; start < order.length;) {
    const first = places[order[start]].offset;
    let end = start + 1;
    for (; end < order.length; end++) {
      const { offset } = places[order[end]];
      const gap = offset - (places[order[end - 1]].offset + vectorBytes);
      if (gap > NEAR_BYTES || offset + vectorBytes - first > READ_AT_ONCE) break;
    }
    const bytes = await readAt(file, first, places[order[end - 1]].offset + vectorBytes - first);
    for (const i of order.slice(start, end)) {
      const at = places[i].offset - first;
      if (at + vectorBytes <= bytes.length) vectors[i] = readEntry(places[i], bytes.subarray(at, at + vectorBytes));
    }
    start = end;
  }
  return vectors;
}

/** Runs `use` with the open file and closes it; `null` when it cannot be opened (it was removed meanwhile). */
export async function withFile<T>(
  place: string,
  flags: string,
  use: (file: FileHandle) => Promise<T>,
): Promise<T | null> {
  const file = await open(place, flags).catch(() => null);
  if (file === null) return null;
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/** Up to `length` bytes: fewer at the end of the file. */
async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
