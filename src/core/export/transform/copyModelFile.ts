import { randomBytes } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { copyFile, mkdir, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { describeFileError } from '../../corpus/readBytes';
import { hashFile } from '../../encoder/modelFiles';
import { IsoscopeError } from '../../protocol/errors';

/**
 * Copies a file of any size; it appears whole or not at all. A file of the same content is left alone, links are followed.
 * @returns whether something was written
 * @throws IsoscopeError `input` where another file has that name already
 */
export async function copyModelFile(from: string, to: string, signal?: AbortSignal): Promise<boolean> {
  signal?.throwIfAborted();
  if (existsSync(to)) {
    if (await isSameContent(from, to, signal)) return false;
    throw new IsoscopeError(
      'input',
      `${to} exists already and is another file: write the export into a folder of its own.`,
    );
  }
  const temporary = `${to}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await mkdir(path.dirname(to), { recursive: true });
    // A copy on write where the file system can.
    await copyFile(from, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await rename(temporary, to);
    return true;
  } catch (error) {
    await rm(temporary, { force: true });
    throw describeFileError(error, to, 'written');
  }
}

async function isSameContent(from: string, to: string, signal?: AbortSignal): Promise<boolean> {
  if ((await realpath(from)) === (await realpath(to))) return true;
  const [source, target] = [await stat(from), await stat(to)];
  if (!target.isFile() || source.size !== target.size) return false;
  return (await hashFile(from, signal)) === (await hashFile(to, signal));
}
