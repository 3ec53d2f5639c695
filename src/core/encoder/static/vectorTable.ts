import { open, type FileHandle } from 'node:fs/promises';
import { checksumOf, DamagedTableError, readTableFile, type TableFile } from './vectorTableFile';
import { readScattered } from './readScattered';
import { findWord, wordAt } from './wordIndex';

/** Word vectors on disk: the vocabulary in memory, rows read where they are wanted. */
export interface VectorTable {
  readonly file: TableFile;
  readonly dimension: number;
  readonly count: number;
  /** number of a word (from 0, in the file's order), or −1 */
  find(word: string): number;
  wordAt(number: number): string;
  /**
   * Reads rows into `into`, one after the other, from number `at` on.
   * @param numbers ascending
   * @throws DamagedTableError when a row is not what was written
   */
  readRows(numbers: Uint32Array, into: Float32Array, at: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a table of vectors.
 * @param sourcePath of the file that it was made from: a table of binary vectors does not repeat them
 * @throws DamagedTableError; a system error when there is none
 */
export async function openVectorTable(tablePath: string, sourcePath: string): Promise<VectorTable> {
  const table = await open(tablePath);
  let rows: FileHandle = table;
  try {
    const file = await readTableFile(table);
    if (file.header.rowsIn === 'source') rows = await open(sourcePath);
    const close = async () => {
      await table.close();
      if (rows !== table) await rows.close();
    };
    const { dimension, count } = file.header;
    return {
      file,
      dimension,
      count,
      find: (word) => findWord(file.index, Buffer.from(word, 'utf8')),
      wordAt: (number) => wordAt(file.index, number),
      readRows: (numbers, into, at) => readRows(rows, file, numbers, into, at),
      close,
    };
  } catch (error) {
    await table.close();
    throw error;
  }
}

async function readRows(
  handle: FileHandle,
  { header, rowOffsets, rowChecks }: TableFile,
  numbers: Uint32Array,
  into: Float32Array,
  at: number,
): Promise<void> {
  const { dimension } = header;
  const rowByteLength = 4 * dimension;
  const offsets = Float64Array.from(numbers, (number) => (rowOffsets ? rowOffsets[number] : number * rowByteLength));
  const target = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  const isWhole = await readScattered(handle, offsets, rowByteLength, (i, bytes) => {
    target.set(bytes, (at + i) * rowByteLength);
    const row = into.subarray((at + i) * dimension, (at + i + 1) * dimension);
    if (checksumOf(row) !== rowChecks[numbers[i]]) throw new DamagedTableError(`row ${numbers[i]} is altered`);
  });
  if (!isWhole) throw new DamagedTableError('the rows are cut short');
}
