import { constants } from 'node:buffer';
import { open, type FileHandle } from 'node:fs/promises';
import { IsoscopeError } from '../protocol/errors';

/** What `-` is called in errors and in `corpus.source`. */
export const STANDARD_INPUT = 'standard input';

/** One read call moves at most 2 GiB. */
const PIECE_BYTES = 2 ** 28;

/**
 * All bytes of a file, a pipe or (path `-`) standard input.
 * @param limitBytes refuses more than this; default: what one buffer can hold
 * @throws IsoscopeError `input` when it does not exist, is a folder, may not be read or is too large; AbortError
 */
export async function readBytes(
  path: string,
  options: { readonly signal?: AbortSignal; readonly limitBytes?: number } = {},
): Promise<Uint8Array> {
  const { signal, limitBytes = constants.MAX_LENGTH } = options;
  if (path === '-') return gather(process.stdin, STANDARD_INPUT, limitBytes, signal);
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    const stat = await handle.stat();
    if (stat.isDirectory()) throw new IsoscopeError('input', `${path} is a folder, not a file.`);
    if (!stat.isFile()) return await gather(handle.createReadStream(), path, limitBytes, signal);
    if (stat.size > limitBytes) throw tooLarge(path, limitBytes);
    return await readWhole(handle, stat.size, signal);
  } catch (error) {
    throw describeFileError(error, path, 'read');
  } finally {
    await handle?.close().catch(() => undefined);
  }
}

/** A system's error as one sentence that names the file; other errors as they are. */
export function describeFileError(error: unknown, path: string, verb: 'read' | 'written'): unknown {
  if (!(error instanceof Error) || !('code' in error) || error.name === 'AbortError') return error;
  switch (error.code) {
    case 'ENOENT':
      return new IsoscopeError(
        'input',
        verb === 'read' ? `${path} does not exist.` : `The folder of ${path} does not exist.`,
        { cause: error },
      );
    case 'ENOTDIR':
      return new IsoscopeError('input', `${path} does not exist: a part of its path is not a folder.`, {
        cause: error,
      });
    case 'EISDIR':
      return new IsoscopeError('input', `${path} is a folder, not a file.`, { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new IsoscopeError('input', `${path} may not be ${verb}: permission denied.`, { cause: error });
    case 'ENOSPC':
      return new IsoscopeError('input', `${path} cannot be written: the disk is full.`, { cause: error });
    default:
      return new IsoscopeError('input', `${path} cannot be ${verb}: ${error.message}.`, { cause: error });
  }
}

async function readWhole(handle: FileHandle, size: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
  // An ArrayBuffer of its own, so that numbers in it can be viewed in place.
  const bytes = new Uint8Array(size);
  let filled = 0;
  while (filled < size) {
    signal?.throwIfAborted();
    const { bytesRead } = await handle.read(bytes, filled, Math.min(PIECE_BYTES, size - filled));
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function gather(
  stream: NodeJS.ReadableStream,
  name: string,
  limitBytes: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  let length = 0;
  const stop = () => {
    (stream as { destroy?: (error: Error) => void }).destroy?.(new DOMException('cancelled', 'AbortError'));
  };
  signal?.throwIfAborted();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for await (const piece of stream) {
      pieces.push(piece as Buffer);
      length += (piece as Buffer).length;
      if (length > limitBytes) throw tooLarge(name, limitBytes);
    }
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  const bytes = new Uint8Array(length);
  let filled = 0;
  for (const piece of pieces) {
    bytes.set(piece, filled);
    filled += piece.length;
  }
  return bytes;
}

function tooLarge(name: string, limitBytes: number): IsoscopeError {
  const limit = limitBytes < 2 ** 30 ? `${Math.round(limitBytes / 1e6)} MB` : `${(limitBytes / 1e9).toFixed(1)} GB`;
  return new IsoscopeError('input', `${name} is larger than ${limit}: split it.`);
}
