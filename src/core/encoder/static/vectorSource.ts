import { createHash, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { failureMessage, IsoscopeError } from '../../protocol/errors';

/** A file of word vectors, gzip-compressed or not. */
export interface VectorSource {
  readonly path: string;
  readonly byteLength: number;
  readonly modifiedMs: number;
  readonly isCompressed: boolean;
  /** of path, size, time of change, first and last bytes: equal means that the file need not be read again */
  readonly fingerprint: string;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** bytes of the file (as it lies on disk) that were read */
  readonly onBytes?: ((done: number) => void) | undefined;
  /** receives the file's bytes as they lie on disk */
  readonly hash?: Hash | undefined;
}

/** What is read at once: some 5 ms of work. */
const PIECE_BYTES = 2 ** 20;
const FINGERPRINT_BYTES = 2 ** 16;

/** Numbers as text shrink to a third, equal numbers to a hundredth; beyond that a file was made to fill memory. Small files may repeat themselves. */
const LARGEST_RATIO = 100;
const ALWAYS_ALLOWED_BYTES = 2 ** 26;

/** @throws IsoscopeError `encoder` when the file is missing or cannot be read */
export async function findVectorSource(path: string): Promise<VectorSource> {
  return withFile(path, async (file) => {
    const { size, mtimeMs } = await file.stat();
    const head = await readAt(file, 0, Math.min(size, FINGERPRINT_BYTES));
    const tail = await readAt(file, Math.max(0, size - FINGERPRINT_BYTES), Math.min(size, FINGERPRINT_BYTES));
    const name = JSON.stringify([path, size, mtimeMs]);
    return {
      path,
      byteLength: size,
      modifiedMs: mtimeMs,
      isCompressed: head[0] === 0x1f && head[1] === 0x8b,
      fingerprint: createHash('sha256').update(name).update(head).update(tail).digest('hex'),
    };
  });
}

/** The first bytes, unpacked: `length` of them, or fewer where the file has no more. @throws IsoscopeError `encoder` */
export async function readHead(source: VectorSource, length: number, signal?: AbortSignal): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let held = 0;
  for await (const piece of readPieces(source, { signal })) {
    pieces.push(piece);
    held += piece.length;
    if (held >= length) break;
  }
  return Buffer.concat(pieces).subarray(0, length);
}

/**
 * The file's bytes, unpacked, in pieces of about a megabyte.
 * @throws IsoscopeError `encoder` for a damaged gzip stream, or one that unpacks to a hundred times its size; AbortError
 */
export async function* readPieces(source: VectorSource, options: ReadOptions = {}): AsyncGenerator<Buffer> {
  if (!source.isCompressed) {
    yield* readRaw(source.path, options);
    return;
  }
  const limit = Math.max(ALWAYS_ALLOWED_BYTES, source.byteLength * LARGEST_RATIO);
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  // Its failures come out of `gunzip`, below.
  const flow = pipeline(Readable.from(readRaw(source.path, options)), gunzip).catch(() => undefined);
  let unpacked = 0;
  try {
    for await (const piece of gunzip) {
      unpacked += (piece as Buffer).length;
      if (unpacked > limit) {
        throw new IsoscopeError(
          'encoder',
          `${source.path} unpacks to more than ${Math.round(limit / 1e6)} MB, which word vectors never do: it is damaged or made to fill memory.`,
        );
      }
      yield piece as Buffer;
    }
  } catch (error) {
    throw describeReadError(error, source.path);
  } finally {
    gunzip.destroy();
    await flow;
  }
}

async function* readRaw(path: string, { signal, onBytes, hash }: ReadOptions): AsyncGenerator<Buffer> {
  const file = await openFile(path);
  try {
    for (let done = 0; ;) {
      signal?.throwIfAborted();
      // Memory of its own: zlib works on a piece while the next one is read.
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES, done);
      if (bytesRead === 0) return;
      const piece = buffer.subarray(0, bytesRead);
      done += bytesRead;
      hash?.update(piece);
      onBytes?.(done);
      yield piece;
    }
  } finally {
    await file.close();
  }
}

/** `length` bytes, or those that are there. */
export async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.from(new ArrayBuffer(length));
  let filled = 0;
  while (filled < length) {
    // One call moves at most 2 GiB.
    const { bytesRead } = await file.read(bytes, filled, Math.min(2 ** 30, length - filled), position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await openFile(path);
  try {
    return await use(file);
  } catch (error) {
    throw describeReadError(error, path);
  } finally {
    await file.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    throw describeReadError(error, path);
  }
}

function describeReadError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (error instanceof IsoscopeError || (error instanceof Error && error.name === 'AbortError')) return error;
  if (code === 'Z_BUF_ERROR') {
    return new IsoscopeError('encoder', `${path} is cut short: its gzip stream has no end. Download it again.`, {
      cause: error,
    });
  }
  const problem =
    code === 'ENOENT'
      ? 'does not exist'
      : code.startsWith('Z_')
        ? `is damaged (${failureMessage(error)}): download it again`
        : `cannot be read (${failureMessage(error)})`;
  return new IsoscopeError('encoder', `${path} ${problem}.`, { cause: error });
}
