import { type FloatArray, type Matrix } from '../linalg/matrix';
import { IsoscopeError } from '../protocol/errors';
import { widenFloat16 } from './float16';
import { parsePythonLiteral, type PythonLiteral } from './pythonLiteral';

/** A matrix from a .npy file: row-major, float32 (from float16 and float32) or float64. */
export interface NpyArray extends Matrix {
  /** [rows, columns] */
  readonly shape: readonly [number, number];
}

/** Where the numbers of a .npy file lie and how they are written. */
export interface NpyHeader {
  readonly type: NpyType;
  readonly littleEndian: boolean;
  readonly fortranOrder: boolean;
  readonly rows: number;
  readonly columns: number;
  /** of the first number */
  readonly dataOffset: number;
  readonly dataByteLength: number;
}

export type NpyType = 'float16' | 'float32' | 'float64';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const ITEM_BYTES: Readonly<Record<NpyType, number>> = { float16: 2, float32: 4, float64: 8 };
/** A header of a plain matrix has about 80 bytes. NumPy itself refuses more than 10,000 unless told. */
const MAX_HEADER_BYTES = 10_000;
/** Bytes that hold the whole header of any file that is accepted. */
export const NPY_HEADER_BYTES = MAX_HEADER_BYTES + 12;

/**
 * Reads a matrix from the bytes of a .npy file, versions 1 to 3 (NEP 1): float16, float32 or float64, either byte order, C or Fortran order, 2-D.
 * float16 becomes float32, exactly. NaN and infinities are read as they stand.
 * Needs no memory beyond the bytes and one copy of the matrix (none where the file's layout is ours: then the result shares the bytes' memory).
 * @param name of the file, for errors
 * @throws IsoscopeError `input` for anything else, naming the file and what is wrong with it
 */
export function readNpy(bytes: Uint8Array, name: string): NpyArray {
  const header = readNpyHeader(bytes, name);
  const { rows, columns, dataOffset, dataByteLength } = header;
  const held = bytes.length - dataOffset;
  if (held < dataByteLength) {
    refuse(
      name,
      `is cut short: ${rows} × ${columns} numbers of ${header.type} need ${dataByteLength} bytes and ${held} are there`,
    );
  }
  if (held > dataByteLength) {
    refuse(name, `goes on for ${held - dataByteLength} bytes after its ${rows} × ${columns} matrix`);
  }
  const numbers = readNumbers(bytes.subarray(dataOffset), header);
  const data = header.fortranOrder ? transposed(numbers, columns, rows) : numbers;
  return { data, rows, columns, shape: [rows, columns] };
}

/**
 * Reads and checks what stands before the numbers. Needs the first `NPY_HEADER_BYTES` bytes of the file at most; does not look at the length of the rest.
 * @throws IsoscopeError `input`
 */
