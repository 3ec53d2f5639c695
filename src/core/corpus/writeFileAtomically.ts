import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { lstat, mkdir, open, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { describeFileError } from './readBytes';

/** A file's content in pieces; those that come one by one are never in memory together. */
export type FileParts = readonly (string | Uint8Array)[] | AsyncIterable<string | Uint8Array>;

/** Half-written files and folders of this process: whoever ends the process early removes them with `removeUnfinishedFiles`. */
const unfinished = new Set<string>();

/** Numbers of a large matrix go out in pieces of this size, so that a cancel is heard. */
const PIECE_BYTES = 2 ** 26;

/**
 * Writes a file that appears whole or not at all: into a new file beside it, flushed, then renamed over it. A link is followed; permissions of a file that is replaced are kept;
 * a device or pipe (/dev/stdout) is written to directly, since there is nothing to rename.
 * @param parts written one after the other, as they come
 * @throws IsoscopeError `input` naming the file; AbortError. Nothing is left behind then
 */
export async function writeFileAtomically(
  file: string,
  parts: string | Uint8Array | FileParts,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const pieces: FileParts = typeof parts === 'string' || parts instanceof Uint8Array ? [parts] : parts;
  try {
    const existing = await stat(file).catch(() => undefined);
    if (existing?.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
    const isSpecial = existing !== undefined && !existing.isFile();
    if (isSpecial) await writeInto(file, pieces, 'w', undefined, options.signal);
    else await writeBeside(file, pieces, existing?.mode, options.signal);
  } catch (error) {
    throw describeFileError(error, file, 'written');
  }
}

/** Removes what has been begun here and not finished. Synchronous: for the last moment of a process. */
export function removeUnfinishedFiles(): void {
  for (const place of unfinished) rmSync(place, { force: true, recursive: true });
  unfinished.clear();
}

/**
 * A folder that appears whole or not at all: made under another name beside it, then renamed.
 * @param folder must not exist, or be empty
 * @param fill receives the folder under its other name
 * @throws IsoscopeError `input` where it cannot be written; whatever `fill` throws. Nothing is left behind then
 */
export async function makeFolderAtomically<T>(folder: string, fill: (place: string) => Promise<T>): Promise<T> {
  const target = path.resolve(folder);
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  unfinished.add(temporary);
  try {
    await mkdir(temporary);
    const result = await fill(temporary);
    // Not every system renames a folder over an empty one.
    await rmdir(target).catch(() => undefined);
    await rename(temporary, target);
    return result;
  } catch (error) {
    await rm(temporary, { force: true, recursive: true });
    throw describeFileError(error, folder, 'written');
  } finally {
    unfinished.delete(temporary);
  }
}

async function writeBeside(
  file: string,
  pieces: FileParts,
  mode: number | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const isLink = (await lstat(file).catch(() => undefined))?.isSymbolicLink() === true;
  // A link that points nowhere is replaced.
  const target = isLink ? await realpath(file).catch(() => file) : file;
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  unfinished.add(temporary);
  try {
    await writeInto(temporary, pieces, 'wx', mode, signal);
    signal?.throwIfAborted();
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    unfinished.delete(temporary);
  }
}

async function writeInto(
  file: string,
  pieces: FileParts,
  flags: 'w' | 'wx',
  mode: number | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const handle = await open(file, flags, mode === undefined ? 0o666 : mode & 0o777);
  try {
    for await (const piece of pieces) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
      let written = 0;
      while (written < bytes.length) {
        signal?.throwIfAborted();
        written += (await handle.write(bytes, written, Math.min(PIECE_BYTES, bytes.length - written))).bytesWritten;
      }
    }
    // A rename that reaches the disk before the data would leave an empty file after a power cut. Pipes cannot be flushed.
    if (flags === 'wx') await handle.sync();
  } finally {
    await handle.close();
  }
}
