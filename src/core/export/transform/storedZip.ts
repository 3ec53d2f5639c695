import { crc32 } from 'node:zlib';
import { IsoscopeError } from '../../protocol/errors';

/** A file of an archive. */
export interface ZipFile {
  readonly path: string;
  readonly parts: readonly Uint8Array[];
}

const LOCAL_SIGNATURE = 0x04034b50;
const DIRECTORY_SIGNATURE = 0x02014b50;
const END_SIGNATURE = 0x06054b50;
/** "2.0 needed": what NumPy's own archives say. */
const VERSION = 20;
/** 1980-01-01, the first day that zip knows: equal content gives equal bytes. */
const DATE = 0x21;
const MOST_BYTES = 0xffffffff;

/**
 * The parts of a zip archive whose files are stored, not packed, as `numpy.savez` writes them. Without zip64: for less than 4 GB.
 * @throws IsoscopeError `usage` for more
 */
export function storedZip(files: readonly ZipFile[]): Uint8Array[] {
  const archive: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { path, parts } of files) {
    const name = new TextEncoder().encode(path);
    const byteLength = parts.reduce((sum, part) => sum + part.length, 0);
    const crc = parts.reduce((sum, part) => crc32(part, sum), 0);
    const common = [0, 0, DATE, crc, byteLength, byteLength, name.length, 0];
    const local = record([4, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2], [LOCAL_SIGNATURE, VERSION, 0, ...common]);
    directory.push(
      record(
        [4, 2, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2, 2, 2, 2, 4, 4],
        [DIRECTORY_SIGNATURE, VERSION, VERSION, 0, ...common, 0, 0, 0, 0, offset],
      ),
      name,
    );
    archive.push(local, name, ...parts);
    offset += local.length + name.length + byteLength;
    if (offset > MOST_BYTES) throw new IsoscopeError('usage', 'The archive would exceed 4 GB: keep fewer dimensions.');
  }
  const directoryBytes = directory.reduce((sum, part) => sum + part.length, 0);
  const end = record(
    [4, 2, 2, 2, 2, 4, 4, 2],
    [END_SIGNATURE, 0, 0, files.length, files.length, directoryBytes, offset, 0],
  );
  return [...archive, ...directory, end];
}

/** Little-endian numbers of 2 or 4 bytes. */
function record(sizes: readonly number[], values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  sizes.forEach((size, i) => {
    if (size === 2) view.setUint16(at, values[i], true);
    else view.setUint32(at, values[i], true);
    at += size;
  });
  return bytes;
}