export function readNpyHeader(bytes: Uint8Array, name: string): NpyHeader {
  if (bytes.length === 0) refuse(name, 'is empty');
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) refuse(name, `is not a NumPy .npy file${guessFormat(bytes)}`);
  const version = bytes[6];
  const lengthBytes = version === 1 ? 2 : 4;
  if (bytes.length < 8 + lengthBytes) refuse(name, 'is cut short within its header');
  if (version < 1 || version > 3) {
    refuse(name, `is a .npy file of version ${version}.${bytes[7]}; versions 1 to 3 can be read`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (headerLength > MAX_HEADER_BYTES) {
    refuse(
      name,
      `has a header of ${headerLength} bytes, where a matrix needs about 80: it holds a record type or is damaged`,
    );
  }
  const dataOffset = 8 + lengthBytes + headerLength;
  if (bytes.length < dataOffset) refuse(name, 'is cut short within its header');
  // Versions 1 and 2 are Latin-1, version 3 UTF-8; they differ in field names only, which a matrix does not have.
  const text = new TextDecoder('latin1').decode(bytes.subarray(8 + lengthBytes, dataOffset));
  const { descr, fortranOrder, shape } = parseHeader(text, name);
  const { type, littleEndian } = parseType(descr, name);
  const [rows, columns] = parseShape(shape, name);
  const dataByteLength = rows * columns * ITEM_BYTES[type];
  return { type, littleEndian, fortranOrder, rows, columns, dataOffset, dataByteLength };
}

/**
 * The bytes of a .npy file (version 1, little-endian, C order), the same as `numpy.save` writes.
 * @param matrix float32 or float64, shape [rows, columns]
 */
export function writeNpy(matrix: Matrix): Uint8Array {
  const [header, numbers] = npyParts(matrix);
  const bytes = new Uint8Array(header.length + numbers.length);
  bytes.set(header);
  bytes.set(numbers, header.length);
  return bytes;
}

/** The same in two parts, header and numbers, so that a large matrix need not be copied: the second shares the matrix' memory. */
export function npyParts({ data, rows, columns }: Matrix): [header: Uint8Array, numbers: Uint8Array] {
  const type = data instanceof Float32Array ? '<f4' : '<f8';
  let text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  // NumPy leaves room for the row count to grow to 21 digits in place, then pads to a multiple of 64 with a closing line feed.
  text += ' '.repeat(Math.max(0, 21 - String(rows).length));
  text += ' '.repeat(63 - ((10 + text.length) % 64)) + '\n';
  const header = new Uint8Array(10 + text.length);
  header.set([...MAGIC, 1, 0, text.length & 0xff, text.length >> 8]);
  for (let i = 0; i < text.length; i++) header[10 + i] = text.charCodeAt(i);
  return [header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
}

function refuse(name: string, problem: string): never {
  throw new IsoscopeError('input', `${name} ${problem}.`);
}

/** What the file may be instead, for a first word of help. */
function guessFormat(bytes: Uint8Array): string {
  const starts = (...signature: readonly number[]) => signature.every((byte, i) => bytes[i] === byte);
  if (starts(0x50, 0x4b, 3, 4)) return ': it looks like a .npz (zip) archive, so name it .npz';
  if (starts(0x80) && bytes[1] >= 2 && bytes[1] <= 5) {
    return ': it looks like a Python pickle, which can run code and is never loaded; save it with numpy.save';
  }
  if (starts(0x1f, 0x8b)) return ': it looks gzip-compressed';
  if (starts(0x89, 0x48, 0x44, 0x46)) return ': it looks like HDF5';
  if (starts(0x76, 0x65, 0x72, 0x73, 0x69, 0x6f, 0x6e, 0x20))
    return ': it looks like a Git LFS pointer, so fetch the real file';
  return '';
}

function parseHeader(
  text: string,
  name: string,
): { descr: PythonLiteral; fortranOrder: boolean; shape: PythonLiteral } {
  let literal: PythonLiteral;
  try {
    literal = parsePythonLiteral(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    refuse(name, `has a damaged header (${error.message})`);
  }
  if (!(literal instanceof Map)) refuse(name, 'has a damaged header');
  const entries = literal as ReadonlyMap<string, PythonLiteral>;
  const descr = entries.get('descr');
  const fortranOrder = entries.get('fortran_order');
  const shape = entries.get('shape');
  if (descr === undefined || typeof fortranOrder !== 'boolean' || shape === undefined || entries.size !== 3) {
    refuse(name, "has a damaged header: 'descr', 'fortran_order' and 'shape' are needed");
  }
  return { descr, fortranOrder, shape };
}

const KINDS: Readonly<Record<string, string>> = {
  b: 'booleans',
  '?': 'booleans',
  i: 'integers',
  u: 'unsigned integers',
  c: 'complex numbers',
  S: 'byte strings',
  a: 'byte strings',
  U: 'text',
  V: 'raw records',
  m: 'durations',
  M: 'dates',
};

function parseType(descr: PythonLiteral, name: string): { type: NpyType; littleEndian: boolean } {
  if (typeof descr !== 'string') refuse(name, 'holds records with fields; save one field as a float32 matrix');
  const [, order = '', type = '', kind = ''] = /^([<>=|]?)(([a-zA-Z?])\d*)$/.exec(descr) ?? [];
  const littleEndian = order !== '>';
  switch (type) {
    case 'f2':
      return { type: 'float16', littleEndian };
    case 'f4':
      return { type: 'float32', littleEndian };
    case 'f8':
      return { type: 'float64', littleEndian };
    case 'O':
      return refuse(
        name,
        'holds pickled Python objects, which can run code and are never loaded; save a float32 matrix instead',
      );
  }
  const what = kind in KINDS ? `${KINDS[kind]} ('${descr}')` : `numbers of type '${descr.slice(0, 40)}'`;
  refuse(name, `holds ${what}; float16, float32 or float64 is needed (in NumPy: x.astype('float32'))`);
}

function parseShape(shape: PythonLiteral, name: string): readonly [number, number] {
  const isTuple = Array.isArray(shape) && shape.every((n) => typeof n === 'number' || typeof n === 'bigint');
  if (!isTuple) refuse(name, 'has a damaged header: its shape is not a tuple of integers');
  const sizes = shape as readonly (number | bigint)[];
  const text = `(${sizes
    .map((n) => String(n).slice(0, 40))
    .join(', ')
    .slice(0, 120)})`;
  if (sizes.some((n) => n < 0)) refuse(name, `claims a negative shape, ${text}`);
  if (sizes.length !== 2) {
    const dimensions =
      sizes.length === 0 ? 'a single number' : `${sizes.length} dimension${sizes.length === 1 ? '' : 's'}`;
    refuse(name, `holds ${dimensions}, shape ${text}; a matrix with one row per sentence is needed`);
  }
  const [rows, columns] = sizes;
  if (typeof rows !== 'number' || typeof columns !== 'number' || !Number.isSafeInteger(rows * columns * 8)) {
    refuse(name, `claims an absurd shape, ${text}`);
  }
  return [rows, columns];
}

function readNumbers(bytes: Uint8Array, { type, littleEndian }: NpyHeader): FloatArray {
  const itemBytes = ITEM_BYTES[type];
  // A typed array needs its own alignment, and the numbers need the machine's byte order (every platform of ours is little-endian).
  const isOurs = littleEndian && bytes.byteOffset % itemBytes === 0;
  const own = isOurs ? bytes : new Uint8Array(bytes);
  if (!littleEndian) swapBytes(own, itemBytes);
  const length = own.byteLength / itemBytes;
  switch (type) {
    case 'float16':
      return widenFloat16(new Uint16Array(own.buffer, own.byteOffset, length));
    case 'float32':
      return new Float32Array(own.buffer, own.byteOffset, length);
    case 'float64':
      return new Float64Array(own.buffer, own.byteOffset, length);
  }
}

/** In place, so on a copy of the caller's bytes. */
function swapBytes(bytes: Uint8Array, itemBytes: number): void {
  for (let start = 0; start < bytes.length; start += itemBytes) {
    for (let low = start, high = start + itemBytes - 1; low < high; low++, high--) {
      const byte = bytes[low];
      bytes[low] = bytes[high];
      bytes[high] = byte;
    }
  }
}

/** [rows, columns] → [columns, rows], in tiles that stay in the processor's cache. */
function transposed(data: FloatArray, rows: number, columns: number): FloatArray {
  const out = data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length);
  const tile = 32;
  for (let top = 0; top < rows; top += tile) {
    const bottom = Math.min(top + tile, rows);
    for (let left = 0; left < columns; left += tile) {
      const right = Math.min(left + tile, columns);
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) out[column * rows + row] = data[row * columns + column];
      }
    }
  }
  return out;
}
