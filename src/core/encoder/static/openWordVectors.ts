import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IsoscopeError } from '../../protocol/errors';
import { createBinaryParser } from './binaryVectors';
import { createTextParser } from './textVectors';
import { MAX_LINE_BYTES, recognizeFormat, type VectorFormat } from './vectorFormat';
import type { VectorParser, VectorSink } from './vectorParser';
import { findVectorSource, readHead, readPieces, type VectorSource } from './vectorSource';
import { removeOldTables, TABLE_EXTENSION } from './oldTables';
import { openVectorTable, type VectorTable } from './vectorTable';
import { createVectorTableWriter, type VectorTableWriter } from './vectorTableWriter';

export interface OpenWordVectorsOptions {
  readonly signal?: AbortSignal | undefined;
  /** bytes of the file read and in all; not called when the table is there already */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** where tables are kept from one process to the next */
  readonly cacheFolder: string;
}

export interface WordVectors {
  readonly table: VectorTable;
  /** false when the cache folder could not be written to: the table goes with this process */
  readonly isKept: boolean;
  close(): Promise<void>;
}

/**
 * Opens a GloVe or word2vec file: from its table in the cache when there is one, else it is read once, in pieces, and its table is made. A table that is torn or altered is
 * made anew. Memory: the vocabulary (some 25 bytes a word), never the vectors.
 * @param isTrusted false to make the table anew whatever the cache holds: a row of it was found altered
 * @throws IsoscopeError `encoder` naming the file and line or word; AbortError
 */
export async function openWordVectors(
  sourcePath: string,
  options: OpenWordVectorsOptions,
  isTrusted = true,
): Promise<WordVectors> {
  const source = await findVectorSource(sourcePath);
  const name = `${createHash('sha256').update(sourcePath).digest('hex').slice(0, 16)}-`;
  const tablePath = path.join(options.cacheFolder, `${name}${source.fingerprint.slice(0, 16)}${TABLE_EXTENSION}`);
  const known = isTrusted ? await tryTable(tablePath, source) : null;
  if (known) return { table: known, isKept: true, close: () => known.close() };

  const format = recognizeFormat(await readHead(source, MAX_LINE_BYTES, options.signal), sourcePath);
  const cacheFolder = await makeFolder(options.cacheFolder);
  if (cacheFolder !== null) {
    await removeOldTables(cacheFolder, name);
    const writer = await tryWriter(tablePath, format, source);
    if (writer !== null) {
      await fill(writer, source, format, options);
      const table = await openVectorTable(tablePath, sourcePath);
      return { table, isKept: true, close: () => table.close() };
    }
  }
  return openTemporary(source, format, options);
}

async function openTemporary(
  source: VectorSource,
  format: VectorFormat,
  options: OpenWordVectorsOptions,
): Promise<WordVectors> {
  const folder = await mkdtemp(path.join(tmpdir(), 'isoscope-vectors-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const tablePath = path.join(folder, 'table.vectors');
    await fill(
      await createVectorTableWriter(tablePath, format.dimension, rowPlace(format, source)),
      source,
      format,
      options,
    );
    const table = await openVectorTable(tablePath, source.path);
    const close = async () => {
      await table.close();
      await remove();
    };
    return { table, isKept: false, close };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** `null` for anything but a whole table of this very file. */
async function tryTable(tablePath: string, source: VectorSource): Promise<VectorTable | null> {
  const table = await openVectorTable(tablePath, source.path).catch(() => null);
  if (table?.file.header.fingerprint === source.fingerprint) {
    // The time of the last use decides which table goes when there are too many.
    await utimes(tablePath, new Date(), new Date()).catch(() => undefined);
    return table;
  }
  await table?.close();
  return null;
}

async function tryWriter(
  tablePath: string,
  format: VectorFormat,
  source: VectorSource,
): Promise<VectorTableWriter | null> {
  return createVectorTableWriter(tablePath, format.dimension, rowPlace(format, source)).catch(() => null);
}

/** Binary rows can be read where they are. */
function rowPlace(format: VectorFormat, source: VectorSource): 'table' | 'source' {
  return format.kind === 'word2vec-binary' && !source.isCompressed ? 'source' : 'table';
}

/** Reads the source into the table, which is whole and closed afterwards or gone. */
async function fill(
  writer: VectorTableWriter,
  source: VectorSource,
  format: VectorFormat,
  { signal, onProgress }: OpenWordVectorsOptions,
): Promise<void> {
  try {
    const hash = createHash('sha256');
    const onBytes = (done: number) => onProgress?.(Math.min(done, source.byteLength), source.byteLength);
    await parse(readPieces(source, { signal, onBytes, hash }), createParser(format, writer, source.path), writer);
    if (writer.count === 0) throw new IsoscopeError('encoder', `${source.path} holds no words.`);
    const { size, mtimeMs } = await stat(source.path);
    if (size !== source.byteLength || mtimeMs !== source.modifiedMs) {
      throw new IsoscopeError(
        'encoder',
        `${source.path} was changed while it was read: try again when it is complete.`,
      );
    }
    await writer.finish(source.fingerprint, hash.digest('hex'));
  } finally {
    await writer.abandon();
  }
}

function createParser(format: VectorFormat, sink: VectorSink, sourcePath: string): VectorParser {
  switch (format.kind) {
    case 'glove':
      return createTextParser({ ...format, count: null }, sink, sourcePath);
    case 'word2vec-text':
      return createTextParser(format, sink, sourcePath);
    case 'word2vec-binary':
      return createBinaryParser(format, sink, sourcePath);
  }
}

async function parse(pieces: AsyncIterable<Buffer>, parser: VectorParser, writer: VectorTableWriter): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    rest = bytes.subarray(parser.take(bytes, false));
    await writer.flush();
  }
  parser.take(rest, true);
}

/** `null` when there can be none. */
async function makeFolder(folder: string): Promise<string | null> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return folder;
  } catch {
    return null;
  }
}
