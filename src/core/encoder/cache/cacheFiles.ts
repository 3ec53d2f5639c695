import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { SEGMENT_NAME } from './segmentWriter';

/** Folders of encoders: sha256 of an identity, in hex. */
const SPACE_NAME = /^[0-9a-f]{64}$/;

export interface CacheFile {
  readonly path: string;
  readonly byteLength: number;
  readonly usedAt: number;
}

/** All segments below the cache's folder. What else lies there is not ours. */
export async function listSegments(root: string): Promise<CacheFile[]> {
  const files: CacheFile[] = [];
  const spaces = (await readdir(root).catch(() => [])).filter((name) => SPACE_NAME.test(name));
  for (const space of spaces) {
    const names = await readdir(path.join(root, space)).catch(() => []);
    for (const name of names.filter((file) => SEGMENT_NAME.test(file))) {
      const place = path.join(root, space, name);
      const file = await stat(place).catch(() => null);
      if (file?.isFile()) files.push({ path: place, byteLength: file.size, usedAt: file.mtimeMs });
    }
  }
  return files;
}

/** Removes segments, those used longest ago first, until the others take at most `limitBytes`. @returns bytes of those that stay */
export async function removeLeastRecentlyUsed(root: string, limitBytes: number): Promise<number> {
  const files = (await listSegments(root)).sort((a, b) => a.usedAt - b.usedAt || (a.path < b.path ? -1 : 1));
  let total = files.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const emptied = new Set<string>();
  for (const { path: place, byteLength } of files) {
    if (total <= limitBytes) break;
    try {
      await rm(place, { force: true });
    } catch {
      // It stays, and counts.
      continue;
    }
    total -= byteLength;
    emptied.add(path.dirname(place));
  }
  // Fails where something is left in it, as it should.
  for (const folder of emptied) await rmdir(folder).catch(() => undefined);
  return total;
}
