import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

export const TABLE_EXTENSION = '.vectors';

/** A half-written table that nobody has touched for so long was left by a process that was ended. */
const ABANDONED_MS = 3_600_000;
/** Tables that are kept beside a new one: one of 400,000 words at d = 300 has half a gigabyte. */
const KEPT_TABLES = 7;

/**
 * Makes room for a new table: those of earlier states of the same file go, what ended processes have left, and of too many others the least recently used.
 * @param name how the tables of that file begin
 */
export async function removeOldTables(folder: string, name: string): Promise<void> {
  const files = await readdir(folder).catch(() => []);
  const aged = await Promise.all(
    files.map(async (file) => {
      const found = await stat(path.join(folder, file)).catch(() => null);
      return { file, usedMs: found?.mtimeMs ?? 0 };
    }),
  );
  const tables = aged.filter(({ file }) => file.endsWith(TABLE_EXTENSION));
  const others = tables.filter(({ file }) => !file.startsWith(name)).sort((a, b) => b.usedMs - a.usedMs);
  const isLeft = ({ file, usedMs }: { file: string; usedMs: number }) =>
    /\.vectors\.[0-9a-f]+\.tmp$/.test(file) && Date.now() - usedMs > ABANDONED_MS;
  const useless = [
    ...tables.filter(({ file }) => file.startsWith(name)),
    ...aged.filter(isLeft),
    ...others.slice(KEPT_TABLES),
  ];
  await Promise.all(useless.map(({ file }) => rm(path.join(folder, file), { force: true }).catch(() => undefined)));
}
