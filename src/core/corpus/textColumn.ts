import { IsoscopeError } from '../protocol/errors';
import { findParquetColumn, readParquetCells } from './parquet/parquetCells';
import { isParquet, listColumns, openParquet } from './parquet/parquetFile';
import { guessDelimiter, parseDelimited } from './delimited';
import { isBlank, type TextSentences } from './sentences';
import { decodeText } from './textFile';

/**
 * The sentences in one column of a table file: Parquet by its first bytes, else a text as `readTextColumn` reads it.
 * @param column may be left out for a Parquet file with one column of texts
 * @throws IsoscopeError as `readTextColumn`; `usage` listing the columns of texts when none is named and there are several; AbortError
 */
export async function readTableColumn(
  bytes: Uint8Array,
  column: string | undefined,
  name: string,
  signal?: AbortSignal,
): Promise<TextSentences> {
  if (isParquet(bytes)) return readParquetColumn(bytes, column, name, signal);
  if (column === undefined) throw new IsoscopeError('usage', `${name} is a table: choose a column with --text-column.`);
  return readTextColumn(decodeText(bytes, name), column, name);
}

/** Lines are the numbers of the rows, from 0. */
async function readParquetColumn(
  bytes: Uint8Array,
  wanted: string | undefined,
  name: string,
  signal?: AbortSignal,
): Promise<TextSentences> {
  const file = openParquet(bytes, name);
  const texts = file.columns.filter(({ kind, maxRepetition }) => kind === 'text' && maxRepetition === 0);
  if (wanted === undefined && texts.length !== 1) {
    throw new IsoscopeError(
      'usage',
      texts.length === 0
        ? `${name} has no column of texts; its columns are ${listColumns(file.columns)}.`
        : `${name} has several columns of texts: choose one with --text-column (${listColumns(texts)}).`,
    );
  }
  const column = wanted === undefined ? texts[0] : findParquetColumn(file, wanted);
  const sentences: string[] = [];
  const lines: number[] = [];
  let row = 0;
  for await (const cell of readParquetCells(file, column, signal)) {
    const text = cell === null ? '' : String(cell);
    if (!isBlank(text)) {
      sentences.push(text);
      lines.push(row);
    }
    row++;
  }
  return { sentences, lines: Uint32Array.from(lines), lineCount: row };
}

/**
 * The sentences in one column of a table: CSV (comma, semicolon or tab, guessed from the first line), TSV, or JSON Lines, told by the file's name, else by
 * its first character. Cells without a non-white character are no sentences; the others stand as they are, line ends in them included.
 * @param column a name: then the first record of a CSV or TSV is its header; or a number from 1: then every record counts. In JSON Lines the key of an
 * object or the number of an array's element
 * @param name of the file, for errors
 * @throws IsoscopeError `input` naming the line (from 1); `usage` when there is no such column
 */
export function readTextColumn(text: string, column: string, name: string): TextSentences {
  const sentences: string[] = [];
  const lines: number[] = [];
  let cellCount = 0;
  for (const { cell, line } of readCells(text, column, name)) {
    cellCount++;
    if (isBlank(cell)) continue;
    sentences.push(cell);
    lines.push(line);
  }
  return { sentences, lines: Uint32Array.from(lines), lineCount: cellCount };
}

interface Cell {
  readonly cell: string;
  readonly line: number;
}

function readCells(text: string, column: string, name: string): Iterable<Cell> {
  const extension = /\.([a-z]+)$/i.exec(name)?.[1].toLowerCase();
  switch (extension) {
    case 'csv':
      return delimitedCells(text, guessDelimiter(text), column, name);
    case 'tsv':
    case 'tab':
      return delimitedCells(text, '\t', column, name);
    case 'jsonl':
    case 'ndjson':
      return jsonCells(text, column, name);
    case 'parquet':
      throw new IsoscopeError('input', `${name} is no Parquet file, whatever its name says: it begins like a text.`);
    case 'json':
      throw new IsoscopeError(
        'input',
        `${name} is one JSON document: save it as JSON Lines (.jsonl), an object in each line.`,
      );
    default:
      return /^\s*\{/.test(text)
        ? jsonCells(text, column, name)
        : delimitedCells(text, guessDelimiter(text), column, name);
  }
}

function* delimitedCells(text: string, delimiter: string, column: string, name: string): Iterable<Cell> {
  let index = isNumber(column) ? Number(column) - 1 : -1;
  for (const { cells, line } of parseDelimited(text, delimiter, name)) {
    if (index < 0) {
      index = findColumn(cells, column, name);
      continue;
    }
    if (index >= cells.length) {
      const count = cells.length === 1 ? 'is 1 column' : `are ${cells.length} columns`;
      throw new IsoscopeError('input', `${name}, line ${line + 1}: there ${count}, and number ${index + 1} is needed.`);
    }
    yield { cell: cells[index], line };
  }
}

function findColumn(header: readonly string[], column: string, name: string): number {
  const names = header.map((cell) => cell.trim());
  const index = names.indexOf(column.trim());
  if (index < 0) {
    throw new IsoscopeError(
      'usage',
      `${name} has no column "${column}"; its first line names ${names.map((cell) => `"${cell}"`).join(', ')}.`,
    );
  }
  if (names.includes(column.trim(), index + 1)) {
    throw new IsoscopeError('usage', `${name} has several columns "${column}": choose one by its number, from 1.`);
  }
  return index;
}

function* jsonCells(text: string, column: string, name: string): Iterable<Cell> {
  const rows = text.split(/\r\n|\n|\r/);
  for (let line = 0; line < rows.length; line++) {
    if (isBlank(rows[line])) continue;
    const value = columnOf(parseJson(rows[line], `${name}, line ${line + 1}`), column, `${name}, line ${line + 1}`);
    yield { cell: value, line };
  }
}

function parseJson(row: string, where: string): unknown {
  try {
    return JSON.parse(row);
  } catch {
    throw new IsoscopeError('input', `${where}: this is no JSON.`);
  }
}

function columnOf(record: unknown, column: string, where: string): string {
  if (typeof record !== 'object' || record === null) {
    throw new IsoscopeError('input', `${where}: an object with a key "${column}" is needed.`);
  }
  const key = Array.isArray(record) && isNumber(column) ? String(Number(column) - 1) : column;
  const value = Object.hasOwn(record, key) ? (record as Record<string, unknown>)[key] : undefined;
  if (value === null) return '';
  if (typeof value === 'string') return value;
  throw new IsoscopeError(
    'input',
    value === undefined ? `${where}: there is no "${column}".` : `${where}: "${column}" is no text.`,
  );
}

function isNumber(column: string): boolean {
  return /^[1-9]\d{0,5}$/.test(column);
}
