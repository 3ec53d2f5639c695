import { createHash } from 'node:crypto';
import type { Matrix } from '../linalg/matrix';
import { IsoscopeError } from '../protocol/errors';
import type { Note } from '../protocol/snapshot';
import { openNpyVectors, openNpzVectors, openSafetensorsVectors } from './binaryVectors';
import { openDelimitedVectors } from './delimitedVectors';
import { openJsonLinesVectors } from './jsonLinesVectors';
import { isParquet } from './parquet/parquetFile';
import { openParquetVectors } from './parquet/parquetVectors';
import { readBytes, STANDARD_INPUT } from './readBytes';
import { chooseVectors, type VectorSource } from './vectorSource';

/** Ready vectors, one row per sentence. */
export interface VectorFile {
  /** as a message names the file */
  readonly name: string;
  /** float32 where the file has float32 or shorter numbers, else float64 (texts too: what is written is what is computed with) */
  readonly vectors: Matrix;
  /** of the file's bytes, hexadecimal */
  readonly sha256: string;
  /** a column that was left out … */
  readonly notes: readonly Note[];
}

/**
 * Reads ready vectors: .npy, .npz, .safetensors, Parquet, JSON Lines, CSV or TSV (TensorFlow Projector's too). Told by the first bytes; texts by the name, then by the first character.
 * @param array which array of a .npz, tensor of a .safetensors file, or column (key) of a table; not needed where only one could serve
 * @throws IsoscopeError `input` for a file that cannot be used, has no rows or columns, or holds NaN or an infinity (naming the row or line, from 1);
 * `usage` where a choice is missing or names what is not there, listing what could serve; AbortError
 */
export async function readVectorFile(
  path: string,
  options: { readonly array?: string | undefined; readonly signal?: AbortSignal } = {},
): Promise<VectorFile> {
  const { array, signal } = options;
  const { source, bytes, name } = await openVectorFile(path, signal);
  const { vectors, notes } = await source.read(chooseVectors(source, array, name));
  const { rows, columns } = vectors;
  if (rows === 0 || columns === 0) {
    throw new IsoscopeError('input', `${name} holds no vectors: its shape is (${rows}, ${columns}).`);
  }
  checkFinite(vectors, name);
  return { name, vectors, sha256: createHash('sha256').update(bytes).digest('hex'), notes };
}

/**
 * The arrays, tensors or columns of a file that could serve as vectors: what a user is asked to choose from. None, or one, where there is nothing to choose.
 * @throws IsoscopeError `input`; AbortError
 */
export async function listVectorNames(path: string, signal?: AbortSignal): Promise<readonly string[]> {
  return (await openVectorFile(path, signal)).source.names;
}

async function openVectorFile(path: string, signal: AbortSignal | undefined) {
  const name = path === '-' ? STANDARD_INPUT : path;
  const bytes = await readBytes(path, signal ? { signal } : {});
  return { source: await openSource(bytes, name, signal), bytes, name };
}

function openSource(bytes: Uint8Array, name: string, signal?: AbortSignal): VectorSource | Promise<VectorSource> {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return openNpzVectors(bytes, name);
  if (isParquet(bytes) || /\.(parquet|pq)$/i.test(name)) return openParquetVectors(bytes, name, signal);
  if (/\.safetensors$/i.test(name) || isSafetensors(bytes)) return openSafetensorsVectors(bytes, name);
  const extension = /\.(\w+)$/.exec(name)?.[1].toLowerCase() ?? '';
  if (looksLikeText(bytes) && firstCharacter(bytes) === '<') {
    throw new IsoscopeError('input', `${name} is a web page or XML, not vectors: download the file itself.`);
  }
  if (extension === 'npy' || extension === 'npz' || !looksLikeText(bytes)) return openNpyVectors(bytes, name);
  if (['jsonl', 'ndjson', 'json'].includes(extension)) return openJsonLinesVectors(bytes, name, signal);
  const isJson = !['csv', 'tsv', 'tab'].includes(extension) && ['{', '['].includes(firstCharacter(bytes));
  return isJson ? openJsonLinesVectors(bytes, name, signal) : openDelimitedVectors(bytes, name, signal);
}

/** Eight bytes of length, then a JSON object. */
function isSafetensors(bytes: Uint8Array): boolean {
  return bytes.length > 8 && bytes[6] === 0 && bytes[7] === 0 && bytes[8] === 0x7b;
}

/** Formats of bytes that are not known here get the words that `readNpy` has for them. */
function looksLikeText(bytes: Uint8Array): boolean {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isUtf16) return true;
  const front = bytes.subarray(0, 4096);
  const isPointer = new TextDecoder('latin1').decode(front.subarray(0, 16)) === 'version https://';
  return front.length > 0 && !isPointer && !front.some((byte) => byte < 9 || (byte > 13 && byte < 32));
}

function firstCharacter(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes.subarray(0, 4096)).trimStart().charAt(0);
}

function checkFinite({ data, columns }: Matrix, name: string): void {
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    const what = Number.isNaN(data[i]) ? 'not a number (NaN)' : 'infinite';
    throw new IsoscopeError(
      'input',
      `${name}, row ${Math.floor(i / columns) + 1}: column ${(i % columns) + 1} is ${what}; every number must be finite.`,
    );
  }
}
