import { IsoscopeError } from '../protocol/errors';
import { type DelimitedRecord, guessDelimiter, parseDelimited } from './delimited';
import { readTextPieces, type TextPiece } from './textPieces';
import { isVectorText, parseNumber } from './vectorCell';

/** How a table is laid out, from its first two records. */
export interface TableLayout {
  /** `null` = white space */
  readonly delimiter: string | null;
  /** names of the columns; `null` = the first record is data */
  readonly header: readonly string[] | null;
  /** the first record that is data */
  readonly sample: readonly string[];
}

/** @throws IsoscopeError `input` for a table without records */
export async function readLayout(bytes: Uint8Array, name: string, signal?: AbortSignal): Promise<TableLayout> {
  let delimiter: string | null = ',';
  const records: (readonly string[])[] = [];
  for await (const piece of readTextPieces(bytes, name, { isQuoted: true, signal })) {
    delimiter = delimiterOf(piece.text, name);
    for (const { cells } of splitRecords(piece, delimiter, name)) {
      records.push(cells);
      if (records.length === 2) break;
    }
    break;
  }
  const first = records.at(0);
  if (first === undefined) throw new IsoscopeError('input', `${name} holds no vectors: all its lines are blank.`);
  const second = records.at(1);
  const hasHeader = second !== undefined && isHeader(first, second);
  return {
    delimiter,
    header: hasHeader ? first.map((cell) => cell.trim()) : null,
    sample: hasHeader ? second : first,
  };
}

function delimiterOf(text: string, name: string): string | null {
  if (/\.(tsv|tab)$/i.test(name)) return '\t';
  const delimiter = guessDelimiter(text);
  const firstLine = /^\s*([^\r\n]*)/.exec(text)?.[1] ?? '';
  // Numbers with nothing but blanks between them: numpy.savetxt.
  const isSpaced = !firstLine.includes(delimiter) && /\S[ \t]+\S/.test(firstLine) && !firstLine.includes('"');
  return isSpaced ? null : delimiter;
}

/** Names of columns are words; a pandas frame without names counts them: 0, 1, 2 … */
function isHeader(first: readonly string[], second: readonly string[]): boolean {
  if (first.some((cell) => isVectorText(cell))) return false;
  const named = first.filter((cell) => cell.trim() !== '');
  if (named.some((cell) => parseNumber(cell) === undefined)) return true;
  const counted = first[0].trim() === '' ? first.slice(1) : first;
  const isCounting = counted.length > 1 && counted.every((cell, i) => cell.trim() === String(i + Number(counted[0])));
  return isCounting && second.some((cell) => /[.eE]/.test(cell));
}

/** All records but the header. @throws IsoscopeError `input`; AbortError */
export async function* readRecords(
  bytes: Uint8Array,
  name: string,
  { delimiter, header }: TableLayout,
  signal?: AbortSignal,
): AsyncGenerator<DelimitedRecord> {
  let isFirst = header !== null;
  for await (const piece of readTextPieces(bytes, name, { isQuoted: delimiter !== null, signal })) {
    for (const record of splitRecords(piece, delimiter, name)) {
      if (!isFirst) yield record;
      isFirst = false;
    }
  }
}

function* splitRecords(
  { text, firstLine }: TextPiece,
  delimiter: string | null,
  name: string,
): Generator<DelimitedRecord> {
  if (delimiter !== null) {
    yield* parseDelimited(text, delimiter, name, firstLine);
    return;
  }
  const lines = text.split(/\r\n|\n|\r/);
  for (let i = 0; i < lines.length; i++) {
    const cells = lines[i].trim().split(/\s+/);
    if (cells[0] !== '') yield { cells, line: firstLine + i };
  }
}
