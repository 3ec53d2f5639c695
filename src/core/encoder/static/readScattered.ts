import type { FileHandle } from 'node:fs/promises';
import { readAt } from './vectorSource';

/** Pieces that lie closer than this are read in one call: the bytes between them cost less than another call. */
const NEAR_BYTES = 2 ** 14;
const LARGEST_READ_BYTES = 2 ** 22;

/**
 * Reads pieces of equal length from all over a file, in as few calls as is worth it.
 * @param offsets of the pieces, in any order
 * @param use receives the piece of `offsets[i]`, in the order of the offsets
 * @returns false when the file ends before a piece does
 */
export async function readScattered(
  file: FileHandle,
  offsets: ArrayLike<number>,
  byteLength: number,
  use: (i: number, bytes: Uint8Array) => void,
): Promise<boolean> {
  const order = Uint32Array.from({ length: offsets.length }, (_, i) => i).sort((a, b) => offsets[a] - offsets[b]);
  for (let first = 0; first < order.length;) {
    const start = offsets[order[first]];
    let end = start + byteLength;
    let next = first + 1;
    for (; next < order.length; next++) {
      const offset = offsets[order[next]];
      if (offset - end > NEAR_BYTES || offset + byteLength - start > LARGEST_READ_BYTES) break;
      end = offset + byteLength;
    }
    const bytes = await readAt(file, start, end - start);
    if (bytes.length < end - start) return false;
    for (const i of order.subarray(first, next)) {
      use(i, bytes.subarray(offsets[i] - start, offsets[i] - start + byteLength));
    }
    first = next;
  }
  return true;
}
