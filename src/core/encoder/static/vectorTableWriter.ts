import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { failureMessage, IsoscopeError } from '../../protocol/errors';
import type { VectorSink } from './vectorParser';
import { checksumOf, writeTableEnd, type TableHeader } from './vectorTableFile';
import { createWordIndexBuilder } from './wordIndex';

/** Writes a table as its vectors come; it appears under its name when it is whole. */
export interface VectorTableWriter extends VectorSink {
  /** words so far, repeated ones left out */
  readonly count: number;
  /** Writes the rows that are waiting: to be called between pieces. */
  flush(): Promise<void>;
  /** @throws IsoscopeError `encoder` when the disk is full or gone */
  finish(fingerprint: string, sha256: string): Promise<void>;
  /** Closes and removes what is unfinished; does nothing after `finish`. */
  abandon(): Promise<void>;
}

/**
 * @param rowsIn `source` when the rows can be read there: then only the vocabulary is written
 * @throws a system error when no file can be made there
 */
export async function createVectorTableWriter(
  tablePath: string,
  dimension: number,
  rowsIn: 'table' | 'source',
): Promise<VectorTableWriter> {
  const temporary = `${tablePath}.${randomBytes(6).toString('hex')}.tmp`;
  const handle = await open(temporary, 'wx', 0o600);
  const builder = createWordIndexBuilder();
  const rows = createRowBuffer(dimension);
  const checks = createList((length) => new Uint32Array(length));
  const offsets = createList((length) => new Float64Array(length));
  let duplicates = 0;
  let capitalized = 0;
  let isFinished = false;

  return {
    get count() {
      return builder.count;
    },
    add(bytes, start, end, row, offset) {
      // The first stands for the word, as in gensim.
      if (!builder.add(bytes, start, end)) {
        duplicates++;
        return;
      }
      if (hasCapital(bytes, start, end)) capitalized++;
      checks.push(checksumOf(row));
      if (rowsIn === 'source') offsets.push(offset);
      else rows.push(row);
    },
    flush: () => writeAll(handle, [rows.take()], tablePath),
    async finish(fingerprint, sha256) {
      const index = builder.finish();
      const header: TableHeader = {
        dimension,
        count: index.count,
        rowsIn,
        textByteLength: index.text.length,
        slotCount: index.slots.length,
        fingerprint,
        facts: { sha256, duplicates, capitalized, isUtf8: isUtf8(index.text) },
      };
      const rowOffsets = rowsIn === 'source' ? offsets.finish() : null;
      const end = writeTableEnd({ header, rowOffsets, rowChecks: checks.finish(), index });
      await writeAll(handle, [rows.take(), ...end], tablePath);
      // A rename that reaches the disk before the data would leave a torn table after a power cut.
      await handle.sync();
      await handle.close();
      await rename(temporary, tablePath);
      isFinished = true;
    },
    async abandon() {
      if (isFinished) return;
      await handle.close().catch(() => undefined);
      await rm(temporary, { force: true });
    },
  };
}

async function writeAll(handle: FileHandle, parts: readonly Uint8Array[], tablePath: string): Promise<void> {
  try {
    for (const part of parts) {
      for (let done = 0; done < part.length;) {
        // One call moves at most 2 GiB.
        done += (await handle.write(part, done, Math.min(2 ** 28, part.length - done))).bytesWritten;
      }
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const problem = code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : failureMessage(error);
    throw new IsoscopeError('encoder', `${tablePath}, which keeps the word vectors, cannot be written: ${problem}.`, {
      cause: error,
    });
  }
}

function hasCapital(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] >= 0x41 && bytes[i] <= 0x5a) return true;
  return false;
}

/** Rows that wait to be written, in one buffer that is used again and again. */
function createRowBuffer(dimension: number) {
  let data = new Float32Array(dimension * 64);
  let used = 0;
  return {
    push(row: Float32Array): void {
      if (used + dimension > data.length) {
        const longer = new Float32Array(data.length * 2);
        longer.set(data);
        data = longer;
      }
      data.set(row, used);
      used += dimension;
    },
    /** valid until the next push */
    take(): Uint8Array {
      const bytes = new Uint8Array(data.buffer, 0, used * 4);
      used = 0;
      return bytes;
    },
  };
}

/** Numbers that come one by one. */
function createList<T extends Uint32Array | Float64Array>(create: (length: number) => T) {
  let data = create(2 ** 12);
  let used = 0;
  return {
    push(number: number): void {
      if (used === data.length) {
        const longer = create(data.length * 2);
        longer.set(data);
        data = longer;
      }
      data[used++] = number;
    },
    finish: (): T => data.subarray(0, used) as T,
  };
}
