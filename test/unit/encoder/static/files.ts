import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { openWordVectors, type WordVectors } from '../../../../src/core/encoder/static/openWordVectors';
import { IsoscopeError } from '../../../../src/core/protocol/errors';

/** A folder for a test's files and tables. */
export interface Place {
  readonly folder: string;
  readonly cacheFolder: string;
  /** writes a file and returns its path */
  write(name: string, content: string | Uint8Array): string;
  remove(): void;
}

export function createPlace(): Place {
  const folder = mkdtempSync(path.join(tmpdir(), 'isoscope-words-'));
  return {
    folder,
    cacheFolder: path.join(folder, 'cache'),
    write(name, content) {
      const file = path.join(folder, name);
      writeFileSync(file, content);
      return file;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** word2vec's binary: header, then word, space, numbers, and what stands between vectors. */
export function word2vecBinary(
  words: readonly (readonly [word: string | Uint8Array, row: readonly number[]])[],
  between = '',
  header = `${words.length} ${words[0]?.[1].length ?? 0}`,
): Buffer {
  const vectors = words.flatMap(([word, row]) => [
    Buffer.from(word as string),
    Buffer.from(' '),
    Buffer.from(Float32Array.from(row).buffer),
    Buffer.from(between),
  ]);
  return Buffer.concat([Buffer.from(`${header}\n`), ...vectors]);
}

/** The words of a file and their rows. */
export async function readAll(file: string, place: Place): Promise<[string, number[]][]> {
  const opened = await openWordVectors(file, { cacheFolder: place.cacheFolder });
  try {
    return await rowsOf(opened);
  } finally {
    await opened.close();
  }
}

export async function rowsOf({ table }: WordVectors): Promise<[string, number[]][]> {
  const numbers = Uint32Array.from({ length: table.count }, (_, i) => i);
  const rows = new Float32Array(table.count * table.dimension);
  await table.readRows(numbers, rows, 0);
  return [...numbers].map((i) => [table.wordAt(i), [...rows.subarray(i * table.dimension, (i + 1) * table.dimension)]]);
}

/** The sentence that a user reads; the error must be an `IsoscopeError` of that reason. */
export async function refusalOf(work: Promise<unknown>, reason = 'encoder'): Promise<string> {
  const error: unknown = await work.then(
    () => new Error('accepted'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(IsoscopeError);
  expect((error as IsoscopeError).reason).toBe(reason);
  return (error as IsoscopeError).message;
}
