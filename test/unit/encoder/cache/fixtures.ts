import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { cacheKey, createVectorCache, type VectorCache } from '../../../../src/core/encoder/cache/vectorCache';
import { entryOf } from './entries';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'isoscope-cache-'));
  folders.push(folder);
  return folder;
}

export interface OpenedCache extends VectorCache {
  readonly said: readonly string[];
}

/** A cache as a process of its own would open it. */
export function openCache(folder: string, limitBytes = 2 ** 30): OpenedCache {
  const said: string[] = [];
  return Object.assign(createVectorCache({ folder, limitBytes, log: (line) => said.push(line) }), { said });
}

export function keysOf(identity: string, count: number, first = 0): string[] {
  return Array.from({ length: count }, (_, i) => cacheKey(identity, `sentence ${first + i}`));
}

export async function fill(
  cache: VectorCache,
  identity: string,
  count: number,
  dimension: number,
  first = 0,
): Promise<void> {
  await cache.write(
    identity,
    Array.from({ length: count }, (_, i) => entryOf(identity, first + i, dimension)),
  );
  await cache.flush();
}

/** Which of the sentences are there. @throws when a vector is there and is not the one that was written */
export async function heldOf(
  cache: VectorCache,
  identity: string,
  count: number,
  dimension: number,
  first = 0,
): Promise<number[]> {
  const vectors = await cache.read(identity, dimension, keysOf(identity, count, first));
  return vectors.flatMap((found, i) => {
    if (!found) return [];
    const expected = entryOf(identity, first + i, dimension);
    const isSame =
      found.isTruncated === expected.isTruncated &&
      Buffer.from(found.vector.buffer).equals(Buffer.from(expected.vector.buffer));
    if (!isSame) throw new Error(`a wrong vector for sentence ${first + i}`);
    return [first + i];
  });
}

/** All files below a folder. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

export function bytesBelow(folder: string): number {
  return filesBelow(folder).reduce((sum, file) => sum + statSync(file).size, 0);
}
