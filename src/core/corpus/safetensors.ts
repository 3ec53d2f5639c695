import { IsoscopeError } from '../protocol/errors';

/** Number types of the format, with the bytes of one item. */
const ITEM_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const;

export type SafetensorsType = keyof typeof ITEM_BYTES;

/** Where a tensor lies in its file. */
export interface SafetensorsEntry {
  readonly dtype: SafetensorsType;
  readonly shape: readonly number[];
  /** of its first byte, from the beginning of the file */
  readonly offset: number;
  readonly byteLength: number;
}

export interface SafetensorsTensor {
  readonly dtype: SafetensorsType;
  readonly shape: readonly number[];
  /** row-major, little-endian; shares the memory of the file's bytes */
  readonly bytes: Uint8Array;
}

const LENGTH_BYTES = 8;
/** 100,000 tensors; the largest language models have some thousands. The reference's limit, 100 MB, would take a gigabyte to parse. */
const MAX_HEADER_BYTES = 10_000_000;

/**
 * The tensors of a .safetensors file by name, in the file's order (https://github.com/huggingface/safetensors, "Format"). No number is copied: see `safetensorsNumbers.ts`.
 * @param name of the file, for errors
 * @throws IsoscopeError `input` that names the file and what is wrong with it
 */
export function readSafetensors(bytes: Uint8Array, name: string): ReadonlyMap<string, SafetensorsTensor> {
  const headerLength = safetensorsHeaderLength(bytes, name);
  const entries = readSafetensorsHeader(bytes.subarray(0, headerLength), bytes.length, name);
  return new Map(
    [...entries].map(([key, { dtype, shape, offset, byteLength }]) => [
      key,
      { dtype, shape, bytes: bytes.subarray(offset, offset + byteLength) },
    ]),
  );
}

/**
 * How many bytes from the file's beginning `readSafetensorsHeader` needs.
 * @param head eight bytes or more
 * @throws IsoscopeError `input` when that is no .safetensors file
 */
export function safetensorsHeaderLength(head: Uint8Array, name: string): number {
  if (head.length === 0) refuse(name, 'is empty');
  const foreign = guessFormat(head);
  if (foreign !== undefined) refuse(name, `is not a .safetensors file: it looks like ${foreign}`);
  if (head.length <= LENGTH_BYTES) refuse(name, 'is not a .safetensors file: it is cut short within its header');
  const length = new DataView(head.buffer, head.byteOffset, head.byteLength).getBigUint64(0, true);
  if (head[LENGTH_BYTES] !== 0x7b) refuse(name, 'is not a .safetensors file: its header is not a JSON object');
  if (length > MAX_HEADER_BYTES) {
    refuse(name, `claims a header of ${length} bytes, where ${MAX_HEADER_BYTES} are the limit: it is damaged`);
  }
  return LENGTH_BYTES + Number(length);
}

/**
 * Reads and checks what stands before the numbers: types, shapes, and that the tensors fill the rest of the file without gap or overlap.
 * @param head the first `safetensorsHeaderLength` bytes
 * @param fileByteLength of the whole file
 * @throws IsoscopeError `input`
 */
export function readSafetensorsHeader(
  head: Uint8Array,
  fileByteLength: number,
  name: string,
): ReadonlyMap<string, SafetensorsEntry> {
  const headerLength = safetensorsHeaderLength(head, name);
  if (head.length < headerLength) refuse(name, 'is cut short within its header');
  const entries = new Map<string, SafetensorsEntry>();
  for (const [key, value] of Object.entries(parseHeader(head.subarray(LENGTH_BYTES, headerLength), name))) {
    if (key !== '__metadata__') entries.set(key, readEntry(value, headerLength, `${name}: tensor "${shorten(key)}"`));
  }
  checkLayout(entries, headerLength, fileByteLength, name);
  return entries;
}

function parseHeader(bytes: Uint8Array, name: string): object {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new IsoscopeError('input', `${name} has a damaged header: it is not JSON.`, { cause });
  }
  if (typeof json !== 'object' || json === null) refuse(name, 'has a damaged header: it is not a JSON object');
  return json;
}

function readEntry(value: unknown, headerLength: number, label: string): SafetensorsEntry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Partial<Record<string, unknown>>;
  if (typeof dtype !== 'string' || !Array.isArray(shape) || !Array.isArray(offsets)) {
    refuse(label, 'is not described by dtype, shape and data_offsets');
  }
  if (!Object.hasOwn(ITEM_BYTES, dtype)) refuse(label, `has the unknown number type "${shorten(dtype)}"`);
  if (!shape.every(isCount)) refuse(label, 'has a shape that is not a list of whole numbers');
  if (offsets.length !== 2 || !offsets.every(isCount)) refuse(label, 'has no valid pair of offsets');
  const [begin, end] = offsets;
  const type = dtype as SafetensorsType;
  const byteLength = shape.reduce((product, size) => product * size, ITEM_BYTES[type]);
  if (end - begin !== byteLength) {
    refuse(
      label,
      `spans ${end - begin} bytes, where its shape (${shorten(shape.join(', '))}) of ${type} needs ${byteLength}`,
    );
  }
  return { dtype: type, shape, offset: headerLength + begin, byteLength };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The format wants the tensors to fill the file: whatever else is found there is a sign of damage. */
function checkLayout(
  entries: ReadonlyMap<string, SafetensorsEntry>,
  headerLength: number,
  fileByteLength: number,
  name: string,
): void {
  const byOffset = [...entries].sort(([, a], [, b]) => a.offset - b.offset || a.byteLength - b.byteLength);
  let end = headerLength;
  for (const [key, { offset, byteLength }] of byOffset) {
    const label = `tensor "${shorten(key)}"`;
    if (offset < end) refuse(name, `is damaged: ${label} overlaps another`);
    if (offset > end) refuse(name, `is damaged: ${offset - end} bytes before ${label} belong to no tensor`);
    end = offset + byteLength;
    if (end > fileByteLength) {
      refuse(name, `is cut short: ${label} ends at byte ${end} and the file has ${fileByteLength}`);
    }
  }
  if (end < fileByteLength) refuse(name, `goes on for ${fileByteLength - end} bytes after its last tensor`);
}

/** What the file may be instead, for a first word of help. */
function guessFormat(head: Uint8Array): string | undefined {
  const text = new TextDecoder('latin1').decode(head.subarray(0, 64)).trimStart();
  if (text.startsWith('version https://git-lfs')) return 'a Git LFS pointer, so fetch the real file ("git lfs pull")';
  if (/^(<!doctype html|<html|<\?xml)/i.test(text)) return 'a web page that was saved under that name';
  if (text.startsWith('PK\u0003\u0004')) return 'a zip archive, such as a PyTorch checkpoint or a .npz file';
  if (text.startsWith('\u001f\u008b')) return 'a gzip file: unpack it';
  if (text.startsWith('\u0093NUMPY')) return 'a NumPy .npy file';
  return undefined;
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function refuse(name: string, problem: string): never {
  throw new IsoscopeError('input', `${name} ${problem}.`);
}
