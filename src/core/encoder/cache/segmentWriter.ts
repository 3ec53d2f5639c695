import { randomBytes } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { blockBytes, type KeyedVector, MAX_BLOCK_ENTRIES, writeBlock, writeSegmentHeader } from './segmentFormat';

/** A block is what is lost at most when a process is killed while it writes. */
const LARGEST_BLOCK_BYTES = 2 ** 20;

/** Names of segments; nothing else in the cache's folders is ever read or removed. */
export const SEGMENT_NAME = /^[0-9a-z]+-[0-9]+-[0-9a-f]{12}\.vec$/;

export interface SegmentWriter {
  /**
   * Appends vectors of one dimension. What was written before stays whole whatever happens.
   * @throws when the disk is full, the folder read-only …
   */
  append(entries: readonly KeyedVector[]): Promise<void>;
  /** The next vectors go into a new segment. */
  startAnew(): void;
}

/**
 * Writes the segments of one encoder: each process into files of its own, so that two never write into one.
 * @param segmentBytes size from which a new segment is begun
 */
export function createSegmentWriter(folder: string, identity: Uint8Array, segmentBytes: number): SegmentWriter {
  let current: { readonly name: string; length: number } | undefined;

  async function appendBlock(block: Buffer, dimension: number): Promise<void> {
    if (current && current.length + block.length > segmentBytes) current = undefined;
    if (current && (await writeAt(path.join(folder, current.name), current.length, block))) {
      current.length += block.length;
      return;
    }
    const name = `${Date.now().toString(36)}-${process.pid}-${randomBytes(6).toString('hex')}.vec`;
    await mkdir(folder, { recursive: true });
    const bytes = Buffer.concat([writeSegmentHeader(dimension, identity), block]);
    const file = await open(path.join(folder, name), 'wx');
    try {
      await file.writeFile(bytes);
    } finally {
      await file.close();
    }
    current = { name, length: bytes.length };
  }

  return {
    async append(entries) {
      for (const part of intoBlocks(entries, Math.min(LARGEST_BLOCK_BYTES, segmentBytes))) {
        try {
          await appendBlock(writeBlock(part), part[0].vector.length);
        } catch (error) {
          // Its end may be half a block now.
          current = undefined;
          throw error;
        }
      }
    },
    startAnew() {
      current = undefined;
    },
  };
}

/** @returns whether the file is there still: another process may have removed it */
async function writeAt(place: string, position: number, bytes: Buffer): Promise<boolean> {
  const file = await open(place, 'r+').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
  if (file === null) return false;
  try {
    for (let written = 0; written < bytes.length;) {
      written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
    }
  } finally {
    await file.close();
  }
  return true;
}

function* intoBlocks(entries: readonly KeyedVector[], mostBytes: number): Generator<readonly KeyedVector[]> {
  if (entries.length === 0) return;
  const entryBytes = blockBytes(1, entries[0].vector.length);
  const most = Math.max(1, Math.min(MAX_BLOCK_ENTRIES, Math.floor(mostBytes / entryBytes)));
  for (let start = 0; start < entries.length; start += most) yield entries.slice(start, start + most);
}
