import { setImmediate as nextTurn } from 'node:timers/promises';
import { IsoscopeError } from '../protocol/errors';
import { decodeText, MAX_TEXT_BYTES } from './textFile';

/** A part of a text that begins and ends with whole records. */
export interface TextPiece {
  readonly text: string;
  /** number of its first line, from 0 */
  readonly firstLine: number;
}

/** Small enough that a wish to cancel is heard soon, and that its strings do not count beside the numbers. */
const PIECE_BYTES = 2 ** 23;

const QUOTE = 0x22;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * A long text in pieces that end at the end of a record: at a line end outside quotation marks. Nothing of the size of the whole text is made.
 * UTF-8, with or without byte order mark; UTF-16, whose marks are other bytes, comes in one piece.
 * @throws IsoscopeError `input` as `decodeText` (naming the line); AbortError
 */
export async function* readTextPieces(
  bytes: Uint8Array,
  name: string,
  { isQuoted, signal, pieceBytes = PIECE_BYTES }: TextPieceOptions,
): AsyncGenerator<TextPiece> {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  let start = 0;
  let firstLine = 0;
  do {
    signal?.throwIfAborted();
    const end = isUtf16 ? bytes.length : findRecordEnd(bytes, start, pieceBytes, isQuoted);
    if (end - start > MAX_TEXT_BYTES) {
      throw new IsoscopeError('input', `${name}, line ${firstLine + 1}: this line or quoted cell never ends.`);
    }
    const piece = bytes.subarray(start, end);
    yield { text: decodeText(piece, name, firstLine), firstLine };
    firstLine += countLines(piece);
    start = end;
    await nextTurn();
  } while (start < bytes.length);
}

export interface TextPieceOptions {
  /** whether line ends within quotation marks belong to a cell */
  readonly isQuoted: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly pieceBytes?: number;
}

/** Behind the first line end, at least `pieceBytes` after `start`, that has an even number of quotation marks before it. */
function findRecordEnd(bytes: Uint8Array, start: number, pieceBytes: number, isQuoted: boolean): number {
  if (bytes.length - start <= pieceBytes) return bytes.length;
  let isInside = false;
  // Without quotation marks nothing before the piece's length matters.
  for (let i = isQuoted ? start : start + pieceBytes; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE && isQuoted) isInside = !isInside;
    if (isInside || i - start < pieceBytes) continue;
    if (byte === LINE_FEED) return i + 1;
    if (byte === CARRIAGE_RETURN && bytes[i + 1] !== LINE_FEED) return i + 1;
  }
  return bytes.length;
}

function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === LINE_FEED || (bytes[i] === CARRIAGE_RETURN && bytes[i + 1] !== LINE_FEED)) count++;
  }
  return count;
}
