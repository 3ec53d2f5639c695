import { IsoscopeError } from '../protocol/errors';
import { readBytes, STANDARD_INPUT } from './readBytes';
import { findInvalidUtf8 } from './utf8';

/** A JavaScript string holds 2^29 − 24 units; a file of that many bytes is sure to fit. */
export const MAX_TEXT_BYTES = 500_000_000;

/** More control characters than this share mean bytes that only happen to be valid; single ones (even NUL) occur in real text and are kept. */
const BINARY_SHARE = 0.1;

/**
 * Reads a text file, or standard input for `-`: UTF-8 with or without byte order mark, UTF-16 with one. The mark is removed; nothing else is changed.
 * @throws IsoscopeError `input` when it cannot be read, is empty, binary, or not valid in its encoding (naming the line, from 1)
 */
export async function readTextFile(path: string, options: { readonly signal?: AbortSignal } = {}): Promise<string> {
  const name = path === '-' ? STANDARD_INPUT : path;
  return decodeText(await readBytes(path, { ...options, limitBytes: MAX_TEXT_BYTES }), name);
}

/**
 * The text behind the bytes of a file (see `readTextFile`).
 * @param name of the file, for errors
 * @param firstLine number of the first line, where the bytes are a piece of a longer text
 */
export function decodeText(bytes: Uint8Array, name: string, firstLine = 0): string {
  if (bytes.length === 0) throw new IsoscopeError('input', `${name} is empty.`);
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return isUtf16 ? decodeUtf16(bytes, name) : decodeUtf8(bytes, name, firstLine);
}

function decodeUtf8(bytes: Uint8Array, name: string, firstLine: number): string {
  const signature = recogniseBinary(bytes);
  if (signature !== undefined) throw binary(name, `it begins like ${signature}`);
  const invalid = findInvalidUtf8(bytes);
  if (invalid >= 0) {
    // Text in another encoding has no NUL.
    if (bytes.includes(0) || controlShare(bytes) > BINARY_SHARE) throw binary(name);
    throw new IsoscopeError(
      'input',
      `${name}, line ${firstLine + lineAt(bytes, invalid)}: the bytes are not valid UTF-8; save the file as UTF-8.`,
    );
  }
  if (controlShare(bytes) > BINARY_SHARE) throw binary(name);
  return new TextDecoder('utf-8').decode(bytes);
}

function decodeUtf16(bytes: Uint8Array, name: string): string {
  if (bytes.length % 2 === 1) {
    throw new IsoscopeError('input', `${name} is cut short: UTF-16 text has an even number of bytes.`);
  }
  // UTF-32 begins like UTF-16 and is full of NUL units.
  const text = new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes);
  const lone = findReplaced(text, bytes);
  if (lone >= 0) {
    const line = text.slice(0, lone).split(/\r\n|\n|\r/).length;
    throw new IsoscopeError(
      'input',
      `${name}, line ${line}: half of a surrogate pair is no valid UTF-16; save the file as UTF-8.`,
    );
  }
  const controls = text.match(CONTROLS)?.length ?? 0;
  if (controls > BINARY_SHARE * text.length) throw binary(name);
  return text;
}

/** Index of the first unit that the decoder had to replace by U+FFFD, or −1. It replaces unit by unit; the byte order mark is gone from `text`. */
function findReplaced(text: string, bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = text.indexOf('\uFFFD'); i >= 0; i = text.indexOf('\uFFFD', i + 1)) {
    if (view.getUint16(2 * i + 2, bytes[0] === 0xff) !== 0xfffd) return i;
  }
  return -1;
}

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROLS = /[\x00-\x06\x0e-\x1a]/g;

/** Share of bytes that are control characters other than BEL … CR, ESC and the separators, in the first 64 KiB. */
function controlShare(bytes: Uint8Array): number {
  const front = bytes.subarray(0, 65_536);
  let controls = 0;
  for (const byte of front) {
    if (byte < 7 || (byte > 13 && byte < 27)) controls++;
  }
  return controls / front.length;
}

const SIGNATURES: readonly (readonly [string, readonly number[]])[] = [
  ['a NumPy file (use --vectors)', [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]],
  ['a zip archive', [0x50, 0x4b, 3, 4]],
  ['a gzip file', [0x1f, 0x8b]],
  ['a PDF document', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['a PNG picture', [0x89, 0x50, 0x4e, 0x47]],
  ['a Parquet file (name it .parquet)', [0x50, 0x41, 0x52, 0x31]],
];

function recogniseBinary(bytes: Uint8Array): string | undefined {
  return SIGNATURES.find(([, signature]) => signature.every((byte, i) => bytes[i] === byte))?.[0];
}

function binary(name: string, why?: string): IsoscopeError {
  return new IsoscopeError(
    'input',
    `${name} is a binary file${why === undefined ? '' : ` (${why})`}: a text file is needed.`,
  );
}

/** Line (from 1) of the byte at `offset`; lines end at \n, \r\n and \r. */
function lineAt(bytes: Uint8Array, offset: number): number {
  let line = 1;
  for (let i = 0; i < offset; i++) {
    if (bytes[i] === 10 || (bytes[i] === 13 && bytes[i + 1] !== 10)) line++;
  }
  return line;
}
